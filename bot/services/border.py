"""While it is not clear which of several places a citizen means: every desk that may be responsible hears of it."""

from __future__ import annotations

from datetime import datetime

from bot.domain.cases import EventKind
from bot.domain.routing import Decision
from bot.domain.taxonomy import Severity
from bot.services.alerts import alert_desk
from bot.services.ports import Ports
from bot.storage.tables import CaseRow
from bot.storage.unit_of_work import UnitOfWork

UNCLEAR = "unclear"  # the occasion of the alert to those who may be responsible as well
MOST_AT_ONCE = 3  # desks; the others come in their turn


def may_be_responsible(decision: Decision) -> list[str]:
    """The desks that can answer now and are responsible for one of the places it may be; the likeliest first."""
    return [
        step.candidate.desk_id
        for step in decision.steps
        if step.passed_over is None and step.candidate.why_here.code == "responsible_if"
    ][:MOST_AT_ONCE]


def alert_all(uow: UnitOfWork, ports: Ports, case: CaseRow, decision: Decision, now: datetime, again: str = "") -> None:
    """With a life in danger nobody waits for the answer: page each of them, besides the desk that has the case."""
    if case.severity != Severity.LIFE:
        return
    paged = _paged(uow, case)
    for desk_id in may_be_responsible(decision):
        if desk_id != case.desk_id and (again or desk_id not in paged):
            alert_desk(uow, ports, case, desk_id, now, again=f"{UNCLEAR}:{again}" if again else UNCLEAR)


def knows_already(uow: UnitOfWork, case: CaseRow) -> bool:
    """Whether the case's desk was paged because it might be its case, and the case has gone to nobody else since."""
    moved = (EventKind.MOVED_ON, EventKind.COORDINATORS_ALARMED, EventKind.TRANSFERRED)
    return case.desk_id in _paged(uow, case) and not any(event.kind in moved for event in uow.cases.events(case.id))


def _paged(uow: UnitOfWork, case: CaseRow) -> set[str]:
    """The desks that were paged while the place was unclear, or first of all."""
    alerts = (event.data for event in uow.cases.events(case.id) if event.kind == EventKind.ALERTED)
    return {data["desk"] for data in alerts if not data.get("again") or str(data["again"]).startswith(UNCLEAR)}


def alerted_desks(case: CaseRow, decision: Decision) -> list[str]:
    """Who was told of a new case, to say so to the citizen."""
    others = may_be_responsible(decision) if case.severity == Severity.LIFE else []
    return list(dict.fromkeys([case.desk_id, *others]))
