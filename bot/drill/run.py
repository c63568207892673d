"""One drill from beginning to end: engine, deliveries and escalation run as always, the people are invented."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select

from bot.domain.cases import CaseStatus, EventKind
from bot.domain.drills import CHANNEL
from bot.domain.numbers import CALL_CENTRE, first_numbers
from bot.drill.card import Outcome, scorecard
from bot.drill.citizens import Citizens
from bot.drill.officers import Officers
from bot.drill.plan import plan
from bot.drill.scenario import Scenario, ScenarioError
from bot.drill.schedule import Schedule
from bot.drill.town import Place
from bot.drill.watcher import Watcher
from bot.engine import Engine
from bot.services.delivery import Transport, deliver_next
from bot.services.escalation import sweep
from bot.storage.inbox import WAITING
from bot.storage.tables import CaseEventRow, CaseRow, ConversationRow, InboxRow, OutboxRow

log = structlog.get_logger()
DELIVERY_THREADS = 3  # as many as the worker has
SWEEP_EVERY = 0.5  # the same
SENDERS = 4
TAPS = 4  # officers who act at the same moment
TAIL_SPEED = 20.0  # of a copy's clock once all is answered: what is left is waiting for people
LOOK_EVERY = 0.05


@dataclass(frozen=True)
class Options:
    """What was asked for. `rate` = messages per real second; `limit` = real seconds after which it is given up."""

    messages: int
    seed: int
    rate: float
    speed: float = 1.0
    limit: float = 1200.0
    page_people: bool = False


def drill(
    place: Place, scenario: Scenario, options: Options, *, run: str = "", transport: Transport | None = None
) -> dict[str, Any]:
    """Run it and return the scorecard. `transport` stands in for the officers' telephones, as tests need it."""
    return _Drill(place, scenario, options, run or new_run(), transport).result()


def new_run() -> str:
    """A name for one run."""
    return secrets.token_hex(4)


