"""Opening cases and handling them: accept, reply, note, close. Each change is an event in the same commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.accounts import Role
from bot.domain.cases import CaseError, CaseStatus, EventKind
from bot.domain.desks import COORDINATION
from bot.domain.escalation import acknowledge_due
from bot.domain.places import Location
from bot.domain.routing import Decision, HelpRequest
from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import text
from bot.services.alerts import alert_if_possible, taken_over
from bot.services.border import alert_all, desk_of, knows_already
from bot.services.grouping import group, was_paged
from bot.services.helped import ask_whether_it_helped
from bot.services.ports import Ports
from bot.services.replies import Reply, say, send
from bot.services.routing import decide, desk_name, inputs_of, step_to_dict
from bot.storage.tables import CaseRow, ConversationRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork

OUTCOMES = ("helped", "referred", "no_answer", "false_alarm")


@dataclass(frozen=True)
class Opened:
    """A new case and the decision that placed it."""

    case: CaseRow
    decision: Decision


def open_case(
    uow: UnitOfWork,
    ports: Ports,
    conversation: ConversationRow,
    label: str,
    severity: Severity,
    now: datetime,
    message_id: int | None = None,
    after: CaseRow | None = None,
) -> Opened:
    """Open a case because of a message, route it, alert the desk. The clock starts at `now`.

    `after` is a closed case that it goes on from, at the same desk.
    """
    location = Location.from_dict(conversation.location)
    request = HelpRequest(label, severity, conversation.language, location, conversation.home_city)
    decision = decide(uow, ports, request, now)
    case = uow.cases.add(
        CaseRow(
            conversation_id=conversation.id,
            label=label,
            severity=severity,
            language=conversation.language,
            location=conversation.location,
            mission_id=_mission_id(decision),
            desk_id=after.desk_id if after else _owning_desk(decision),
            demo=conversation.demo,
            drill=conversation.drill,
            opened_at=now,
            due_at=acknowledge_due(ports.knowledge.taxonomy, severity, now),
        )
    )
    conversation.case_id = case.id
    because = {"label": label, "severity": severity, "message": message_id}
    because |= {"after": after.id} if after else {}
    uow.cases.record(case.id, EventKind.OPENED, "bot", because, now)
    _record_route(uow, case, decision, now)
    group(uow, case, now)
    alert_if_possible(uow, ports, case, case.desk_id, now)
    alert_all(uow, ports, case, decision, now)
    return Opened(case, decision)


def _mission_id(decision: Decision) -> str | None:
    return decision.jurisdiction.mission.id if decision.jurisdiction.mission else None


def _owning_desk(decision: Decision) -> str:
    """Who can answer now; if nobody can, the coordinators' queue, so that no case is without a home."""
    return decision.desk.id if decision.desk else COORDINATION


def _record_route(uow: UnitOfWork, case: CaseRow, decision: Decision, now: datetime) -> None:
    data = {
        "desk": case.desk_id,
        "answers": decision.desk_id,
        "mission": case.mission_id,
        "chain": [step_to_dict(step) for step in decision.steps],
        "inputs": inputs_of(decision),
    }
    uow.cases.record(case.id, EventKind.ROUTED, "bot", data, now)


def decide_for(uow: UnitOfWork, ports: Ports, conversation: ConversationRow, case: CaseRow, now: datetime) -> Decision:
    """The chain for a case as it is now."""
    location = Location.from_dict(conversation.location)
    request = HelpRequest(case.label, Severity(case.severity), case.language, location, conversation.home_city)
    return decide(uow, ports, request, now)


def reroute(
    uow: UnitOfWork, ports: Ports, conversation: ConversationRow, case: CaseRow, now: datetime
) -> Decision | None:
    """After the place became known: route again while nobody has accepted. None if it stays."""
    if case.status != CaseStatus.OPEN or conversation.location == case.location:
        return None
    case.location = conversation.location
    decision = decide_for(uow, ports, conversation, case, now)
    desk_before = case.desk_id
    case.mission_id, case.desk_id = _mission_id(decision), _owning_desk(decision)
    _record_route(uow, case, decision, now)
    incident_before = case.incident_id
    group(uow, case, now)
    new_here = case.desk_id != desk_before and not knows_already(uow, case)
    if new_here or (case.incident_id != incident_before and not was_paged(uow, case)):
        times = sum(event.kind == EventKind.ROUTED for event in uow.cases.events(case.id))
        alert_if_possible(uow, ports, case, case.desk_id, now, again=f"rerouted:{times}")
    alert_all(uow, ports, case, decision, now)
    return decision


