"""The watchman: finds what the sweep should have moved, and chains of events that somebody has touched."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bot.domain.cases import CaseState, CaseStatus, EventKind, state_of
from bot.services.ports import Ports
from bot.storage.tables import CaseRow
from bot.storage.unit_of_work import UnitOfWork

log = structlog.get_logger()
STALLED_AFTER = timedelta(seconds=60)  # the sweep comes twice a second
LOOK_BACK = timedelta(minutes=15)


def watch(ports: Ports) -> list[str]:
    """One round. Stalled cases are made due again, so that the sweep takes them; returns what was found."""
    now = ports.clock()
    with ports.database.read() as uow:
        stalled = [case.id for case in uow.cases.stalled(now - STALLED_AFTER)]
        recent = uow.cases.with_events_since(now - LOOK_BACK)
        touched = [case_id for case_id in recent if uow.cases.broken_at(case_id)]
        differing = [case_id for case_id in recent if _differs(uow, uow.cases.get(case_id))]
    found = [f"stalled:{case_id}" for case_id in stalled if _restart(ports, case_id, now)]
    for case_id in touched:
        log.error("events_tampered", case=case_id)
        found.append(f"tampered:{case_id}")
    for case_id in differing:
        log.error("case_differs_from_its_events", case=case_id)
        found.append(f"differs:{case_id}")
    return found


def _differs(uow: UnitOfWork, case: CaseRow) -> bool:
    """Whether a case's row says something else than its events."""
    derived = state_of((event.kind, event.actor, event.data) for event in uow.cases.events(case.id))
    stored = CaseState(case.status, case.owner_id, case.desk_id, case.label, case.severity, case.outcome)
    return derived != stored


def _restart(ports: Ports, case_id: int, now: datetime) -> bool:
    """Make a stalled case due now. Whether it still was stalled."""
    with ports.database.write() as uow:
        case = uow.cases.get(case_id)
        uow.session.refresh(case, with_for_update=True)
        if not _is_stalled(uow, case, now):
            return False
        log.error("escalation_stalled", case=case_id, due=str(case.due_at))
        case.due_at = now
        uow.cases.record(case.id, EventKind.STALLED, "worker", {}, now)
        return True


def _is_stalled(uow: UnitOfWork, case: CaseRow, now: datetime) -> bool:
    if case.status != CaseStatus.OPEN:
        return False
    newest = uow.cases.events(case.id)[-1]
    if newest.kind == EventKind.STALLED and now - newest.at < STALLED_AFTER:
        return False  # said a moment ago: the sweep is broken, saying it again would not help
    return case.due_at is None or now - case.due_at > STALLED_AFTER
