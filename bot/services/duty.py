"""Changing who is on duty: rosters, overrides, absences. Each change is in the audit trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.coverage import Plan, Span, common
from bot.domain.rosters import Absence, Override, Roster, RosterError, check
from bot.domain.shifts import overlaps, pieces, shifts_of
from bot.storage.tables_duty import AbsenceRow, OverrideRow, RosterRow
from bot.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Doubled:
    """A person who is on duty at two desks at once, for the first time within what was looked at."""

    staff_id: int
    desks: tuple[str, str]
    span: Span


def put_roster(uow: UnitOfWork, roster: Roster, by: int, now: datetime) -> Roster:
    """Store a new roster, or a changed one under its id. Raises RosterError, LookupError."""
    if roster.id:
        _own(uow, RosterRow, roster.id, roster.desk_id)
    stored = uow.duty.add_roster(roster)
    uow.audit.record(by, "roster_saved", f"desk:{roster.desk_id}", now, roster=stored.id, active=stored.active)
    return stored


def remove_roster(uow: UnitOfWork, desk_id: str, roster_id: int, by: int, now: datetime) -> None:
    """Forget a roster of this desk; without effect if it is gone already. Raises LookupError."""
    if _own(uow, RosterRow, roster_id, desk_id):
        uow.duty.remove_roster(roster_id)
        uow.audit.record(by, "roster_removed", f"desk:{desk_id}", now, roster=roster_id)


def add_override(uow: UnitOfWork, override: Override, by: int, now: datetime) -> Override:
    """Put somebody on duty for a while. Raises RosterError: also where it would have no effect, or holds twice."""
    check(override, frozenset(staff.id for staff in uow.desks.members(override.desk_id)))
    if override.staff_id == override.instead_of:
        raise RosterError("override_same")
    for away in uow.duty.absences(override.starts_at, override.ends_at, override.staff_id):
        if away.starts_at < override.ends_at:
            raise RosterError("override_absent", person=str(override.staff_id), **_times(away))
    other = overlaps(override, uow.duty.overrides(override.starts_at, override.ends_at))
    if other is not None:
        raise RosterError("override_overlaps", person=str(other.staff_id), desk=other.desk_id, **_times(other))
    stored = uow.duty.add_override(override)
    uow.audit.record(by, "override_added", f"desk:{override.desk_id}", now, override=stored.id)
    return stored


def remove_override(uow: UnitOfWork, desk_id: str, override_id: int, by: int, now: datetime) -> None:
    """Forget an override of this desk; without effect if it is gone already. Raises LookupError."""
    if _own(uow, OverrideRow, override_id, desk_id):
        uow.duty.remove_override(override_id)
        uow.audit.record(by, "override_removed", f"desk:{desk_id}", now, override=override_id)


def add_absence(uow: UnitOfWork, absence: Absence, by: int, now: datetime) -> Absence:
    """Somebody is away for a while. Raises RosterError: also if they are away for all of it already."""
    check(absence)
    for other in uow.duty.absences(absence.starts_at, absence.ends_at, absence.staff_id):
        if other.starts_at <= absence.starts_at and absence.ends_at <= other.ends_at:
            raise RosterError("absence_exists", person=str(absence.staff_id), **_times(other))
    stored = uow.duty.add_absence(absence)
    uow.audit.record(by, "absence_added", f"staff:{absence.staff_id}", now, absence=stored.id)
    return stored


def remove_absence(uow: UnitOfWork, people: Iterable[int], absence_id: int, by: int, now: datetime) -> None:
    """Forget an absence of one of these people; without effect if it is gone already. Raises LookupError."""
    row = uow.session.get(AbsenceRow, absence_id)
    if row is None:
        return
    if row.staff_id not in set(people):
        raise LookupError(absence_id)
    uow.duty.remove_absence(absence_id)
    uow.audit.record(by, "absence_removed", f"staff:{row.staff_id}", now, absence=absence_id)


def doubled(plans: Mapping[str, Plan], start: datetime, end: datetime) -> list[Doubled]:
    """Who is on duty at two desks at once between two moments, once per person and pair of desks.

    Only desks with a plan of who is on count: where everybody always is, nobody is meant to sit there.
    """
    shifts: dict[int, list[tuple[str, list[Span]]]] = {}
    for key, plan in plans.items():
        if plan.always or not (plan.overrides or any(roster.active for roster in plan.rosters)):
            continue
        whole = pieces(plan, start, end)
        for person in sorted(plan.members):
            spans = shifts_of(person, whole)
            if spans:
                shifts.setdefault(person, []).append((key, spans))
    found = []
    for person, desks in shifts.items():
        for number, (first, spans) in enumerate(desks):
            for second, others in desks[number + 1 :]:
                both = common(spans, others)
                if both:
                    found.append(Doubled(person, (first, second), both[0]))
    return found


def _own(uow: UnitOfWork, table: type[RosterRow] | type[OverrideRow], row_id: int, desk_id: str) -> bool:
    """Whether the row is still there. Raises LookupError for one of another desk."""
    row: Any = uow.session.get(table, row_id)
    if row is not None and row.desk_id != desk_id:
        raise LookupError(row_id)
    return row is not None


def _times(plan: Absence | Override) -> dict[str, str]:
    return {"starts": plan.starts_at.isoformat(), "ends": plan.ends_at.isoformat()}
