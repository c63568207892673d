"""What people do with an incident: take its waiting cases, put cases in and out, merge two, close it."""

from __future__ import annotations

from datetime import datetime

from bot.domain.cases import CaseError, CaseStatus, EventKind
from bot.services import cases
from bot.services.alerts import alert_desk
from bot.services.grouping import join, leave, was_paged
from bot.services.ports import Ports
from bot.storage.tables import CaseRow
from bot.storage.tables_cases import IncidentRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork

AT_ONCE = 25  # cases per commit: citizens who write meanwhile must not wait
# Somebody may read along over their shoulder, or they think of ending their life: no words meant for many.
ALWAYS_ALONE = frozenset({"suicide_self_harm"})


def accept_waiting(ports: Ports, incident_id: int, desk_id: str, staff_id: int, now: datetime) -> int:
    """Accept every case of an incident that waits at a desk, each for itself. Returns how many.

    Cases that somebody else takes meanwhile are theirs.
    """
    with ports.database.read() as uow:
        waiting = [case.id for case in uow.incidents.cases(incident_id, (CaseStatus.OPEN,), desk_id)]
    taken = 0
    for start in range(0, len(waiting), AT_ONCE):
        with ports.database.write() as uow:
            staff = uow.staff.get(staff_id)
            now_mine = [
                found
                for case_id in waiting[start : start + AT_ONCE]
                if (found := _take(uow, ports, case_id, staff, now))
            ]
        for case in now_mine:
            ports.wakeup.notify(f"conversation:{case.conversation_id}")
        ports.wakeup.notify("outbox")
        taken += len(now_mine)
    return taken


def _take(uow: UnitOfWork, ports: Ports, case_id: int, staff: StaffRow, now: datetime) -> CaseRow | None:
    try:
        return cases.accept(uow, ports, case_id, staff, now)
    except CaseError:
        return None  # a colleague, or its end, was faster


def take_out(uow: UnitOfWork, ports: Ports, incident_id: int, case_id: int, staff: StaffRow, now: datetime) -> None:
    """A case was grouped wrongly. If only others' pages spoke for it, its desk is paged now. Raises CaseError."""
    case = uow.cases.get(case_id)
    uow.session.refresh(case, with_for_update=True)
    if case.incident_id != incident_id:
        raise CaseError("not_in_incident")
    leave(uow, case, f"staff:{staff.id}", {"name": staff.name}, now)
    if case.status == CaseStatus.OPEN and not was_paged(uow, case):
        times = sum(event.kind == EventKind.JOINED_INCIDENT for event in uow.cases.events(case.id))
        alert_desk(uow, ports, case, case.desk_id, now, again=f"alone:{times}")


def put_in(uow: UnitOfWork, ports: Ports, incident_id: int, case_id: int, staff: StaffRow, now: datetime) -> None:
    """A case belongs to an incident though the rules did not see it. Raises CaseError, LookupError."""
    incident, case = _open(uow, incident_id), uow.cases.get(case_id)
    uow.session.refresh(case, with_for_update=True)
    if case.incident_id == incident.id:
        return  # a double click: already done
    if case.status == CaseStatus.CLOSED:
        raise CaseError("already_closed")
    if case.label in ALWAYS_ALONE or ports.knowledge.taxonomy.is_discreet(case.label):
        raise CaseError("case_stays_alone")
    if (case.drill, case.demo) != (incident.drill, _is_demo(uow, incident)):
        raise CaseError("drill_or_demo")
    if case.incident_id is not None:
        leave(uow, case, f"staff:{staff.id}", {"name": staff.name}, now)
    join(uow, case, incident, f"staff:{staff.id}", {"name": staff.name}, now)


def merge(uow: UnitOfWork, incident_id: int, other_id: int, staff: StaffRow, now: datetime) -> IncidentRow:
    """Two incidents are one event: the older one keeps all cases and words, the other is closed. Raises CaseError."""
    if incident_id == other_id:
        raise CaseError("same_incident")
    kept, gone = (_open(uow, number) for number in sorted((incident_id, other_id)))
    if (kept.drill, _is_demo(uow, kept)) != (gone.drill, _is_demo(uow, gone)):
        raise CaseError("drill_or_demo")
    for case in uow.incidents.cases(gone.id):
        join(uow, case, kept, f"staff:{staff.id}", {"name": staff.name}, now)
    uow.broadcasts.move(gone.id, kept.id)
    kept.opened_at = min(kept.opened_at, gone.opened_at)
    gone.state, gone.closed_at = "closed", now
    return kept


def close(uow: UnitOfWork, incident_id: int, now: datetime) -> None:
    """Nobody joins any more. Its cases stay as they are, each with its owner and its clock."""
    incident = uow.incidents.get(incident_id)
    if incident.state == "open":
        incident.state, incident.closed_at = "closed", now


def _open(uow: UnitOfWork, incident_id: int) -> IncidentRow:
    """The incident, if it is open. Raises CaseError, LookupError."""
    incident = uow.incidents.get(incident_id)
    if incident.state != "open":
        raise CaseError("incident_closed")
    return incident


def _is_demo(uow: UnitOfWork, incident: IncidentRow) -> bool:
    return any(case.demo for case in uow.incidents.cases(incident.id)[:1])
