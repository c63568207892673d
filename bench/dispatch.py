"""How soon a person is alerted, and a case that nobody takes moves on, beside a cycle that looks every five seconds.

The real gateway and the real worker, each a process, SQLite, a fake Bot API on loopback. Citizens write over HTTP that
they have lost their passport before a flight; other cases fall due. Nobody reacts, so each of those moves on by itself.
"""

from __future__ import annotations

import math
import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

import httpx
from sqlalchemy import select

from bench.results import Options, Result, median, percentile
from bot.app import Town, build
from bot.channels.web_widget import conversation_key, make_id
from bot.domain.accounts import Role
from bot.domain.cases import EventKind
from bot.settings import load_settings
from bot.storage.tables import CaseEventRow, CaseRow, ConversationRow
from tests.harness.bot_api import FakeBotApi
from tests.harness.escalations import FIRST, NEXT, open_one
from tests.harness.processes import Installation

CYCLE = 5.0  # seconds between the looks of the peer
PER_SECOND = 3.0  # citizens, and as many cases that fall due
TEXT = "Ich bin in Köln, mein Reisepass ist weg und ich fliege morgen!"
ALERT_AIM, LATE_AIM = 1.0, 0.25  # seconds
PATIENCE = 60.0
_CASE = re.compile(r"/cases/(\d+)")


@dataclass
class Events:
    """What one round set off: when each citizen's message was stored, and when each opened case falls due."""

    stored: dict[str, float] = field(default_factory=dict)  # by conversation
    due: dict[int, float] = field(default_factory=dict)  # by case


@dataclass
class Delays:
    """Seconds."""

    alert: list[float]
    recorded: list[float]  # from due to the escalation
    paged: list[float]  # from due to the next desk's page
    cycle_alert: list[float]
    cycle_late: list[float]


def measure(options: Options) -> Sequence[Result]:
    """Both kinds of event at once, at random moments."""
    count, rounds = (12, 1) if options.quick else (40, options.rounds)
    with FakeBotApi() as fake:
        installation = Installation(options.folder / "installation", fake.url)
        town = build(load_settings(installation.environment))
        try:
            people(town)
            installation.start("gateway")
            installation.start("worker")
            installation.wait_until_live()
            if not fake.wait_until(lambda: fake.called("setWebhook"), 60):
                raise RuntimeError("the worker does not start")
            one_round(installation, town, fake, 3, 0)  # both processes load what they need with their first case
            found = [one_round(installation, town, fake, count, turn + 1) for turn in range(rounds)]
        finally:
            installation.close()
            town.close()

    def p95(of: Callable[[Delays], list[float]]) -> float:
        return 1000 * median(percentile(of(delays), 0.95) for delays in found)

    alert, recorded, paged = p95(lambda d: d.alert), p95(lambda d: d.recorded), p95(lambda d: d.paged)
    looks, after_due = p95(lambda d: d.cycle_alert), p95(lambda d: d.cycle_late)
    for what, figure, aim in (("alert p95", alert, ALERT_AIM), ("escalation p95", recorded, LATE_AIM)):
        options.note(f"Dispatch: {what} {figure:.0f} ms, aim {1000 * aim:.0f} ms: {_met(figure, 1000 * aim)}.")
    peer = f"a cycle of {CYCLE:g} s"
    return [
        Result("alert handed over after storage, p95", alert, looks, peer, "ms", "lower", looks / (1000 * ALERT_AIM)),
        Result("escalation after due, p95", recorded, after_due, peer, "ms", "lower", after_due / (1000 * LATE_AIM)),
        Result("next desk's page after due, p95", paged, after_due, peer, "ms", "lower"),
    ]


def _met(figure: float, aim: float) -> str:
    return "met" if figure <= aim else "missed"


def people(town: Town) -> None:
    """An officer in Köln and one in Berlin, who have Telegram and react to nothing."""
    with town.ports.database.write() as uow:
        for number, (desk, kind) in enumerate(((FIRST, "consulate"), (NEXT, "embassy"))):
            uow.desks.put(desk, kind=kind, name="", timezone="Europe/Berlin")
            officer = uow.staff.add(f"o{number}@town.test", f"Officer {number}", Role.OFFICER, town.ports.clock())
            officer.telegram_chat = str(9000 + number)
            uow.desks.assign(desk, officer.id)


