"""Desks and the officers on them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.domain.accounts import Role
from bot.domain.cases import CaseStatus
from bot.domain.desks import COORDINATION, Desk, Officer
from bot.domain.rosters import on_duty
from bot.domain.taxonomy import DeskKind
from bot.storage.bounces import BounceRepository, Reach
from bot.storage.duty import DutyRepository
from bot.storage.push_subscriptions import PushRepository
from bot.storage.tables import CaseRow
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

    def rows(self, only: Collection[str] | None = None) -> list[DeskRow]:
        """Every desk's row, or some."""
        query = select(DeskRow).order_by(DeskRow.id)
        return list(self._session.scalars(query if only is None else query.where(DeskRow.id.in_(list(only)))))

    def outlines(self, kinds: Iterable[DeskKind]) -> dict[str, Desk]:
        """The desks of these kinds by where they are, without their people."""
        rows = self._session.scalars(select(DeskRow).where(DeskRow.kind.in_(list(kinds))).order_by(DeskRow.id))
        return {row.id: as_value(row) for row in rows}

    def members_by_desk(self, only: Collection[str] | None = None) -> dict[str, list[StaffRow]]:
        """`members` of every desk that has any, or of some, in two queries."""
        active = select(StaffRow).where(StaffRow.active.is_(True)).order_by(StaffRow.id)
        by_desk = {COORDINATION: list(self._session.scalars(active.where(StaffRow.role == Role.COORDINATOR)))}
        query = active.join(DeskMemberRow, DeskMemberRow.staff_id == StaffRow.id).add_columns(DeskMemberRow.desk_id)
        if only is not None:
            query = query.where(DeskMemberRow.desk_id.in_(list(only)))
        for staff, desk_id in self._session.execute(query.where(DeskMemberRow.desk_id != COORDINATION)):
            by_desk.setdefault(desk_id, []).append(staff)
        return by_desk

    def all(
        self, now: datetime, *, telegram: bool, email: bool = False, only: Collection[str] | None = None
    ) -> dict[str, Desk]:
        """Every desk as a value for routing, with who can be reached at `now`; `telegram`, `email`: if they are on.

        `only`: these alone, for a decision needs a handful, whatever their number.
        """
        members, duty = self.members_by_desk(only), self._duty(now, only)
        seen, open_cases = self.at_the_console(now), self._open_cases()
        reach = self.reach(telegram=telegram, email=email)
        desks = {}
        for row in self.rows(only):
            people = members.get(row.id, [])
            on = duty(row, frozenset(staff.id for staff in people))
            as_a_desk = bool(reach.to_desk(row))  # one mailbox reaches all of its people
            officers = tuple(
                Officer(
                    staff.id,
                    staff.name,
                    reachable=as_a_desk or staff.id in seen or bool(reach.to_person(staff)),
                    available=staff.available,
                    languages=tuple(staff.languages),
                    capacity=staff.capacity,
                    open_cases=open_cases.get(staff.id, 0),
                    on_duty=staff.id in on,
                )
                for staff in people
            )
            desks[row.id] = as_value(row, officers)
        return desks

    def reach(self, *, telegram: bool, email: bool) -> Reach:
        """Which ways to people and desks lead anywhere; `telegram`, `email`: if they are on."""
        bounced = BounceRepository(self._session).all()
        return Reach(telegram, email, bounced, PushRepository(self._session).people())

    def at_the_console(self, now: datetime) -> set[int]:
        """Whose console was open a moment ago."""
        query = select(StaffSessionRow.staff_id).where(
            StaffSessionRow.seen_at >= now - SEEN_WITHIN, StaffSessionRow.expires_at > now
        )
        return set(self._session.scalars(query))

    def _open_cases(self) -> dict[int, int]:
        """How many accepted cases each person has; a drill takes nobody's time."""
        query = select(CaseRow.owner_id, func.count()).where(
            CaseRow.status == CaseStatus.ACCEPTED, CaseRow.owner_id.is_not(None), CaseRow.drill.is_(False)
        )
        return {owner: count for owner, count in self._session.execute(query.group_by(CaseRow.owner_id)) if owner}

    def _duty(self, now: datetime, only: Collection[str] | None) -> Callable[[DeskRow, frozenset[int]], frozenset[int]]:
        """Who of a desk's members is on duty at `now`."""
        plans = DutyRepository(self._session)
        rosters, overrides, absences = plans.rosters(among=only), plans.overrides(now, now), plans.absences(now, now)

        def of(row: DeskRow, members: frozenset[int]) -> frozenset[int]:
            if row.id == COORDINATION:
                return members  # coordinators are always on duty: the end of every chain
            of_desk = [roster for roster in rosters if roster.desk_id == row.id]
            instead = [override for override in overrides if override.desk_id == row.id]
            return on_duty(of_desk, instead, absences, row.timezone, now, members)

        return of


def as_value(row: DeskRow, officers: tuple[Officer, ...] = ()) -> Desk:
    """A desk's row as routing needs it."""
    return Desk(
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
        keeps_holidays=row.keeps_holidays,
    )
