"""Desks and the officers on them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.domain.accounts import Role
from bot.domain.desks import COORDINATION, Desk, Officer
from bot.domain.taxonomy import DeskKind
from bot.storage.tables_staff import DeskMemberRow, DeskRow, StaffRow, StaffSessionRow

# A console that was open this recently still shows its owner a new case.
SEEN_WITHIN = timedelta(minutes=10)


class DeskRepository:
    """Reads and writes desks within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, desk_id: str, **values: Any) -> DeskRow:
        """Create or change a desk."""
        row = self._session.get(DeskRow, desk_id)
        if row is None:
            row = DeskRow(id=desk_id, **values)
            self._session.add(row)
        for name, value in values.items():
            setattr(row, name, value)
        self._session.flush()
        return row

    def row(self, desk_id: str) -> DeskRow | None:
        """One desk's row."""
        return self._session.get(DeskRow, desk_id)

    def assign(self, desk_id: str, staff_id: int) -> None:
        """Put a person on a desk."""
        self._session.merge(DeskMemberRow(desk_id=desk_id, staff_id=staff_id))
        self._session.flush()

    def unassign(self, desk_id: str, staff_id: int) -> None:
        """Take a person off a desk."""
        self._session.execute(
            delete(DeskMemberRow).where(DeskMemberRow.desk_id == desk_id, DeskMemberRow.staff_id == staff_id)
        )

    def of_staff(self, staff_id: int) -> list[str]:
        """The desks a person works at."""
        query = select(DeskMemberRow.desk_id).where(DeskMemberRow.staff_id == staff_id)
        return list(self._session.scalars(query))

    def members(self, desk_id: str) -> list[StaffRow]:
        """The active people on a desk; every coordinator is on the coordination desk."""
        query = select(StaffRow).where(StaffRow.active.is_(True)).order_by(StaffRow.id)
        if desk_id == COORDINATION:
            query = query.where(StaffRow.role == Role.COORDINATOR)
        else:
            query = query.join(DeskMemberRow, DeskMemberRow.staff_id == StaffRow.id).where(
                DeskMemberRow.desk_id == desk_id
            )
        return list(self._session.scalars(query))

    def all(self, now: datetime, *, telegram: bool) -> dict[str, Desk]:
        """Every desk as a value for routing, with who can be reached at `now`; `telegram`: whether that way is on."""
        seen = set(
            self._session.scalars(
                select(StaffSessionRow.staff_id).where(
                    StaffSessionRow.seen_at >= now - SEEN_WITHIN, StaffSessionRow.expires_at > now
                )
            )
        )
        desks = {}
        for row in self._session.scalars(select(DeskRow)):
            officers = tuple(
                Officer(
                    staff.id,
                    staff.name,
                    reachable=bool((telegram and staff.telegram_chat) or row.webhook_url or staff.id in seen),
                    available=staff.available,
                )
                for staff in self.members(row.id)
            )
            desks[row.id] = Desk(
                id=row.id,
                kind=DeskKind(row.kind),
                name=row.name,
                country=row.country,
                city=row.city,
                municipality=row.municipality,
                timezone=row.timezone,
                hours=row.hours,
                active=row.active,
                officers=officers,
            )
        return desks
