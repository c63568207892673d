"""An owner hands a case on to another desk, or lets it rest until a moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.cases import CaseError, CaseStatus, EventKind
from bot.domain.escalation import acknowledge_due
from bot.domain.taxonomy import Severity
from bot.services.alerts import alert_desk
from bot.services.cases import owned
from bot.services.ports import Ports
from bot.services.replies import button, say, send
from bot.services.routing import desk_name
from bot.storage.tables import CaseRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork

LONGEST_SNOOZE = {Severity.URGENT: timedelta(hours=12), Severity.NORMAL: timedelta(days=14)}


def transfer(
    uow: UnitOfWork, ports: Ports, case_id: int, staff: StaffRow, desk_id: str, note: str, now: datetime
) -> CaseRow:
    """Give a case with its whole story to another desk; the clock starts anew and the citizen is told.

    Raises CaseError: not the owner, no such desk, or the desk that has it already.
    """
    case = owned(uow, case_id, staff)
    desk = uow.desks.row(desk_id)
    if desk is None or not desk.active:
        raise CaseError("unknown_desk")
    if desk_id == case.desk_id:
        raise CaseError("same_desk")
    conversation = uow.conversations.get(case.conversation_id)
    case.desk_id, case.status, case.owner_id, case.snoozed_until = desk_id, CaseStatus.OPEN, None, None
    case.due_at = acknowledge_due(ports.knowledge.taxonomy, Severity(case.severity), now)
    conversation.mode = "bot"  # until somebody there accepts, "is anyone coming?" must be answered
    data = {"name": staff.name, "desk": desk_id, "text": note}
    uow.cases.record(case.id, EventKind.TRANSFERRED, f"staff:{staff.id}", data, now)
    times = sum(event.kind == EventKind.TRANSFERRED for event in uow.cases.events(case.id))
    alert_desk(uow, ports, case, desk_id, now, again=f"transferred:{times}")
    language = conversation.language
    name = desk_name(uow, ports.knowledge.directory, desk_id, language)
    reply = say("status.transferred_now", language, button("button.status", language, "/status"), desk=name)
    send(uow, conversation, reply, now, case_id=case.id)
    return case


def snooze(uow: UnitOfWork, case_id: int, staff: StaffRow, until: datetime, now: datetime) -> CaseRow:
    """Let the clock rest until a moment, when the owner is alerted again. Raises CaseError.

    Only after a word to the citizen, never where a life is in danger, and never for ever.
    """
    case = owned(uow, case_id, staff)
    longest = LONGEST_SNOOZE.get(Severity(case.severity))
    if longest is None:
        raise CaseError("no_snooze_for_life")
    if case.replied_at is None:
        raise CaseError("write_first")
    if not now < until <= now + longest:
        raise CaseError("snooze_too_long")
    case.snoozed_until = case.due_at = until
    data = {"name": staff.name, "until": until.isoformat()}
    uow.cases.record(case.id, EventKind.SNOOZED, f"staff:{staff.id}", data, now)
    return case
