"""A case joins the incident that it belongs to; the pages of one incident are joined, never lost."""

from __future__ import annotations

from datetime import datetime

from bot.domain.cases import EventKind
from bot.domain.incidents import (
    SHARED,
    WAITING_CASES,
    Incident,
    LastPage,
    Report,
    begins_with,
    choose,
    kinds_that_take,
    may_be_shared,
    sort_of_page,
    still_belongs,
    why_page,
)
from bot.domain.places import Location
from bot.domain.taxonomy import Severity
from bot.services.ports import Ports
from bot.storage.tables import CaseRow
from bot.storage.tables_cases import IncidentRow
from bot.storage.unit_of_work import UnitOfWork


def group(uow: UnitOfWork, case: CaseRow, now: datetime) -> None:
    """Let a case whose place or kind is new join its incident, begin one, or leave one it no longer fits.

    What a person has decided about a case stays: it is put nowhere else, and never back to where it was taken out.
    A case that cannot be grouped stands alone and is paged alone: nothing here may keep it from being opened.
    """
    uow.attempt(lambda: _group(uow, case, now), "group", case.id)


def _group(uow: UnitOfWork, case: CaseRow, now: datetime) -> None:
    report = _report(case)
    if case.incident_id is not None:
        if _put_in_by_hand(uow, case) or still_belongs(report, _value(uow.incidents.get(case.incident_id), case)):
            return
        leave(uow, case, "bot", {}, now)
    if report.location is None or not may_be_shared(report):
        return
    country = report.location.country
    uow.incidents.lock(country)
    kinds, apart = kinds_that_take(case.label), _taken_out_of(uow, case)
    rows = uow.incidents.open_ones(country, kinds, drill=case.drill, demo=case.demo)
    found = choose(report, [_value(row, case) for row in rows if row.id not in apart], now)
    if found is not None:
        join(uow, case, uow.incidents.get(found.id), "bot", {}, now)
    elif not apart:  # taken out by hand: it begins none with the same people again
        _begin(uow, case, report, now)


def _begin(uow: UnitOfWork, case: CaseRow, report: Report, now: datetime) -> None:
    """Make an incident of this case and the earlier ones that belong to it, if there are any."""
    assert report.location is not None
    since = now - SHARED[case.label].quiet
    rows = {row.id: row for row in uow.incidents.alone(case.label, report.location.country, since, case.id)}
    untouched = [_report(row) for row in rows.values() if not _taken_out_of(uow, row)]
    others = begins_with(report, untouched, now)
    if not others:
        return
    first = next((one for one in others if one.location and one.location.name), others[0]).location
    assert first is not None
    incident = uow.incidents.add(
        IncidentRow(
            kind=case.label,
            country=first.country,
            place=first.name,
            lat=first.lat,
            lon=first.lon,
            drill=case.drill,
            opened_at=others[0].at,
            last_at=now,
        )
    )
    for other in others:
        join(uow, rows[other.id], incident, "bot", {}, now)
    join(uow, case, incident, "bot", {}, now)


def join(
    uow: UnitOfWork, case: CaseRow, incident: IncidentRow, actor: str, data: dict[str, str], now: datetime
) -> None:
    """Put a case into an incident; pages it has had count as pages of the incident."""
    case.incident_id = incident.id
    incident.last_at = max(incident.last_at, case.opened_at)
    uow.session.flush()
    uow.cases.record(case.id, EventKind.JOINED_INCIDENT, actor, {"incident": incident.id} | data, now)
    _remember_its_pages(uow, case, incident.id)


def leave(uow: UnitOfWork, case: CaseRow, actor: str, data: dict[str, str], now: datetime) -> None:
    """Take a case out of its incident."""
    left, case.incident_id = case.incident_id, None
    uow.session.flush()
    uow.cases.record(case.id, EventKind.JOINED_INCIDENT, actor, {"incident": None, "left": left} | data, now)


def _remember_its_pages(uow: UnitOfWork, case: CaseRow, incident_id: int) -> None:
    people = None
    for event in uow.cases.events(case.id):
        if event.kind != EventKind.ALERTED or event.data.get("joined") or event.data["ways"] == ["console"]:
            continue
        if sort_of_page(event.data.get("again", "")) != WAITING_CASES:
            continue
        last = uow.incidents.last_page(incident_id, event.data["desk"])
        if last is None or last.at < event.at:
            people = people or uow.incidents.people(incident_id)
            page = LastPage(event.at, Severity(case.severity).rank, people)
            uow.incidents.note_page(incident_id, event.data["desk"], page)


def needs_no_page(
    uow: UnitOfWork, ports: Ports, case: CaseRow, desk_id: str, sort: str | None, people: int, now: datetime
) -> bool:
    """Whether the desk was paged for others of the same incident so lately that this case needs no page of its own.

    `sort` as `sort_of_page` gives it; `people` is how many are in the incident now, 0 for a case in none.
    """
    if case.incident_id is None or sort is None:
        return False
    severity = Severity(case.severity)
    interval = ports.knowledge.taxonomy.severities[severity].escalate_every
    last = uow.incidents.last_page(case.incident_id, desk_id, sort)
    return why_page(last, severity.rank, people, interval, now) is None


def was_paged(uow: UnitOfWork, case: CaseRow) -> bool:
    """Whether its desk has had an alert about this very case, and not only about others of its incident."""
    alerts = [event for event in uow.cases.events(case.id) if event.kind == EventKind.ALERTED]
    return any(event.data["desk"] == case.desk_id and not event.data.get("joined") for event in alerts)


def note_page(uow: UnitOfWork, case: CaseRow, desk_id: str, sort: str | None, people: int, now: datetime) -> None:
    """A page has left to a desk: those of its sort that follow it at once are joined to it."""
    if case.incident_id is not None and sort is not None:
        page = LastPage(now, Severity(case.severity).rank, people)
        uow.incidents.note_page(case.incident_id, desk_id, page, sort)


def _report(case: CaseRow) -> Report:
    location = Location.from_dict(case.location)
    return Report(case.id, case.label, location, case.opened_at, case.conversation_id, case.drill, case.demo)


def _value(row: IncidentRow, case: CaseRow) -> Incident:
    """The incident as the rules see it. Its cases are all demo or none is: `open_ones` asks for one sort."""
    place = Location(row.country, row.place, row.lat, row.lon)
    return Incident(row.id, row.kind, place, row.opened_at, row.last_at, row.drill, case.demo)


def _taken_out_of(uow: UnitOfWork, case: CaseRow) -> set[int]:
    """The incidents that a person took this case out of."""
    return {
        event.data["left"]
        for event in uow.cases.events(case.id)
        if event.kind == EventKind.JOINED_INCIDENT and event.data.get("left") and event.actor != "bot"
    }


def _put_in_by_hand(uow: UnitOfWork, case: CaseRow) -> bool:
    joined = [event for event in uow.cases.events(case.id) if event.kind == EventKind.JOINED_INCIDENT]
    return bool(joined) and joined[-1].actor != "bot"
