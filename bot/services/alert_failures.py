"""An alert that does not get through: the next way at once, the address remembered, the case not left to its clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bot.domain.alerting import NEXT_WAY_AFTER, Alert, is_over, read_key
from bot.domain.cases import CaseStatus, EventKind
from bot.domain.desks import COORDINATION
from bot.domain.incidents import WAITING_CASES, sort_of_page
from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import text
from bot.services.alert_ways import TO_A_DESK, Page, page_person, tell
from bot.services.ports import Ports
from bot.storage.bounces import desk_addresses
from bot.storage.tables import CaseRow, OutboxRow
from bot.storage.unit_of_work import UnitOfWork

log = structlog.get_logger()
ALIVE = ("new", "sent")  # rows that may still reach somebody, or have
TO_CITIZENS = "message:"  # begins the key of what is said to a citizen; whether that arrives is no matter of ours


def pointless(uow: UnitOfWork, row: OutboxRow) -> str:
    """Why an alert need not be sent any more: 'over', or 'reached' by another way in the meantime; "" if it must be."""
    alert = read_key(row.dedup_key)
    if alert is None:
        return ""
    case = uow.cases.get(alert.case_id)
    if _is_over(uow, case, alert, row):
        return "over"
    reached = alert.staff_id is not None and any(
        other.state == "sent" and told.way != alert.way for other, told in _same_receiver(uow, alert)
    )
    return "reached" if reached else ""


def failed_for_good(uow: UnitOfWork, ports: Ports, row: OutboxRow, code: str, now: datetime, *, bounced: bool) -> None:
    """A row will never arrive, because of its address if `bounced`. To be called in the commit that says so."""
    alert = read_key(row.dedup_key)
    case = uow.cases.get(alert.case_id) if alert else None
    if bounced and not row.dedup_key.startswith(TO_CITIZENS):
        _remember(uow, ports, row, code, case, now)
    if alert is None or case is None:
        return
    _say_so(uow, ports, case, row, alert, code, now, late=False)
    if _nobody_is_reached(uow, case, alert, now):
        log.error("desk_not_reached", case=case.id, desk=alert.desk_id)
        case.due_at = now  # the next desk hears of it now, not when the clock of this one has run out
    if case.incident_id is not None and sort_of_page(alert.again) == WAITING_CASES:
        _those_joined_to_it(uow, case, case.incident_id, alert, row.created_at, now)


def is_late(uow: UnitOfWork, ports: Ports, row: OutboxRow, code: str, now: datetime, again_at: datetime) -> None:
    """A row is tried again at `again_at`: if an alert cannot wait that long, it goes by the next way as well, once."""
    alert = read_key(row.dedup_key)
    if alert is None or again_at - row.created_at < min(NEXT_WAY_AFTER.values()):
        return
    case = uow.cases.get(alert.case_id)
    if again_at - row.created_at < next_way_after(case) or _said_before(uow, case, row):
        return
    if not _is_over(uow, case, alert, row):
        _say_so(uow, ports, case, row, alert, code, now, late=True)


def arrived(uow: UnitOfWork, row: OutboxRow) -> None:
    """The other side took it: its address counts again."""
    if not row.dedup_key.startswith(TO_CITIZENS):
        for target in target_of(uow, row):
            uow.bounces.clear(*target)


def heard_from(uow: UnitOfWork, channel: str, address: str) -> None:
    """Somebody wrote from there: whoever has blocked us does not."""
    if channel == "telegram":
        uow.bounces.clear(channel, address)


def next_way_after(case: CaseRow) -> timedelta:
    """How long one way alone is given."""
    return NEXT_WAY_AFTER[Severity(case.severity)]


def target_of(uow: UnitOfWork, row: OutboxRow) -> list[tuple[str, str]]:
    """The (channel, address) that a row for our own people goes to, as bounces know it; at most one."""
    if row.channel == "telegram":
        return [("telegram", row.address)]
    person = row.address.removeprefix("staff:")
    if row.channel == "email" and person != row.address:
        return [("email", uow.staff.get(int(person)).email)]
    desk = uow.desks.row(row.address) if row.channel in ("email", "webhook") else None
    target = desk_addresses(desk).get(row.channel) if desk else None
    return [target] if target else []


def _remember(
    uow: UnitOfWork, ports: Ports, row: OutboxRow, code: str, case: CaseRow | None, now: datetime
) -> None:  # fmt: skip
    """The address counts as no way from now on, and the coordinators hear of it, once per bounce."""
    for channel, address in target_of(uow, row):
        if not uow.bounces.add(channel, address, code, now):
            continue
        log.warning("address_bounced", channel=channel, outbox=row.id, code=code)
        for person in uow.desks.members(COORDINATION):
            way = text(f"alert_way.{channel}", person.language)
            link = f"{ports.console_url}/people"
            sentence = text("alert.bounced", person.language, way=way, link=link)
            tell(uow, ports, person, case, sentence, f"bounce:{row.id}:{person.id}", now)


def _say_so(
    uow: UnitOfWork, ports: Ports, case: CaseRow, row: OutboxRow, alert: Alert, code: str, now: datetime, *, late: bool
) -> None:  # fmt: skip
    """The event in the case, and the next way if the occasion still stands."""
    instead = [] if _is_over(uow, case, alert, row) else _next_ways(uow, ports, case, row, alert, now)
    data = {"way": alert.way, "desk": alert.desk_id, "error": code, "instead": instead, "row": row.id, "late": late}
    if alert.staff_id is not None:
        data["name"] = uow.staff.get(alert.staff_id).name
    uow.cases.record(case.id, EventKind.ALERT_FAILED, "worker", data, now)


def _next_ways(
    uow: UnitOfWork, ports: Ports, case: CaseRow, row: OutboxRow, alert: Alert, now: datetime
) -> list[str]:  # fmt: skip
    """By which other ways the receiver hears of it; they are queued unless they are under way already."""
    people = uow.incidents.people(case.incident_id) if case.incident_id else 0
    page = Page(case, alert.desk_id, alert.again, now, people)
    alive = [told.way for other, told in _same_receiver(uow, alert) if other.id != row.id and other.state in ALIVE]
    reach = uow.desks.reach(telegram=ports.telegram, email=ports.email)
    if alert.staff_id is not None:
        staff = uow.staff.get(alert.staff_id)
        return alive or (page_person(uow, ports, page, staff, reach, after=alert.way) if staff.active else [])
    desk = uow.desks.row(alert.desk_id)
    if desk is None:
        return alive
    others = (way for way in reach.to_desk(desk) if way != alert.way and way not in alive)
    queued = [way for way in others if TO_A_DESK[way](uow, ports, page, desk)]
    # Queueing twice has no effect: what has failed before on this occasion stays as it is and is no way any more.
    dead = {told.way for other, told in _same_receiver(uow, alert) if other.state not in ALIVE}
    return [*alive, *(way for way in queued if way not in dead)]


def _is_over(uow: UnitOfWork, case: CaseRow, alert: Alert, row: OutboxRow) -> bool:
    """Whether the occasion has passed, also for the cases of its incident that were joined to this very page."""
    if not is_over(case.status, case.accepted_at, case.replied_at, alert.again, row.created_at):
        return False
    if case.incident_id is None or sort_of_page(alert.again) != WAITING_CASES:
        return True
    return not uow.incidents.joined_since(case.incident_id, alert.desk_id, row.created_at, case.id)


def _those_joined_to_it(
    uow: UnitOfWork, case: CaseRow, incident_id: int, alert: Alert, since: datetime, now: datetime
) -> None:  # fmt: skip
    """A page of an incident that reached nobody at the desk spoke for nobody: they go on, and later ones page anew."""
    told = (read_key(row.dedup_key) for row in uow.outbox.alerts_of_incident(incident_id, since, ALIVE))
    if any(one and one.desk_id == alert.desk_id and sort_of_page(one.again) == WAITING_CASES for one in told):
        return
    here = {staff.id for staff in uow.desks.members(alert.desk_id)}
    if alert.desk_id != COORDINATION and not here & uow.desks.at_the_console(now):
        for joined in uow.incidents.joined_since(incident_id, alert.desk_id, since, case.id, lock=True):
            joined.due_at = now
    uow.incidents.forget_page(incident_id, alert.desk_id)


def _same_receiver(uow: UnitOfWork, alert: Alert) -> list[tuple[OutboxRow, Alert]]:
    """Every alert about this occasion to the same person, or to the desk as a whole."""
    rows = ((row, read_key(row.dedup_key)) for row in uow.outbox.for_case(alert.case_id))
    return [
        (row, told)
        for row, told in rows
        if told is not None and told.same_occasion(alert) and told.staff_id == alert.staff_id
    ]


def _said_before(uow: UnitOfWork, case: CaseRow, row: OutboxRow) -> bool:
    events = (event for event in uow.cases.events(case.id) if event.kind == EventKind.ALERT_FAILED)
    return any(event.data.get("row") == row.id for event in events)


def _nobody_is_reached(uow: UnitOfWork, case: CaseRow, alert: Alert, now: datetime) -> bool:
    """Whether nothing that was sent to the desk arrived or still may, and nobody there has the console open.

    The coordinators are the last: nobody comes after them, and they are alarmed again by the clock.
    """
    if case.status != CaseStatus.OPEN or case.desk_id != alert.desk_id or alert.desk_id == COORDINATION:
        return False
    told = ((row, read_key(row.dedup_key)) for row in uow.outbox.for_case(case.id))
    if any(row.state in ALIVE for row, other in told if other is not None and other.desk_id == alert.desk_id):
        return False
    here = {staff.id for staff in uow.desks.members(alert.desk_id)}
    return not here & uow.desks.at_the_console(now)
