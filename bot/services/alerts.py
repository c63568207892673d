"""Alerts to the people of a desk. No personal text ever stands in one."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from bot.domain.cases import CaseStatus, EventKind
from bot.domain.desks import COORDINATION
from bot.domain.escalation import acknowledge_due
from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import text
from bot.i18n.texts import ALL_TEXTS
from bot.services.ports import Ports
from bot.storage.tables import CaseRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork


def kind_name(label: str, language: str) -> str:
    """How a case's subject is called; topics are just questions here."""
    key = f"kind.{label}"
    return text(key if key in ALL_TEXTS else "kind.question", language)


def alert_desk(uow: UnitOfWork, ports: Ports, case: CaseRow, desk_id: str, now: datetime, *, again: str = "") -> None:
    """Queue one alert per way to each person on duty at the desk, once per case, desk and occasion."""
    ways = []
    staffed = uow.desks.all(now, telegram=ports.telegram, email=ports.email).get(desk_id)
    people = {staff.id: staff for staff in uow.desks.members(desk_id)}
    for officer in staffed.alert_order(case.language) if staffed else ():
        staff = people[officer.id]
        # At the end of the chain "away" is no reason: somebody must hear of it.
        wanted = staff.available or (desk_id == COORDINATION and case.severity != Severity.NORMAL)
        if wanted and staff.telegram_chat and ports.telegram:
            _telegram(uow, ports, case, staff, now, f"{desk_id}:{again}")
            ways.append(f"telegram:{staff.id}")
    desk = uow.desks.row(desk_id)
    if desk is not None and desk.webhook_url:
        body = {
            "type": "case.alert",
            "timestamp": now.isoformat(),
            "data": {
                "case": case.id,
                "desk": desk_id,
                "severity": case.severity,
                "link": f"{ports.console_url}/cases/{case.id}",
            },
        }
        key = f"alert:{case.id}:{desk_id}:webhook:{again}"
        uow.outbox.add("webhook", desk_id, body, now, dedup_key=key, case_id=case.id)
        ways.append("webhook")
    if desk is not None and desk.email and ports.email:
        _email(uow, ports, case, desk_id, now, again)
        ways.append("email")
    data = {"desk": desk_id, "ways": [*ways, "console"], "again": again}
    uow.cases.record(case.id, EventKind.ALERTED, "bot", data, now)


def _telegram(uow: UnitOfWork, ports: Ports, case: CaseRow, staff: StaffRow, now: datetime, occasion: str) -> None:
    body = {"text": _words("alert.case", ports, case, staff.language), "language": staff.language}
    key = f"alert:{case.id}:{occasion}:telegram:{staff.id}"
    uow.outbox.add("telegram", staff.telegram_chat or "", body, now, dedup_key=key, case_id=case.id)


def _email(uow: UnitOfWork, ports: Ports, case: CaseRow, desk_id: str, now: datetime, again: str) -> None:
    language = mailbox_language(uow, desk_id)
    body = {
        "subject": _words("alert.mail_subject", ports, case, language),
        "text": _words("alert.case", ports, case, language),
        "language": language,
    }
    key = f"alert:{case.id}:{desk_id}:email:{again}"
    uow.outbox.add("email", desk_id, body, now, dedup_key=key, case_id=case.id)


def mailbox_language(uow: UnitOfWork, desk_id: str) -> str:
    """A mailbox has no language of its own: that of most people at the desk, or Turkish."""
    spoken = Counter(staff.language for staff in uow.desks.members(desk_id))
    return max(sorted(spoken), key=lambda language: spoken[language], default="tr")


def _words(key: str, ports: Ports, case: CaseRow, language: str) -> str:
    """What an alert says: number, kind and severity of the case and where it is, nothing of what was written."""
    return text(
        key,
        language,
        case=case.id,
        kind=kind_name(case.label, language),
        severity=text(f"severity.{Severity(case.severity)}", language),
        link=f"{ports.console_url}/cases/{case.id}",
    )


def citizen_wrote(uow: UnitOfWork, ports: Ports, case: CaseRow, message_id: int, now: datetime) -> None:
    """Tell the owner that the citizen has written again."""
    uow.cases.record(case.id, EventKind.CITIZEN_WROTE, "citizen", {"message": message_id}, now)
    if case.status == CaseStatus.ACCEPTED and (case.due_at is None or case.snoozed_until is not None):
        case.snoozed_until = None
        case.due_at = acknowledge_due(ports.knowledge.taxonomy, Severity(case.severity), now)  # they wait for words
    if case.owner_id is None or not ports.telegram:
        return
    owner = uow.staff.get(case.owner_id)
    if owner.telegram_chat:
        body = {"text": text("alert.citizen_wrote", owner.language, case=case.id), "language": owner.language}
        key = f"wrote:{message_id}"
        uow.outbox.add("telegram", owner.telegram_chat, body, now, dedup_key=key, case_id=case.id)


def snooze_over(uow: UnitOfWork, ports: Ports, case: CaseRow, now: datetime) -> None:
    """The owner's rest is over: the clock runs again, and they are told."""
    until, case.snoozed_until = case.snoozed_until, None
    case.due_at = acknowledge_due(ports.knowledge.taxonomy, Severity(case.severity), now)
    owner = uow.staff.get(case.owner_id) if case.owner_id else None
    if owner is None or not owner.telegram_chat or not ports.telegram:
        return
    body = {"text": text("alert.snooze_over", owner.language, case=case.id), "language": owner.language}
    uow.outbox.add("telegram", owner.telegram_chat, body, now, dedup_key=f"snooze:{case.id}:{until}", case_id=case.id)


def taken_over(uow: UnitOfWork, ports: Ports, case: CaseRow, former: StaffRow, name: str, now: datetime) -> None:
    """Tell the former owner that a colleague goes on with the case."""
    if not former.telegram_chat or not ports.telegram:
        return
    body = {"text": text("alert.taken_over", former.language, case=case.id, name=name), "language": former.language}
    key = f"taken_over:{case.id}:{former.id}:{now.isoformat()}"
    uow.outbox.add("telegram", former.telegram_chat, body, now, dedup_key=key, case_id=case.id)
