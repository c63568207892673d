"""When an owner's shift ends: those on duty are offered the case, and coordinators hear of it if nobody takes it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

import structlog
from sqlalchemy import select

from bot.domain.accounts import Role
from bot.domain.cases import CaseError, CaseStatus, EventKind
from bot.domain.coverage import Plan
from bot.domain.desks import COORDINATION
from bot.domain.routing import why_not
from bot.domain.shift_end import Held, Step, next_step
from bot.domain.shifts import off_since
from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import text
from bot.services.alert_ways import tell
from bot.services.alerts import alert_desk
from bot.services.coverage import plans_of
from bot.services.ports import Ports
from bot.storage.desks import as_value
from bot.storage.tables import CaseEventRow, CaseRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork

log = structlog.get_logger()
_TAKEN = (EventKind.ACCEPTED, EventKind.TAKEN_OVER)
_TOLD = (EventKind.SHIFT_ENDED, EventKind.STAYS)
_OCCASION = "shift:"  # alerts for this reason; what follows is the number of the end of a shift


class _Owners:
    """Who is off duty since when. One look at the plans, for many cases."""

    def __init__(self, uow: UnitOfWork, ports: Ports, cases: list[CaseRow], now: datetime) -> None:
        self._uow, self._ports, self._now = uow, ports, now
        start = min((_taken_at(case) for case in cases), default=now)
        wanted = {case.desk_id for case in cases}
        self._rows = {row.id: row for row in uow.desks.rows() if row.id in wanted}
        self._plans = plans_of(uow, self._rows, uow.desks.members_by_desk(), min(start, now), now, ports.email)

    def is_off(self, case: CaseRow) -> bool:
        """Whether the owner of an accepted case is off duty now."""
        owner = self._owner(case)
        plan = self._plan(case, owner) if owner else None
        return owner is not None and plan is not None and owner.id not in plan.on(self._now)

    def off_since(self, case: CaseRow, since: datetime) -> datetime | None:
        """When the owner went off duty, at the earliest `since`; None while they are on."""
        owner = self._owner(case)
        plan = self._plan(case, owner) if owner else None
        return off_since(plan, owner.id, since, self._now) if owner and plan else None

    def step(self, case: CaseRow, held: Held) -> tuple[Step, datetime]:
        """What is due for a case, and when its owner went off duty."""
        ended = self.off_since(case, held.looked_from)
        if ended is None:
            return Step.NONE, self._now
        on = case.desk_id in self._answering
        return next_step(held, ended, on, self._ports.knowledge.taxonomy, self._now), ended

    def _owner(self, case: CaseRow) -> StaffRow | None:
        return self._uow.staff.get(case.owner_id) if case.owner_id else None

    def _plan(self, case: CaseRow, owner: StaffRow) -> Plan | None:
        """The plan that says whether they are on duty; None for who always is."""
        row, plan = self._rows.get(case.desk_id), self._plans.get(case.desk_id)
        if row is None or plan is None:
            return None
        if not owner.active:  # who may no longer sign in has no shifts, whatever is planned
            return Plan(plan.desk, frozenset(), frozenset())
        if owner.role == Role.COORDINATOR:
            return None
        if owner.id in plan.members:
            return plan
        # Whoever took a case of another desk has no shifts there: only being away counts.
        away = tuple(self._uow.duty.absences(_taken_at(case), self._now, owner.id))
        return Plan(as_value(row), frozenset({owner.id}), frozenset(), absences=away)

    @cached_property
    def _answering(self) -> set[str]:
        """The desks at which an alert would find somebody now."""
        desks = self._uow.desks.all(self._now, telegram=self._ports.telegram, email=self._ports.email)
        return {desk.id for desk in desks.values() if why_not(desk, self._now, Severity.LIFE) is None}


def _taken_at(case: CaseRow) -> datetime:
    return case.accepted_at or case.opened_at


def shift_ends(ports: Ports) -> int:
    """Look after every accepted case whose owner is off duty, each in a commit of its own; how many moved."""
    now = ports.clock()
    with ports.database.read() as uow:
        cases = list(uow.session.scalars(select(CaseRow).where(CaseRow.status == CaseStatus.ACCEPTED)))
        owners = _Owners(uow, ports, cases, now)
        off = [case for case in cases if owners.is_off(case)]
        due = [case.id for case in off if owners.step(case, _held(case, uow.cases.events(case.id)))[0] != Step.NONE]
    return sum(_look_after(ports, case_id, now) for case_id in due)


def _look_after(ports: Ports, case_id: int, now: datetime) -> bool:
    try:
        with ports.database.write() as uow:
            case = uow.session.get(CaseRow, case_id, with_for_update=True, populate_existing=True)
            if case is None or case.status != CaseStatus.ACCEPTED:
                return False  # closed or handed on meanwhile
            events = uow.cases.events(case_id)
            # Decided anew, now that the case is locked.
            step, ended = _Owners(uow, ports, [case], now).step(case, _held(case, events))
            if step is Step.OFFER:
                _offer(uow, ports, case, ended, now)
            elif step is Step.ALARM:
                _alarm(uow, ports, case, events, now)
    except Exception:
        log.exception("shift_end_broke", case=case_id)
        return False
    ports.wakeup.notify("outbox")
    return step is not Step.NONE


def _offer(uow: UnitOfWork, ports: Ports, case: CaseRow, ended: datetime, now: datetime) -> None:
    """Those on duty hear that the case waits for them, and its owner that they do. The owner stays the owner."""
    assert case.owner_id is not None
    owner = uow.staff.get(case.owner_id)
    data = {"name": owner.name, "until": ended.isoformat()}
    uow.cases.record(case.id, EventKind.SHIFT_ENDED, "worker", data, now)
    times = sum(event.kind == EventKind.SHIFT_ENDED for event in uow.cases.events(case.id))
    alert_desk(uow, ports, case, case.desk_id, now, again=f"{_OCCASION}{times}")
    link = f"{ports.console_url}/cases/{case.id}"
    sentence = text("alert.your_shift_ended", owner.language, case=case.id, link=link)
    tell(uow, ports, owner, case, sentence, f"shift_ended:{case.id}:{times}:{owner.id}", now)


def _alarm(uow: UnitOfWork, ports: Ports, case: CaseRow, events: list[CaseEventRow], now: datetime) -> None:
    times = sum(event.kind == EventKind.SHIFT_ENDED for event in events)
    alert_desk(uow, ports, case, COORDINATION, now, again=f"{_OCCASION}{times}:alarm")
    log.error("shift_ended_and_nobody_took_over", case=case.id)


def stay(uow: UnitOfWork, ports: Ports, case_id: int, staff: StaffRow, now: datetime) -> CaseRow:
    """Its owner goes on after their shift: no further offer before their next one ends. Raises CaseError."""
    case = uow.session.get(CaseRow, case_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise LookupError(f"no case {case_id}")
    if case.status == CaseStatus.CLOSED:
        raise CaseError("already_closed")
    if case.status != CaseStatus.ACCEPTED or case.owner_id is None:
        raise CaseError("accept_first")
    if case.owner_id != staff.id:
        raise CaseError("already_accepted", name=uow.staff.get(case.owner_id).name)
    if may_stay(uow, ports, case, now):  # a double click says it once
        uow.cases.record(case.id, EventKind.STAYS, f"staff:{staff.id}", {"name": staff.name}, now)
    return case


def may_stay(uow: UnitOfWork, ports: Ports, case: CaseRow, now: datetime) -> bool:
    """Whether its owner is off duty and has not said since their last shift that they go on with it."""
    if case.status != CaseStatus.ACCEPTED or case.owner_id is None:
        return False
    owners, held = _Owners(uow, ports, [case], now), _held(case, uow.cases.events(case.id))
    ended = owners.off_since(case, held.looked_from)
    return ended is not None and not (held.stays and held.settled_at is not None and ended <= held.settled_at)


def _held(case: CaseRow, events: Iterable[CaseEventRow]) -> Held:
    """What the events since its owner took it say."""
    settled: CaseEventRow | None = None
    alarmed = False
    for event in events:
        if event.kind in _TAKEN:
            settled, alarmed = None, False
        elif event.kind in _TOLD:
            settled, alarmed = event, False
        elif event.kind == EventKind.ALERTED and event.data.get("desk") == COORDINATION:
            alarmed = alarmed or str(event.data.get("again", "")).startswith(_OCCASION)
    return Held(
        Severity(case.severity),
        case.accepted_at or case.opened_at,
        case.replied_at,
        case.snoozed_until,
        settled.at if settled else None,
        stays=settled is not None and settled.kind == EventKind.STAYS,
        alarmed=alarmed,
    )
