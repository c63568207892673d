"""The sweep: a case that nobody has taken in time moves on, and never ends in silence."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.domain.cases import CaseStatus, EventKind
from bot.domain.desks import COORDINATION
from bot.domain.escalation import next_escalation
from bot.domain.places import Location
from bot.domain.taxonomy import Severity
from bot.services.alerts import alert_desk, snooze_over
from bot.services.cards import call_centre_number
from bot.services.cases import decide_for
from bot.services.ports import Ports
from bot.services.replies import button, say, send
from bot.storage.tables import CaseRow
from bot.storage.unit_of_work import UnitOfWork

log = structlog.get_logger()
AT_ONCE = 50  # overdue cases per look


def sweep(ports: Ports) -> int:
    """Escalate every overdue case once, each in a commit of its own: one that breaks must not hold up the others."""
    now, start = ports.clock(), 0
    while True:
        with ports.database.read() as uow:
            due = [case.id for case in uow.cases.overdue(now, AT_ONCE, start)]
        moved = sum(_escalate_one(ports, case_id) for case_id in due)
        if moved or len(due) < AT_ONCE:
            return moved
        start += AT_ONCE  # all of these broke: those behind them must not wait for ever


def _escalate_one(ports: Ports, case_id: int) -> bool:
    """Whether the case was still overdue, and has moved."""
    now = ports.clock()  # its own: behind fifty others it moves on later than the first
    try:
        with ports.database.write() as uow:
            case = uow.cases.claim_overdue(case_id, now)
            if case is None:
                return False  # somebody has accepted, or another worker was faster
            _escalate(uow, ports, case, now)
    except Exception:
        log.exception("escalation_broke", case=case_id)
        return False
    ports.wakeup.notify(f"conversation:{case.conversation_id}")
    ports.wakeup.notify("outbox")
    return True


def _escalate(uow: UnitOfWork, ports: Ports, case: CaseRow, now: datetime) -> None:
    """On to the next desk that can answer; past the last one, alarm all coordinators and say so."""
    severity = Severity(case.severity)
    case.due_at = next_escalation(ports.knowledge.taxonomy, severity, now)
    if case.snoozed_until is not None:
        snooze_over(uow, ports, case, now)
        return
    if case.status == CaseStatus.ACCEPTED:
        _owner_is_silent(uow, ports, case, now)
        return
    tried = {
        event.data["desk"]
        for event in uow.cases.events(case.id)
        if event.kind in (EventKind.ALERTED, EventKind.MOVED_ON)
    }
    conversation = uow.conversations.get(case.conversation_id)
    decision = decide_for(uow, ports, conversation, case, now)
    following = next(
        (
            step.candidate.desk_id
            for step in decision.steps
            if step.passed_over is None and step.candidate.desk_id not in tried
        ),
        None,
    )
    if following is not None and following != COORDINATION:
        case.desk_id = following
        uow.cases.record(case.id, EventKind.MOVED_ON, "worker", {"desk": following}, now)
        alert_desk(uow, ports, case, following, now, again="moved_on")
        return
    rounds = sum(event.kind == EventKind.COORDINATORS_ALARMED for event in uow.cases.events(case.id))
    case.desk_id = COORDINATION
    uow.cases.record(case.id, EventKind.COORDINATORS_ALARMED, "worker", {"round": rounds + 1}, now)
    alert_desk(uow, ports, case, COORDINATION, now, again=f"alarm:{rounds + 1}")
    log.error("coordinators_alarmed", case=case.id, round=rounds + 1)
    if rounds == 0:  # told once, honestly; repeating it every two minutes would only frighten
        location = Location.from_dict(conversation.location)
        number = call_centre_number(ports.knowledge.directory, location.country if location else None)
        language = conversation.language
        status = button("button.status", language, "/status")
        reply = say("status.nobody_took_it", language, status, number=number)
        send(uow, conversation, reply, now, case_id=case.id)


def _owner_is_silent(uow: UnitOfWork, ports: Ports, case: CaseRow, now: datetime) -> None:
    """Accepted, and still no word to the citizen: the desk hears of it, then all coordinators too."""
    owner = uow.staff.get(case.owner_id) if case.owner_id else None
    times = 1 + sum(event.kind == EventKind.OWNER_SILENT for event in uow.cases.events(case.id))
    data = {"name": owner.name if owner else "", "round": times}
    uow.cases.record(case.id, EventKind.OWNER_SILENT, "worker", data, now)
    alert_desk(uow, ports, case, case.desk_id, now, again=f"silent:{times}")
    if times > 1 and case.desk_id != COORDINATION:
        alert_desk(uow, ports, case, COORDINATION, now, again=f"silent:{times}")
    log.error("owner_silent", case=case.id, round=times)
