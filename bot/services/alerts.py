"""Alerts to the people of a desk. No personal text ever stands in one."""

from __future__ import annotations

from datetime import datetime

from bot.domain.cases import CaseStatus, EventKind
from bot.domain.desks import COORDINATION
from bot.domain.escalation import acknowledge_due
from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import text
from bot.services.alert_ways import TO_A_DESK, TO_A_PERSON, Page
from bot.services.ports import Ports
from bot.storage.tables import CaseRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork


def alert_desk(uow: UnitOfWork, ports: Ports, case: CaseRow, desk_id: str, now: datetime, *, again: str = "") -> None:
    """Queue one alert per way to each person on duty at the desk, once per case, desk and occasion."""
    page = Page(case, desk_id, again, now)
    staffed = uow.desks.all(now, telegram=ports.telegram, email=ports.email).get(desk_id)
    people = {staff.id: staff for staff in uow.desks.members(desk_id)}
    ways: list[str] = []
    for officer in staffed.alert_order(case.language) if staffed else ():
        staff = people[officer.id]
        # At the end of the chain "away" is no reason: somebody must hear of it.
        if staff.available or (desk_id == COORDINATION and case.severity != Severity.NORMAL):
            ways += [f"{name}:{staff.id}" for name, way in TO_A_PERSON.items() if way(uow, ports, page, staff)]
    desk = uow.desks.row(desk_id)
    if desk is not None:
        ways += [name for name, way in TO_A_DESK.items() if way(uow, ports, page, desk)]
    data = {"desk": desk_id, "ways": [*ways, "console"], "again": again}
    uow.cases.record(case.id, EventKind.ALERTED, "bot", data, now)


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
