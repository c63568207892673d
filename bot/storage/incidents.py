"""Incidents, the cases in them, and when each desk was last paged."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case as sql_case
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from bot.domain.cases import CaseStatus, EventKind
from bot.domain.incidents import LastPage
from bot.storage.inserts import insert_for
from bot.storage.tables import CaseEventRow, CaseRow
from bot.storage.tables_cases import IncidentRow
from bot.storage.tables_staff import MetaRow

RUNNING = (CaseStatus.OPEN, CaseStatus.ACCEPTED)
_LOCKS = 41_000_041  # the first half of PostgreSQL's lock numbers for grouping


@dataclass(frozen=True)
class Counts:
    """How an incident stands."""

    people: int = 0
    waiting: int = 0
    accepted: int = 0
    closed: int = 0
    oldest_waiting: datetime | None = None


class IncidentRepository:
    """Reads and writes incidents within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # --- grouping ------------------------------------------------------------------------------------
    def lock(self, country: str) -> None:
        """Until this unit ends, nobody else groups cases of a country: two cases at once make one incident.

        On SQLite there is one writer anyway.
        """
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(
                text("select pg_advisory_xact_lock(:topic, hashtext(:country))"), {"topic": _LOCKS, "country": country}
            )

    def open_ones(self, country: str, kinds: Iterable[str], *, drill: bool, demo: bool) -> list[IncidentRow]:
        """Open incidents of these kinds in a country, oldest first."""
        query = select(IncidentRow).where(
            IncidentRow.state == "open",
            IncidentRow.kind.in_(list(kinds)),
            IncidentRow.country == country,
            IncidentRow.drill.is_(drill),
            select(CaseRow.id).where(CaseRow.incident_id == IncidentRow.id, CaseRow.demo.is_(demo)).exists(),
        )
        return list(self._session.scalars(query.order_by(IncidentRow.id)))

    def alone(self, kind: str, country: str, since: datetime, apart_from: int) -> list[CaseRow]:
        """Running cases of a kind in a country that are in no incident, locked.

        A row that somebody else holds right now is left out: waiting for it here could wait for ever, and the next
        report takes it in.
        """
        query = select(CaseRow).where(
            CaseRow.label == kind,
            CaseRow.incident_id.is_(None),
            CaseRow.status.in_(RUNNING),
            CaseRow.opened_at >= since,
            CaseRow.id != apart_from,
            CaseRow.location["country"].as_string() == country,
        )
        return list(self._session.scalars(query.order_by(CaseRow.id).with_for_update(skip_locked=True)))

    def add(self, incident: IncidentRow) -> IncidentRow:
        """Store a new incident and give it its id."""
        self._session.add(incident)
        self._session.flush()
        return incident

    def get(self, incident_id: int) -> IncidentRow:
        """The incident with this id. Raises LookupError."""
        row = self._session.get(IncidentRow, incident_id)
        if row is None:
            raise LookupError(f"no incident {incident_id}")
        return row

    # --- looking ---------------------------------------------------------------------------------------
    def newest(self, state: str, limit: int = 200) -> list[IncidentRow]:
        """Incidents in a state, the one with the newest report first; drills left out."""
        query = select(IncidentRow).where(IncidentRow.state == state, IncidentRow.drill.is_(False))
        return list(self._session.scalars(query.order_by(IncidentRow.last_at.desc(), IncidentRow.id).limit(limit)))

    def cases(self, incident_id: int, statuses: Iterable[str] | None = None, desk_id: str = "") -> list[CaseRow]:
        """The cases of an incident, oldest first; of some states or one desk only, if given."""
        query = select(CaseRow).where(CaseRow.incident_id == incident_id)
        if statuses is not None:
            query = query.where(CaseRow.status.in_(list(statuses)))
        if desk_id:
            query = query.where(CaseRow.desk_id == desk_id)
        return list(self._session.scalars(query.order_by(CaseRow.id)))

    def people(self, incident_id: int) -> int:
        """How many people are in an incident: somebody with two cases is one."""
        query = select(func.count(CaseRow.conversation_id.distinct())).where(CaseRow.incident_id == incident_id)
        return self._session.scalar(query) or 0

    def counts(self, incident_ids: Iterable[int]) -> dict[int, Counts]:
        """How incidents stand, in one query."""

        def of(status: CaseStatus) -> Any:
            return func.count(sql_case((CaseRow.status == status, 1)))

        oldest = func.min(sql_case((CaseRow.status == CaseStatus.OPEN, CaseRow.opened_at)))
        query = select(
            CaseRow.incident_id,
            func.count(CaseRow.conversation_id.distinct()),
            of(CaseStatus.OPEN),
            of(CaseStatus.ACCEPTED),
            of(CaseStatus.CLOSED),
            oldest,
        ).where(CaseRow.incident_id.in_(list(incident_ids)))
        return {row[0]: Counts(*row[1:]) for row in self._session.execute(query.group_by(CaseRow.incident_id))}

    def desks(self, incident_id: int) -> dict[str, tuple[int, int]]:
        """Per desk that has cases of an incident: how many wait there, and how many there are in all."""
        waiting = func.count(sql_case((CaseRow.status == CaseStatus.OPEN, 1)))
        query = select(CaseRow.desk_id, waiting, func.count()).where(CaseRow.incident_id == incident_id)
        rows = self._session.execute(query.group_by(CaseRow.desk_id).order_by(CaseRow.desk_id))
        return {desk: (open_ones, total) for desk, open_ones, total in rows}

    def owns_one(self, incident_id: int, staff_id: int) -> bool:
        """Whether somebody has a case of an incident."""
        query = select(CaseRow.id).where(CaseRow.incident_id == incident_id, CaseRow.owner_id == staff_id)
        return self._session.scalar(query.limit(1)) is not None

    # --- pages -----------------------------------------------------------------------------------------
    def last_page(self, incident_id: int, desk_id: str, sort: str = "") -> LastPage | None:
        """The newest page of a sort to a desk because of an incident; locked, so that two cases page once."""
        key = _page_key(incident_id, desk_id, sort)
        empty = insert_for(self._session)(MetaRow).values(key=key, value="").on_conflict_do_nothing()
        self._session.execute(empty)
        value = self._session.scalar(select(MetaRow.value).where(MetaRow.key == key).with_for_update())
        if not value:
            return None
        kept = json.loads(value)
        return LastPage(datetime.fromisoformat(kept["at"]), kept["rank"], kept["people"])

    def note_page(self, incident_id: int, desk_id: str, page: LastPage, sort: str = "") -> None:
        """Remember a page. What happened stands in the cases' events; this is only the short cut to it."""
        key = _page_key(incident_id, desk_id, sort)
        kept = {"at": page.at.isoformat(), "rank": page.severity_rank, "people": page.people}
        statement = insert_for(self._session)(MetaRow).values(key=key, value="")
        self._session.execute(statement.on_conflict_do_nothing())
        self._session.execute(update(MetaRow).where(MetaRow.key == key).values(value=json.dumps(kept)))

    def forget_page(self, incident_id: int, desk_id: str) -> None:
        """The newest page has not arrived: nobody is joined to it any more."""
        self._session.execute(update(MetaRow).where(MetaRow.key == _page_key(incident_id, desk_id)).values(value=""))

    def joined_since(
        self, incident_id: int, desk_id: str, moment: datetime, apart_from: int, *, lock: bool = False
    ) -> list[CaseRow]:
        """Cases waiting at a desk that were joined to a page of others since a moment.

        With `lock` one that somebody else holds is left out, for something happens to it right now.
        """
        joined = select(CaseEventRow.case_id).where(
            CaseEventRow.kind == EventKind.ALERTED,
            CaseEventRow.at >= moment,
            CaseEventRow.data["joined"].as_boolean().is_(True),
            CaseEventRow.data["desk"].as_string() == desk_id,
        )
        query = select(CaseRow).where(
            CaseRow.incident_id == incident_id,
            CaseRow.status == CaseStatus.OPEN,
            CaseRow.desk_id == desk_id,
            CaseRow.id != apart_from,
            CaseRow.id.in_(joined),
        )
        query = query.order_by(CaseRow.id)
        return list(self._session.scalars(query.with_for_update(skip_locked=True) if lock else query))

    def paged_desks(self, incident_id: int) -> set[str]:
        """The desks that were paged because of an incident."""
        begin = _page_key(incident_id, "")
        query = select(MetaRow.key).where(MetaRow.key.startswith(begin, autoescape=True), MetaRow.value != "")
        return {key.removeprefix(begin) for key in self._session.scalars(query)}


def _page_key(incident_id: int, desk_id: str, sort: str = "") -> str:
    return f"incident:{incident_id}:paged{sort and '_'}{sort}:{desk_id}"
