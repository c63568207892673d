"""Incidents as their pages show them: plain values in the reader's language, and only what this person may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.i18n.catalogues import country_name
from bot.services.broadcasts import first_name
from bot.services.routing import desk_name
from bot.services.where import place_of
from bot.storage.incidents import Counts
from bot.storage.tables import CaseRow
from bot.storage.tables_cases import IncidentRow
from bot.storage.unit_of_work import UnitOfWork
from bot.web.console.case_view import Summary, kind_of, summarise
from bot.web.console.pages import Page, Refused

MOST_CASES = 200  # on one page; the queue has them all


@dataclass(frozen=True)
class InOneLine:
    """An incident in a list."""

    row: IncidentRow
    kind: str
    place: str
    counts: Counts


@dataclass(frozen=True)
class DeskLine:
    """One desk with cases of an incident; `mine`: this person may take those that wait there."""

    id: str
    name: str
    waiting: int
    total: int
    mine: bool


@dataclass(frozen=True)
class Said:
    """One broadcast: who, when, what in which language, and how many it has reached."""

    name: str
    at: datetime
    texts: Mapping[str, str]
    reached: int


@dataclass(frozen=True)
class IncidentView:
    """Everything on the page of one incident."""

    line: InOneLine
    desks: list[DeskLine]
    cases: list[Summary]
    more: int
    said: list[Said]
    others: list[InOneLine]


def listed(page: Page, uow: UnitOfWork, state: str) -> list[InOneLine]:
    """The incidents in a state that this person may see."""
    rows = uow.incidents.newest(state)
    counts = uow.incidents.counts(row.id for row in rows)
    return [_line(page, row, counts) for row in rows if _may_see(page, uow, row.id)]


def visible_incident(page: Page, uow: UnitOfWork, incident_id: int) -> IncidentRow:
    """The incident, if this person may see it. Raises LookupError, Refused."""
    row = uow.incidents.get(incident_id)
    if not _may_see(page, uow, incident_id):
        raise Refused(403, "console.other_desk")
    return row


def read_incident(page: Page, uow: UnitOfWork, row: IncidentRow) -> IncidentView:
    """Gather one incident. Of its cases only those of this person's desks, unless they see everything."""
    mine = set(uow.desks.of_staff(page.staff.id))
    visible = [case for case in uow.incidents.cases(row.id) if _may_see_case(page, mine, case)]
    waiting_first = sorted(visible, key=lambda case: (case.status != "open", case.status == "closed", case.id))
    desks = [
        DeskLine(desk, _desk(page, uow, desk), waiting, total, page.sees_everything or desk in mine)
        for desk, (waiting, total) in uow.incidents.desks(row.id).items()
    ]
    said = [
        Said(first_name(uow.staff.get(words.staff_id)), words.at, words.texts, words.reached)
        for words in uow.broadcasts.of(row.id)
    ]
    others = [] if row.drill else [one for one in listed(page, uow, "open") if one.row.id != row.id]
    return IncidentView(
        line=_line(page, row, uow.incidents.counts([row.id])),
        desks=desks,
        cases=[summarise(page, uow, case) for case in waiting_first[:MOST_CASES]],
        more=max(0, len(visible) - MOST_CASES),
        said=said,
        others=others,
    )


def _line(page: Page, row: IncidentRow, counts: Mapping[int, Counts]) -> InOneLine:
    place = place_of({"country": row.country, "name": row.place}, page.language)
    if not row.place:
        place = f"{country_name(row.country, page.language)}: {page.t('console.whole_country')}"
    return InOneLine(row, kind_of(page, row.kind), place, counts.get(row.id, Counts()))


def _desk(page: Page, uow: UnitOfWork, desk_id: str) -> str:
    return desk_name(uow, page.ports.knowledge.directory, desk_id, page.language)


def _may_see(page: Page, uow: UnitOfWork, incident_id: int) -> bool:
    """As for cases: coordinators all; officers those that have a case of theirs, or that their desk was paged for."""
    if page.sees_everything:
        return True
    mine = set(uow.desks.of_staff(page.staff.id))
    involved = uow.incidents.desks(incident_id).keys() | uow.incidents.paged_desks(incident_id)
    return bool(mine & involved) or uow.incidents.owns_one(incident_id, page.staff.id)


def _may_see_case(page: Page, mine: set[str], case: CaseRow) -> bool:
    return page.sees_everything or case.desk_id in mine or case.owner_id == page.staff.id
