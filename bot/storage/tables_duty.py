"""Tables of duty: who is on when, who is away, who stands in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables import Base


class RosterRow(Base):
    """A rotation of a desk's people within weekly hours, by the desk's wall clock.

    `people` are staff ids in order; each is on for `turn_days` days from `starts_on`, handing over at `turn_at`.
    `turn_days` 0: everybody named is on whenever the hours hold.
    """

    __tablename__ = "rosters"
    id: Mapped[int] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(ForeignKey("desks.id"), index=True)
    name: Mapped[str]
    hours: Mapped[str] = mapped_column(default="")
    starts_on: Mapped[str]  # a date, YYYY-MM-DD, in the desk's time zone
    turn_days: Mapped[int] = mapped_column(default=7)
    turn_at: Mapped[str] = mapped_column(default="09:00")
    people: Mapped[list[Any]]
    active: Mapped[bool] = mapped_column(default=True)


class AbsenceRow(Base):
    """A person's holiday, illness or other time away."""

    __tablename__ = "absences"
    __table_args__ = (Index("ix_absences_person", "staff_id", "ends_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")


class OverrideRow(Base):
    """Somebody is on duty at a desk for a while, beside the roster or instead of one person of it."""

    __tablename__ = "overrides"
    __table_args__ = (Index("ix_overrides_desk", "desk_id", "ends_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(ForeignKey("desks.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    instead_of: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    by: Mapped[str]


class SwapRow(Base):
    """One person asks another at the same desk to stand in for them; agreed, it becomes an override."""

    __tablename__ = "swaps"
    __table_args__ = (Index("ix_swaps_asked", "asked_of", "state"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(ForeignKey("desks.id"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_of: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="asked")  # asked | agreed | declined | withdrawn
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    override_id: Mapped[int | None]
