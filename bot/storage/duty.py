"""Who is on duty when, who is away, who stands in: plans in, values out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time

import structlog
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.domain.accounts import Role
from bot.domain.desks import COORDINATION
from bot.domain.rosters import Absence, Override, Roster, check
from bot.storage.tables_duty import AbsenceRow, OverrideRow, RosterRow
from bot.storage.tables_staff import DeskMemberRow, StaffRow

log = structlog.get_logger()


class DutyRepository:
    """Reads and writes rosters, absences and overrides within one unit of work. Nothing here reads a clock."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_roster(self, roster: Roster) -> Roster:
        """Store a new roster, or the one with this id anew. Raises RosterError, LookupError for an unknown id."""
        check(roster, self._members(roster.desk_id))
        row = self._session.get(RosterRow, roster.id) if roster.id else RosterRow()
        if row is None:
            raise LookupError(f"no roster {roster.id}")
        row.desk_id, row.name, row.hours, row.active = roster.desk_id, roster.name, roster.hours, roster.active
        row.starts_on, row.turn_at = roster.starts_on.isoformat(), roster.turn_at.isoformat("minutes")
        row.turn_days, row.people = roster.turn_days, list(roster.people)
        self._session.add(row)
        self._session.flush()
        return _roster(row)

    def rosters(self, desk_id: str | None = None, among: Collection[str] | None = None) -> list[Roster]:
        """The rosters of one desk, of those `among` some, or of all, in the order they were made."""
        query = select(RosterRow).order_by(RosterRow.id)
        if desk_id is not None:
            query = query.where(RosterRow.desk_id == desk_id)
        if among is not None:
            query = query.where(RosterRow.desk_id.in_(list(among)))
        return list(_readable(self._session.scalars(query)))

    def remove_roster(self, roster_id: int) -> None:
        """Forget a roster. No effect if it is gone already."""
        self._session.execute(delete(RosterRow).where(RosterRow.id == roster_id))

    def add_absence(self, absence: Absence) -> Absence:
        """Store a new absence. Raises RosterError."""
        check(absence)
        row = AbsenceRow(
            staff_id=absence.staff_id, starts_at=absence.starts_at, ends_at=absence.ends_at, note=absence.note
        )
        self._session.add(row)
        self._session.flush()
        return _absence(row)

    def absences(self, starts_at: datetime, ends_at: datetime, staff_id: int | None = None) -> list[Absence]:
        """Absences that hold at any moment of [starts_at, ends_at], of one person or of all, earliest first."""
        query = select(AbsenceRow).where(AbsenceRow.starts_at <= ends_at, AbsenceRow.ends_at > starts_at)
        if staff_id is not None:
            query = query.where(AbsenceRow.staff_id == staff_id)
        return [_absence(row) for row in self._session.scalars(query.order_by(AbsenceRow.starts_at, AbsenceRow.id))]

    def remove_absence(self, absence_id: int) -> None:
        """Forget an absence. No effect if it is gone already."""
        self._session.execute(delete(AbsenceRow).where(AbsenceRow.id == absence_id))

    def add_override(self, override: Override) -> Override:
        """Store a new override. Raises RosterError."""
        check(override, self._members(override.desk_id))
        row = OverrideRow(
            desk_id=override.desk_id,
            staff_id=override.staff_id,
            instead_of=override.instead_of,
            starts_at=override.starts_at,
            ends_at=override.ends_at,
            by=override.by,
        )
        self._session.add(row)
        self._session.flush()
        return _override(row)

    def overrides(self, starts_at: datetime, ends_at: datetime, desk_id: str | None = None) -> list[Override]:
        """Overrides that hold at any moment of [starts_at, ends_at], of one desk or of all, in the order made."""
        query = select(OverrideRow).where(OverrideRow.starts_at <= ends_at, OverrideRow.ends_at > starts_at)
        if desk_id is not None:
            query = query.where(OverrideRow.desk_id == desk_id)
        return [_override(row) for row in self._session.scalars(query.order_by(OverrideRow.id))]

    def remove_override(self, override_id: int) -> None:
        """Forget an override. No effect if it is gone already."""
        self._session.execute(delete(OverrideRow).where(OverrideRow.id == override_id))

    def _members(self, desk_id: str) -> frozenset[int]:
        query = select(StaffRow.id).where(StaffRow.active.is_(True))
        at_desk = select(DeskMemberRow.staff_id).where(DeskMemberRow.desk_id == desk_id)
        wanted = StaffRow.role == Role.COORDINATOR if desk_id == COORDINATION else StaffRow.id.in_(at_desk)
        return frozenset(self._session.scalars(query.where(wanted)))


def _readable(rows: Iterable[RosterRow]) -> Iterable[Roster]:
    """A row that somebody has edited into nonsense counts as no roster: it must not stop all routing."""
    for row in rows:
        try:
            yield _roster(row)
        except (TypeError, ValueError):
            log.error("roster_unreadable", roster=row.id, desk=row.desk_id)


def _roster(row: RosterRow) -> Roster:
    return Roster(
        id=row.id,
        desk_id=row.desk_id,
        name=row.name,
        hours=row.hours,
        starts_on=date.fromisoformat(row.starts_on),
        turn_days=row.turn_days,
        turn_at=time.fromisoformat(row.turn_at),
        people=tuple(int(person) for person in row.people),
        active=row.active,
    )


def _absence(row: AbsenceRow) -> Absence:
    return Absence(row.staff_id, row.starts_at, row.ends_at, row.note, row.id)


def _override(row: OverrideRow) -> Override:
    return Override(row.desk_id, row.staff_id, row.instead_of, row.starts_at, row.ends_at, row.by, row.id)
