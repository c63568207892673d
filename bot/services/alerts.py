"""Alerts to the people of a desk. No personal text ever stands in one."""

from __future__ import annotations

from datetime import datetime

from bot.domain.cases import CaseStatus, EventKind
from bot.domain.desks import COORDINATION
from bot.domain.escalation import acknowledge_due
from bot.domain.incidents import sort_of_page
from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import text
from bot.services.alert_ways import TO_A_DESK, Page, page_person, tell
from bot.services.duty_chat_story import pass_on
from bot.services.grouping import needs_no_page, note_page
from bot.services.ports import Ports
from bot.storage.tables import CaseRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork


def alert_desk(uow: UnitOfWork, ports: Ports, case: CaseRow, desk_id: str, now: datetime, *, again: str = "") -> None:
    """Queue one alert per way to each person on duty at the desk, once per case, desk and occasion.

    For the cases of one incident once for all of them: the event is written, `joined` to the page of the others.
    """
    people = uow.incidents.people(case.incident_id) if case.incident_id else 0
    sort = sort_of_page(again)
    of_incident = {"incident": case.incident_id} if case.incident_id else {}
    if needs_no_page(uow, ports, case, desk_id, sort, people, now):
        joined = {"desk": desk_id, "ways": ["console"], "again": again, "joined": True} | of_incident
        uow.cases.record(case.id, EventKind.ALERTED, "bot", joined, now)
        return
    page = Page(case, desk_id, again, now, people)
    staffed = uow.desks.all(now, telegram=ports.telegram, email=ports.email, only=(desk_id,)).get(desk_id)
    members = {staff.id: staff for staff in uow.desks.members(desk_id)}
    reach = uow.desks.reach(telegram=ports.telegram, email=ports.email)
    ways: list[str] = []
    for officer in staffed.alert_order(case.language) if staffed else ():
        staff = members[officer.id]
        # At the end of the chain "away" is no reason: somebody must hear of it.
        if staff.available or (desk_id == COORDINATION and case.severity != Severity.NORMAL):
            ways += page_person(uow, ports, page, staff, reach)
    desk = uow.desks.row(desk_id)
    if desk is not None:
        ways += [name for name in reach.to_desk(desk) if TO_A_DESK[name](uow, ports, page, desk)]
    if ways:
        note_page(uow, case, desk_id, sort, people, now)
    data = {"desk": desk_id, "ways": [*ways, "console"], "again": again} | of_incident
    uow.cases.record(case.id, EventKind.ALERTED, "bot", data, now)


def alert_if_possible(
    uow: UnitOfWork, ports: Ports, case: CaseRow, desk_id: str, now: datetime, *, again: str = ""
) -> None:
    """`alert_desk` while a citizen is being answered: if it breaks, card and case stand, and the sweep goes on now."""
    worked = uow.attempt(lambda: alert_desk(uow, ports, case, desk_id, now, again=again), "alert", case.id)
    if not worked and case.status == CaseStatus.OPEN:
        case.due_at = now


def citizen_wrote(uow: UnitOfWork, ports: Ports, case: CaseRow, message_id: int, now: datetime) -> None:
    """Tell the owner that the citizen has written again."""
    uow.cases.record(case.id, EventKind.CITIZEN_WROTE, "citizen", {"message": message_id}, now)
    if case.status == CaseStatus.ACCEPTED and (case.due_at is None or case.snoozed_until is not None):
        case.snoozed_until = None
        case.due_at = acknowledge_due(ports.knowledge.taxonomy, Severity(case.severity), now)  # they wait for words
    if case.owner_id is None:
        return
    owner = uow.staff.get(case.owner_id)
    if pass_on(uow, ports, case, owner, message_id, now):
        return
    sentence = text("alert.citizen_wrote", owner.language, case=case.id)
    tell(uow, ports, owner, case, sentence, f"wrote:{message_id}", now)


def snooze_over(uow: UnitOfWork, ports: Ports, case: CaseRow, now: datetime) -> None:
    """The owner's rest is over: the clock runs again, and they are told."""
    until, case.snoozed_until = case.snoozed_until, None
    case.due_at = acknowledge_due(ports.knowledge.taxonomy, Severity(case.severity), now)
    owner = uow.staff.get(case.owner_id) if case.owner_id else None
    if owner is not None:
        sentence = text("alert.snooze_over", owner.language, case=case.id)
        tell(uow, ports, owner, case, sentence, f"snooze:{case.id}:{until}", now)


def taken_over(uow: UnitOfWork, ports: Ports, case: CaseRow, former: StaffRow, name: str, now: datetime) -> None:
    """Tell the former owner that a colleague goes on with the case."""
    sentence = text("alert.taken_over", former.language, case=case.id, name=name)
    tell(uow, ports, former, case, sentence, f"taken_over:{case.id}:{former.id}:{now.isoformat()}", now)
