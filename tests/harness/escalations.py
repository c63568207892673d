"""Many escalations with workers that are killed at random: real worker processes, real clocks, a fake Bot API.

Each case is opened at the consulate in Köln, where nobody reacts; it falls due a moment later, moves on to the embassy
in Berlin, and the two officers there press "accept" at the same moment as soon as either has been paged.
"""

from __future__ import annotations

import random
import re
import statistics
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from bot.app import Town, build
from bot.domain.accounts import Role
from bot.domain.cases import CaseError, EventKind
from bot.domain.places import Location
from bot.domain.taxonomy import Severity
from bot.services import cases
from bot.settings import load_settings
from bot.storage.tables import CaseEventRow, CaseRow, OutboxRow
from tests.harness.bot_api import FakeBotApi
from tests.harness.processes import Installation

FIRST, NEXT = "de-koln-bk", "de-berlin-be"
WORKERS = 3
DUE_AFTER = timedelta(seconds=2)  # instead of the 15 minutes of an urgent case
LABEL = "passport_lost_travel"  # a kind that never joins an incident: each case is paged for itself
QUIET = 75.0  # seconds: the lease of the last row that a dead worker held is 60


@dataclass
class Outcome:
    """Counts of cases and pages; latencies in seconds."""

    cases: int
    kills: int
    lost: int  # never escalated, or without an owner at the end
    two_owners: int
    escalated_twice: int  # more than once to the same desk
    repeated_pages: int
    alert_p50: float  # from storing a case to Telegram having its page
    alert_p95: float
    late_p50: float  # from a case's due time to its escalation
    late_p95: float
    late_max: float
    broken_chains: int

    def to_dict(self) -> dict[str, float]:
        """Plain values."""
        return asdict(self)


