"""The simulated officers: a page reaches them, and some take the case, some at the same moment, some never."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from bot.domain.accounts import Role
from bot.domain.alerting import read_key
from bot.domain.cases import CaseError, CaseStatus
from bot.drill.schedule import Schedule
from bot.services import cases
from bot.services.incidents import accept_waiting
from bot.services.ports import Ports
from bot.storage.tables import OutboxRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork

REACTS_IN = (5.0, 40.0)  # seconds from the page to the tap on accept
WRITES_IN = (5.0, 30.0)  # seconds from there to the first words
CLOSES_IN = (60.0, 180.0)
DESK_ASLEEP = 0.12  # of the cases: nobody at that desk reacts, so the case must move on
WRITES_LATE = 0.04  # of the owners: only after they were paged again for their silence
TWO_AT_ONCE = 0.15
CLOSES = 0.3
LOOKS_AGAIN = 15.0  # seconds until whoever works on an incident looks for more of its cases
LOOKS = 4  # in a row without finding any; then they leave it until they are paged again


@dataclass
class Pages:
    """What was handed to the officers' telephones. The real moments, by `time.monotonic`."""

    handed: list[tuple[int, int, float]] = field(default_factory=list)  # outbox row, case, when
    accepted: dict[int, float] = field(default_factory=dict)  # case → when somebody first had it
    told_somebody_has_it: int = 0  # of two who tap at once, one learns of the other