def raise_severity(uow: UnitOfWork, ports: Ports, case: CaseRow, severity: Severity, now: datetime) -> bool:
    """A later message showed a worse danger. Returns whether anything changed."""
    if severity.rank >= Severity(case.severity).rank:
        return False
    case.severity = severity
    uow.cases.record(case.id, EventKind.RAISED, "bot", {"severity": severity}, now)
    due = acknowledge_due(ports.knowledge.taxonomy, severity, now)  # for its owner too: until now it was no hurry
    case.due_at = min(due, case.due_at) if case.due_at else due
    alert_if_possible(uow, ports, case, case.desk_id, now, again=f"raised:{severity}")
    if case.status == CaseStatus.OPEN and severity is Severity.LIFE:
        conversation = uow.conversations.get(case.conversation_id)
        alert_all(uow, ports, case, decide_for(uow, ports, conversation, case, now), now, f"raised:{severity}")
    return True


def become_crisis(
    uow: UnitOfWork,
    ports: Ports,
    conversation: ConversationRow,
    case: CaseRow,
    kind: str,
    severity: Severity,
    now: datetime,
) -> None:
    """A question turned out to be a cry for help: new kind, new chain, new clock, new alert."""
    case.label, case.severity = kind, severity
    uow.cases.record(case.id, EventKind.RAISED, "bot", {"severity": severity, "label": kind}, now)
    if case.status == CaseStatus.OPEN:
        case.due_at = acknowledge_due(ports.knowledge.taxonomy, severity, now)
        decision = decide_for(uow, ports, conversation, case, now)
        case.location = conversation.location
        case.mission_id, case.desk_id = _mission_id(decision), _owning_desk(decision)
        _record_route(uow, case, decision, now)
        alert_all(uow, ports, case, decision, now)
    group(uow, case, now)
    alert_if_possible(uow, ports, case, case.desk_id, now, again=f"raised:{kind}")


def accept(uow: UnitOfWork, ports: Ports, case_id: int, staff: StaffRow, now: datetime) -> CaseRow:
    """Make this person the owner; the citizen is told. Raises CaseError if someone else was faster."""
    case = uow.cases.get(case_id)
    if not uow.cases.take(case_id, staff.id, now, _reply_due(ports, case, now)):
        uow.session.refresh(case)
        if case.status == CaseStatus.CLOSED:
            raise CaseError("already_closed")
        if case.owner_id == staff.id:
            return case  # a double click: already done
        owner = uow.staff.get(case.owner_id) if case.owner_id else staff
        raise CaseError("already_accepted", name=owner.name)
    uow.session.refresh(case)
    desk_id = desk_of(uow, case, staff)  # of several that were alerted, not always the first
    data = {"name": staff.name} | ({"desk": desk_id} if desk_id != case.desk_id else {})
    uow.cases.record(case.id, EventKind.ACCEPTED, f"staff:{staff.id}", data, now)
    _tell_who_has_it(uow, ports, case, staff, now)
    return case


def take_over(
    uow: UnitOfWork, ports: Ports, case_id: int, staff: StaffRow, expected: int | None, now: datetime
) -> CaseRow:
    """Go on with a colleague's case; both and the citizen are told. Raises CaseError.

    `expected` is the owner that this person saw: of two who take over at once, one learns of the other.
    """
    case = uow.cases.get(case_id)
    if case.owner_id == staff.id:
        return case  # a double click: already done
    if case.status == CaseStatus.CLOSED:
        raise CaseError("already_closed")
    before = expected if expected is not None else case.owner_id
    if before is None or not uow.cases.take(case_id, staff.id, now, _reply_due(ports, case, now), instead_of=before):
        uow.session.refresh(case)
        if case.owner_id is None:
            return accept(uow, ports, case_id, staff, now)
        raise CaseError("already_accepted", name=uow.staff.get(case.owner_id).name)
    uow.session.refresh(case)
    former = uow.staff.get(before)
    data = {"name": staff.name, "former": former.name}
    uow.cases.record(case.id, EventKind.TAKEN_OVER, f"staff:{staff.id}", data, now)
    taken_over(uow, ports, case, former, staff.name, now)
    _tell_who_has_it(uow, ports, case, staff, now)
    return case