class Duty:
    """The people at the desks: in Berlin they accept at once, both at the same time."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._pool = ThreadPoolExecutor(4)
        self.accepted: Counter[int] = Counter()
        self.chats = ("9001", "9002")
        self._lock = threading.Lock()
        with town.ports.database.write() as uow:
            for desk, kind in ((FIRST, "consulate"), (NEXT, "embassy")):
                uow.desks.put(desk, kind=kind, name="", timezone="Europe/Berlin")
            self.officers = [self._officer(uow, number, NEXT) for number in (1, 2)]
            self._officer(uow, 3, FIRST)

    def _officer(self, uow: object, number: int, desk: str) -> int:
        row = uow.staff.add(f"o{number}@town.test", f"Officer {number}", Role.OFFICER, self._town.ports.clock())  # type: ignore[attr-defined]
        row.telegram_chat = str(9000 + number)
        uow.desks.assign(desk, row.id)  # type: ignore[attr-defined]
        return int(row.id)

    def paged(self, case_id: int) -> None:
        """Both press at once."""
        for officer in self.officers:
            self._pool.submit(self._accept, case_id, officer)

    def _accept(self, case_id: int, officer: int) -> None:
        ports = self._town.ports
        with suppress(CaseError), ports.database.write() as uow:
            before = uow.cases.get(case_id).owner_id
            cases.accept(uow, ports, case_id, uow.staff.get(officer), ports.clock())
            with self._lock:
                self.accepted[case_id] += before is None


def open_one(town: Town, number: int) -> int:
    """A case in Köln that falls due in a moment."""
    now = town.ports.clock()
    with town.ports.database.write() as uow:
        conversation = uow.conversations.create(f"console:{number}", "console", str(number), "tr", now)
        conversation.location = Location("DE", "Köln", 50.94, 6.96, "07").to_dict()
        opened = cases.open_case(uow, town.ports, conversation, LABEL, Severity.URGENT, now)
        assert opened.case.desk_id == FIRST, opened.case.desk_id
        opened.case.due_at = now + DUE_AFTER
        case_id = opened.case.id
    town.ports.wakeup.notify("outbox")
    return case_id


def run(folder: Path, count: int, kills: int, per_second: float, seed: int = 1) -> Outcome:
    """Open `count` cases at a steady rate while `kills` workers die; returns what became of them."""
    dice, chosen = random.Random(seed), []
    with FakeBotApi() as fake:
        installation = Installation(folder, fake.url)
        town = build(load_settings(installation.environment))
        try:
            duty = Duty(town)
            names = [f"worker-{number}" for number in range(WORKERS)]
            for name in names:
                installation.start("worker", name)
            assert fake.wait_until(lambda: fake.called("setWebhook"), 60)
            watching = threading.Event()
            threading.Thread(target=_pages, args=(fake, duty, watching), daemon=True).start()
            at = sorted(dice.uniform(0.02, 0.98) * count for _ in range(kills))
            began = time.monotonic()
            for number in range(count):
                chosen.append(open_one(town, number))
                while at and at[0] <= number:
                    at.pop(0)
                    name = dice.choice(names)
                    time.sleep(dice.uniform(0, 0.05))
                    installation.kill(name)
                    installation.start("worker", name)
                time.sleep(max(0.0, began + (number + 1) / per_second - time.monotonic()))
            _until_quiet(town, count)
            watching.set()
            return _outcome(town, fake, duty, kills)
        finally:
            installation.close()
            town.close()


def _pages(fake: FakeBotApi, duty: Duty, stopped: threading.Event) -> None:
    """Officers look at their phones ten times a second."""
    read, seen = 0, set()
    while not stopped.wait(0.1):
        calls = fake.calls[read:]
        read += len(calls)
        for call in calls:
            link = re.search(r"/cases/(\d+)", str(call.params.get("text", "")))
            if call.method == "sendMessage" and link and str(call.params["chat_id"]) in duty.chats:
                case_id = int(link[1])
                if case_id not in seen:
                    duty.paged(case_id)
                seen.add(case_id)


def _until_quiet(town: Town, count: int) -> None:
    until = time.monotonic() + QUIET
    while time.monotonic() < until:
        with town.ports.database.read() as uow:
            owned = uow.cases.count(None, ["accepted"])
            waiting = uow.outbox.counts().get("new", 0)
        if owned == count and not waiting:
            return
        time.sleep(0.3)


def _outcome(town: Town, fake: FakeBotApi, duty: Duty, kills: int) -> Outcome:
    with town.ports.database.read() as uow:
        rows = list(uow.session.scalars(select(CaseRow)))
        events: dict[int, list[CaseEventRow]] = {}
        for event in uow.session.scalars(select(CaseEventRow).order_by(CaseEventRow.case_id, CaseEventRow.seq)):
            events.setdefault(event.case_id, []).append(event)
        pages = list(uow.session.scalars(select(OutboxRow).where(OutboxRow.dedup_key.startswith("alert:"))))
        sent_rows = uow.outbox.counts().get("sent", 0)
        broken = sum(uow.cases.broken_at(row.id) is not None for row in rows)
    moved = {row.id: [e for e in events[row.id] if e.kind == EventKind.MOVED_ON] for row in rows}
    accepted = {row.id: [e for e in events[row.id] if e.kind == EventKind.ACCEPTED] for row in rows}
    late = [(moved[row.id][0].at - row.opened_at - DUE_AFTER).total_seconds() for row in rows if moved[row.id]]
    first = [p for p in pages if p.sent_at and f":{FIRST}:" in p.dedup_key]
    alert = [(page.sent_at - page.created_at).total_seconds() for page in first if page.sent_at]
    arrived = sum(call.ok for call in fake.called("sendMessage"))
    return Outcome(
        cases=len(rows),
        kills=kills,
        lost=sum(not moved[row.id] or row.owner_id is None for row in rows),
        two_owners=sum(len(found) > 1 for found in accepted.values())
        + sum(times > 1 for times in duty.accepted.values()),
        escalated_twice=sum(max(Counter(e.data["desk"] for e in found).values(), default=0) > 1
                            for found in moved.values()),
        repeated_pages=arrived - sent_rows,
        alert_p50=_percentile(alert, 50),
        alert_p95=_percentile(alert, 95),
        late_p50=_percentile(late, 50),
        late_p95=_percentile(late, 95),
        late_max=max(late, default=float("nan")),
        broken_chains=broken,
    )  # fmt: skip


def _percentile(values: list[float], percent: int) -> float:
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 3) if len(values) > 1 else 0.0