class Officers:
    """A transport of the outbox; what it is handed makes people act."""

    def __init__(self, ports: Ports, schedule: Schedule, words: Mapping[str, tuple[str, ...]], seed: int, run: str):
        self.pages = Pages()
        self._ports, self._schedule, self._words = ports, schedule, words
        self._seed, self._run = seed, run
        self._stand_ins: dict[int, int] | None = None
        self._lock = threading.Lock()

    def deliver(self, row: OutboxRow, ports: Ports, now: datetime) -> None:
        """The port of a transport: handed over, therefore arrived."""
        with self._lock:
            self.pages.handed.append((row.id, row.case_id or 0, time.monotonic()))
        if row.case_id is None:
            return
        if row.dedup_key.startswith("wrote:"):
            self._owner_reads(row.case_id, row.id, now)
        elif row.dedup_key.startswith("alert:"):
            self._paged(row, row.case_id, now)

    def stand_in(self) -> None:
        """In a real installation nobody real is named as having taken a case: inactive drill officers do it."""
        self._stand_ins = {}

    def _paged(self, row: OutboxRow, case_id: int, now: datetime) -> None:
        page = read_key(row.dedup_key)
        if page is None:
            return
        desk_id, again = page.desk_id, page.again
        with self._ports.database.read() as uow:
            people = [page.staff_id] if page.staff_id else [one.id for one in uow.desks.members(desk_id)]
        chance = random.Random(f"{self._seed}:{case_id}:{desk_id}:{again}:{row.address}")
        asleep = random.Random(f"{self._seed}:{case_id}:{desk_id}").random() < DESK_ASLEEP
        if not people or (asleep and not again.startswith("silent")):
            return
        at = now + timedelta(seconds=chance.uniform(*REACTS_IN))
        self._schedule.at(at, lambda: self._take(case_id, people[0]))
        if len(people) > 1 or chance.random() < TWO_AT_ONCE:
            self._schedule.at(at, lambda: self._take(case_id, self._colleague(people, desk_id)))

    def _owner_reads(self, case_id: int, row_id: int, now: datetime) -> None:
        """The citizen has written again: the owner answers, as a rule without being paged for it."""
        chance = random.Random(f"{self._seed}:{case_id}:{row_id}")
        with self._ports.database.read() as uow:
            owner = uow.cases.get(case_id).owner_id
        if owner is not None and chance.random() >= WRITES_LATE:
            at = now + timedelta(seconds=chance.uniform(*WRITES_IN))
            self._schedule.at(at, lambda: self._write(case_id, owner, chance))

    def _colleague(self, people: list[int], desk_id: str) -> int:
        with self._ports.database.read() as uow:
            others = [one.id for one in uow.desks.members(desk_id) if one.id != people[0]]
        return others[0] if others else people[0]

    def _take(self, case_id: int, person: int) -> None:
        ports = self._ports
        now = ports.clock()
        with ports.database.write() as uow:
            case, staff = uow.cases.get(case_id), self._who(uow, person, now)
            if case.status == CaseStatus.ACCEPTED and case.owner_id == staff.id:
                written, new = case.due_at is None, False
            else:
                try:
                    cases.accept(uow, ports, case_id, staff, now)
                except CaseError:
                    with self._lock:
                        self.pages.told_somebody_has_it += 1
                    return
                written, new = False, True
        with self._lock:
            self.pages.accepted.setdefault(case_id, time.monotonic())
        ports.wakeup.notify("outbox")
        chance = random.Random(f"{self._seed}:{case_id}:{person}:writes")
        late = new and chance.random() < WRITES_LATE
        if not written and not late:
            at = now + timedelta(seconds=chance.uniform(*WRITES_IN))
            self._schedule.at(at, lambda: self._write(case_id, staff.id, chance))
        if new and case.incident_id is not None:
            self._go_on_with(case.incident_id, case.desk_id, staff.id, LOOKS)

    def _go_on_with(self, incident_id: int, desk_id: str, person: int, looks: int) -> None:
        """Who has one case of an incident takes the others that wait, and looks again: more people report it."""

        def look() -> None:
            with self._ports.database.read() as uow:
                mine = {case.id for case in uow.incidents.cases(incident_id, (CaseStatus.ACCEPTED,), desk_id)}
            taken = accept_waiting(self._ports, incident_id, desk_id, person, self._ports.clock())
            now, at = self._ports.clock(), time.monotonic()
            with self._ports.database.read() as uow:
                cases_now = uow.incidents.cases(incident_id, (CaseStatus.ACCEPTED,), desk_id)
            for case in cases_now:
                if case.id not in mine and case.owner_id == person:
                    chance = random.Random(f"{self._seed}:{case.id}:{person}:writes")
                    with self._lock:
                        self.pages.accepted.setdefault(case.id, at)
                    write = partial(self._write, case.id, person, chance)
                    self._schedule.at(now + timedelta(seconds=chance.uniform(*WRITES_IN)), write)
            left = LOOKS if taken else looks - 1
            if left:
                self._go_on_with(incident_id, desk_id, person, left)

        self._schedule.at(self._ports.clock() + timedelta(seconds=LOOKS_AGAIN), look)

    def _write(self, case_id: int, person: int, chance: random.Random) -> None:
        ports = self._ports
        now = ports.clock()
        with ports.database.write() as uow:
            case, staff = uow.cases.get(case_id), uow.staff.get(person)
            words = chance.choice(self._words.get(case.language, self._words["en"]))
            try:
                cases.reply_to_citizen(uow, case_id, staff, words, now)
            except CaseError:
                return  # a colleague has it now
        ports.wakeup.notify("outbox")
        if chance.random() < CLOSES:
            at = now + timedelta(seconds=chance.uniform(*CLOSES_IN))
            self._schedule.at(at, lambda: self._close(case_id, person))

    def _close(self, case_id: int, person: int) -> None:
        with self._ports.database.write() as uow:
            try:
                cases.close(uow, self._ports, case_id, uow.staff.get(person), "helped", self._ports.clock())
            except CaseError:
                return

    def _who(self, uow: UnitOfWork, person: int, now: datetime) -> StaffRow:
        if self._stand_ins is None:
            return uow.staff.get(person)
        if person not in self._stand_ins:
            number = len(self._stand_ins) + 1
            email = f"officer.{number}.{self._run}@drill.invalid"
            row = uow.staff.add(email, f"Drill officer {number}", Role.OFFICER, now, demo=True)
            row.active = False  # cannot sign in, is on no desk, counts nowhere
            uow.session.flush()
            self._stand_ins[person] = row.id
        return uow.staff.get(self._stand_ins[person])