def _reply_due(ports: Ports, case: CaseRow, now: datetime) -> datetime:
    """Whoever takes a case has as long to write as there was to take it."""
    return acknowledge_due(ports.knowledge.taxonomy, Severity(case.severity), now)


def _tell_who_has_it(uow: UnitOfWork, ports: Ports, case: CaseRow, staff: StaffRow, now: datetime) -> None:
    conversation = uow.conversations.get(case.conversation_id)
    conversation.mode, conversation.pending = "human", None
    desk = desk_name(uow, ports.knowledge.directory, desk_of(uow, case, staff), conversation.language)
    reply = say("status.accepted_now", conversation.language, name=staff.name, desk=desk)
    send(uow, conversation, reply, now, case_id=case.id)


def reply_to_citizen(
    uow: UnitOfWork, case_id: int, staff: StaffRow, body: str, now: datetime, *, key: str = "", original: str = ""
) -> None:
    """Send a person's words to the citizen's channel; once per `key`, if given. Raises CaseError.

    `original`: the same in the officer's own language, kept beside it for staff.
    """
    if _done_before(uow, case_id, EventKind.REPLIED, key):
        return
    case = owned(uow, case_id, staff)
    conversation = uow.conversations.get(case.conversation_id)
    message = send(uow, conversation, Reply(body), now, author="officer", name=staff.name, case_id=case.id)
    if original:
        message.extra = {**message.extra, "original": original}
    case.replied_at, case.due_at = now, case.snoozed_until  # a rest that was asked for still ends when it should
    data = {"name": staff.name} | ({"key": key} if key else {})
    uow.cases.record(case.id, EventKind.REPLIED, f"staff:{staff.id}", data, now)


def note(uow: UnitOfWork, case_id: int, staff: StaffRow, body: str, now: datetime, *, key: str = "") -> None:
    """Write down something the citizen never sees; once per `key`, if given."""
    if _done_before(uow, case_id, EventKind.NOTE, key):
        return
    case = uow.cases.get(case_id)
    data = {"name": staff.name, "text": body} | ({"key": key} if key else {})
    uow.cases.record(case.id, EventKind.NOTE, f"staff:{staff.id}", data, now)


def _done_before(uow: UnitOfWork, case_id: int, kind: EventKind, key: str) -> bool:
    """Whether this very form was sent already: a double click, or a reload of its answer."""
    if not key:
        return False
    # Locked first: on PostgreSQL two clicks may arrive in two transactions at the same moment.
    uow.session.refresh(uow.cases.get(case_id), with_for_update=True)
    return any(event.kind == kind and event.data.get("key") == key for event in uow.cases.events(case_id))


def close(uow: UnitOfWork, ports: Ports, case_id: int, staff: StaffRow, outcome: str, now: datetime) -> None:
    """End a case; the bot may speak again, and asks whether it helped. Raises CaseError."""
    case = owned(uow, case_id, staff)
    if outcome not in OUTCOMES:
        raise CaseError("unknown_outcome")
    case.status, case.closed_at, case.outcome, case.due_at = CaseStatus.CLOSED, now, outcome, None
    conversation = uow.conversations.get(case.conversation_id)
    conversation.mode, conversation.case_id, conversation.pending = "bot", None, None
    data: dict[str, Any] = {"name": staff.name, "outcome": outcome}
    uow.cases.record(case.id, EventKind.CLOSED, f"staff:{staff.id}", data, now)
    send(uow, conversation, Reply(text("status.closed_now", conversation.language)), now, case_id=case.id)
    ask_whether_it_helped(uow, ports.knowledge.taxonomy, conversation, case, now)


def owned(uow: UnitOfWork, case_id: int, staff: StaffRow) -> CaseRow:
    """The case, if this person has it. Raises CaseError."""
    case = uow.cases.get(case_id)
    if case.status == CaseStatus.CLOSED:
        raise CaseError("already_closed")
    if case.status == CaseStatus.OPEN:
        raise CaseError("accept_first")
    if case.owner_id != staff.id and staff.role != Role.COORDINATOR:  # they go on where a colleague cannot
        owner = uow.staff.get(case.owner_id) if case.owner_id else staff
        raise CaseError("already_accepted", name=owner.name)
    return case