def one_round(installation: Installation, town: Town, fake: FakeBotApi, count: int, seed: int) -> Delays:
    """So many citizens write and so many cases fall due; waits until each has been alerted about, and checks that."""
    events, before = Events(), len(fake.calls)
    began = time.monotonic()
    moments = {kind: schedule(count, seed + kind * 1000) for kind in (0, 1)}
    opener = threading.Thread(target=_open, args=(town, events, moments[1], began, seed), daemon=True)
    opener.start()
    with ThreadPoolExecutor(8) as citizens, httpx.Client(trust_env=False, base_url=installation.url) as client:
        written = []
        for moment in moments[0]:
            time.sleep(max(0.0, began + moment - time.monotonic()))
            written.append(citizens.submit(_write, client, events, town.settings.internal_token))
        for future in written:
            future.result()
    opener.join()
    cases = _cases_of(town, events)
    wanted = {(case, FIRST) for case in (*cases, *events.due)} | {(case, NEXT) for case in events.due}
    if not fake.wait_until(lambda: set(pages(fake, before)) >= wanted, PATIENCE):
        raise RuntimeError(f"never paged: {sorted(wanted - set(pages(fake, before)))[:5]}")
    return _delays(town, events, cases, pages(fake, before), began)


def schedule(count: int, seed: int) -> list[float]:
    """Random moments, `PER_SECOND` on average: events in step with a cycle would say nothing."""
    dice = random.Random(seed)
    return sorted(dice.uniform(0, count / PER_SECOND) for _ in range(count))


def waits(moments: Sequence[float], began: float, every: float = CYCLE) -> list[float]:
    """How long each of these would lie until the next look of a cycle."""
    return [every * math.ceil((moment - began) / every) - (moment - began) for moment in moments]


def _write(client: httpx.Client, events: Events, secret: str) -> None:
    """A new citizen; the answer comes when the message is on disk."""
    conversation = make_id(secret, "de")  # asking for so many in a minute is (rightly) refused
    message = {"client_message_id": "m1", "text": TEXT, "language": "de"}
    answer = client.post(f"/chat/v1/conversations/{conversation}/messages", json=message)
    if answer.status_code != 202 or answer.json()["state"] != "stored":
        raise RuntimeError(f"not stored: {answer.text[:200]}")
    events.stored[conversation_key(conversation)] = time.monotonic()


def _open(town: Town, events: Events, moments: list[float], began: float, seed: int) -> None:
    for number, moment in enumerate(moments):
        time.sleep(max(0.0, began + moment - time.monotonic()))
        case = open_one(town, seed * 100_000 + number)
        with town.ports.database.read() as uow:
            row = uow.cases.get(case)
            assert row.due_at is not None
            events.due[case] = row.due_at.timestamp() - time.time() + time.monotonic()


def _cases_of(town: Town, events: Events) -> dict[int, str]:
    """The case that each message led to, as soon as all are there."""
    until = time.monotonic() + PATIENCE
    query = select(CaseRow.id, ConversationRow.key).join(ConversationRow, CaseRow.conversation_id == ConversationRow.id)
    while True:
        with town.ports.database.read() as uow:
            found = {case: key for case, key in uow.session.execute(query) if key in events.stored}
        if len(found) == len(events.stored):
            return found
        if time.monotonic() > until:
            raise RuntimeError(f"{len(events.stored)} cries for help, {len(found)} cases")
        time.sleep(0.1)


def pages(fake: FakeBotApi, since: int) -> dict[tuple[int, str], float]:
    """When each desk's officer first had the page about each case."""
    found: dict[tuple[int, str], float] = {}
    for call in fake.calls[since:]:
        link = _CASE.search(str(call.params.get("text", "")))
        if call.ok and call.method == "sendMessage" and link:
            desk = (FIRST, NEXT)[int(call.params["chat_id"]) - 9000]
            found.setdefault((int(link[1]), desk), call.at)
    return found


def _delays(
    town: Town, events: Events, cases: dict[int, str], paged: dict[tuple[int, str], float], began: float
) -> Delays:
    with town.ports.database.read() as uow:
        query = select(CaseEventRow).where(CaseEventRow.case_id.in_(events.due))
        moved = [event for event in uow.session.scalars(query) if event.kind == EventKind.MOVED_ON]
    if sorted(event.case_id for event in moved) != sorted(events.due):
        raise RuntimeError("not every case moved on exactly once")

    def monotonic(moment: datetime) -> float:
        return moment.timestamp() - time.time() + time.monotonic()

    return Delays(
        alert=[paged[case, FIRST] - events.stored[key] for case, key in cases.items()],
        recorded=[monotonic(event.at) - events.due[event.case_id] for event in moved],
        paged=[paged[case, NEXT] - due for case, due in events.due.items()],
        cycle_alert=waits(list(events.stored.values()), began),
        cycle_late=waits(list(events.due.values()), began),
    )