class _Drill:
    """One run."""

    def __init__(
        self, place: Place, scenario: Scenario, options: Options, run: str, transport: Transport | None
    ) -> None:
        self.place, self.scenario, self.options, self.run = place, scenario, options, run
        self.ports, self.clock = place.town.ports, place.clock
        self.ports.knowledge.refresh()
        self.schedule = Schedule(self.clock, SENDERS)
        self.people = Schedule(self.clock, TAPS)  # of their own: officers do not wait for citizens to finish writing
        self.engine = Engine(self.ports)
        self.citizens = Citizens(self.ports, self.engine, self.schedule, run, page_people=options.page_people)
        self.officers = Officers(self.ports, self.people, scenario.shared["officer"], options.seed, run)
        if not place.own:
            self.officers.stand_in()
        self.watcher = Watcher(self.ports, self.citizens.prefix, self.citizens.read)
        self.transports: dict[str, Transport] = {CHANNEL: transport or self.officers}
        self.stopped = threading.Event()

    def result(self) -> dict[str, Any]:
        """Everything, in order."""
        self.ports.understander.understand("Merhaba", None)  # the encoder loads now, not under the first message
        span = self.options.messages / self.options.rate * self.options.speed
        talks = plan(self.scenario, self.options.messages, self.options.seed, span, self._positions())
        by_key = {self.citizens.key(talk): talk for talk in talks}
        threads = self._start()
        began = time.monotonic()
        self.clock.run_at(self.options.speed)
        self.citizens.begin(talks, self.clock() + timedelta(seconds=0.2))
        finished = self._wait_for_the_end(began + self.options.limit)
        self.stopped.set()
        self.schedule.stop()
        self.people.stop()
        self.engine.stop()
        for thread in threads:
            thread.join(timeout=5)
        self.watcher.stop()
        card = scorecard(
            Outcome(
                scenario=self.scenario.name,
                run=self.run,
                seed=self.options.seed,
                planned=self.options.messages,
                rate=self.options.rate,
                speed=self.options.speed,
                talks=by_key,
                sent=self.citizens.sent,
                pages=self.officers.pages,
                seen=self.watcher.seen,
                finished=finished,
                took=time.monotonic() - began,
            ),
            self.place,
            self._emergency(),
        )
        if not self.place.own:
            self._leave_nothing_open()
        return card

    # --- the town at work --------------------------------------------------------------------------------
    def _start(self) -> list[threading.Thread]:
        jobs: list[tuple[str, Callable[[], bool], float]] = [
            (f"drill-deliver-{number}", lambda: deliver_next(self.ports, self.transports), 0.2)
            for number in range(DELIVERY_THREADS)
        ]
        if self.place.own:  # elsewhere the installation's own worker escalates, and real messages are none of ours
            jobs.append(("drill-escalate", lambda: sweep(self.ports) > 0, SWEEP_EVERY))
            self.engine.start()
        threads = [threading.Thread(target=self._repeat, args=job[1:], daemon=True, name=job[0]) for job in jobs]
        for thread in threads:
            thread.start()
        self.watcher.start()
        self.schedule.start()
        self.people.start()
        return threads

    def _repeat(self, job: Callable[[], bool], every: float) -> None:
        while not self.stopped.is_set():
            try:
                if job():
                    continue
            except Exception:
                log.exception("drill_job_failed")
            self.stopped.wait(every)

    def _wait_for_the_end(self, until: float) -> bool:
        """Whether everything had come to rest by then. In a copy, hours in which nothing happens are leapt over."""
        hurried = False
        while time.monotonic() < until:
            time.sleep(LOOK_EVERY)
            if self.schedule.busy() or self.people.busy() or self._in_flight():
                continue
            due, next_step = self._next_due(), self._next_step()
            if due is None and next_step is None:
                return True
            if not self.place.own:
                continue
            if not hurried and next_step is None:
                self.clock.run_at(max(TAIL_SPEED, self.options.speed))
                hurried = True
            soonest = min(moment for moment in (due, next_step) if moment is not None)
            self.clock.leap_to(soonest - timedelta(seconds=0.05))
        return False

    def _next_step(self) -> datetime | None:
        moments = (self.schedule.next(), self.people.next())
        return min((moment for moment in moments if moment is not None), default=None)

    def _in_flight(self) -> int:
        """Messages not answered and pages not delivered; what waits for another try is woken."""
        mine = InboxRow.conversation_key.startswith(self.citizens.prefix)
        pages = OutboxRow.channel == CHANNEL
        with self.ports.database.read() as uow:
            waiting = set(
                uow.session.scalars(select(InboxRow.conversation_key).where(mine, InboxRow.state.in_(WAITING)))
            )
            undelivered = uow.session.scalar(select(func.count()).where(pages, OutboxRow.state == "new")) or 0
        if not self.place.own:
            for key in waiting:
                self.engine.remind(key)
        return len(waiting) + undelivered

    def _next_due(self) -> datetime | None:
        """When the next case of this drill moves on that nobody has and no coordinator knows of."""
        alarmed = select(CaseEventRow.case_id).where(CaseEventRow.kind == EventKind.COORDINATORS_ALARMED)
        query = (
            select(func.min(CaseRow.due_at))
            .join(ConversationRow, ConversationRow.id == CaseRow.conversation_id)
            .where(ConversationRow.key.startswith(self.citizens.prefix), CaseRow.status == CaseStatus.OPEN)
            .where(CaseRow.id.not_in(alarmed))
        )
        with self.ports.database.read() as uow:
            return uow.session.scalar(query)

    def _leave_nothing_open(self) -> None:
        """An installation goes on after a drill: no clock of it may run any more."""
        with self.ports.database.write() as uow:
            mine = select(CaseRow).join(ConversationRow, ConversationRow.id == CaseRow.conversation_id)
            mine = mine.where(ConversationRow.key.startswith(self.citizens.prefix))
            now = self.clock()
            for case in uow.session.scalars(mine.where(CaseRow.status != CaseStatus.CLOSED)):
                case.status, case.closed_at, case.outcome, case.due_at = CaseStatus.CLOSED, now, "false_alarm", None
                uow.cases.record(case.id, EventKind.CLOSED, "drill", {"outcome": "false_alarm"}, now)
                conversation = uow.conversations.get(case.conversation_id)
                conversation.mode, conversation.case_id, conversation.pending = "bot", None, None

    # --- what came of it ------------------------------------------------------------------------------------
    def _positions(self) -> dict[str, tuple[float, float]]:
        found = {}
        for spot in self.scenario.places:
            mention = self.ports.understander.gazetteer.locate("", spot.name, None, self.scenario.country)
            if mention is None or mention.place.lat is None or mention.place.lon is None:
                raise ScenarioError(f"The place '{spot.name}' is not in the gazetteer.")
            found[spot.name] = (mention.place.lat, mention.place.lon)
        return found

    def _emergency(self) -> dict[str, frozenset[str]]:
        directory, taxonomy = self.ports.knowledge.directory, self.ports.knowledge.taxonomy
        lines = {
            label: [
                *first_numbers(directory, taxonomy, label, self.scenario.country),
                *first_numbers(directory, taxonomy, label, None),
            ]
            for label in (*taxonomy.crisis, *taxonomy.topics)
        }
        return {
            label: frozenset(line.number for line in some if line.service != CALL_CENTRE)
            for label, some in lines.items()
        }
