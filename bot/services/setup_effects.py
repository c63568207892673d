"""What a setup would lead to: desks that reach nobody, people in two places, hours nobody would answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.domain.accounts import Role
from bot.domain.coverage import Plan, Span, gaps
from bot.domain.desks import COORDINATION
from bot.domain.hours import HoursError, parse_hours
from bot.domain.rosters import Absence, Override, Roster, zone_of
from bot.domain.setup import Key, Merged, Place, Remark, Row, Setup
from bot.domain.setup_checks import is_member, overlapping
from bot.services.coverage import can_be_reached
from bot.storage.desks import as_value
from bot.storage.tables_staff import DeskRow, StaffRow
from bot.storage.unit_of_work import UnitOfWork

DAYS = 30
HOLES_SHOWN = 5  # of one desk
NOWHERE = Place("")


@dataclass(frozen=True)
class _World:
    """What a setup does not hold but coverage needs. People are known by address; new ones get negative ids."""

    staff: dict[str, StaffRow]
    reach: Any  # storage.bounces.Reach
    absences: list[Absence]
    overrides: list[Override]


def effects(uow: UnitOfWork, before: Setup, merged: Merged, now: datetime, *, email: bool) -> list[Remark]:
    """Warnings about the desks that a plan touches; nothing here stops it."""
    start = now.replace(second=0, microsecond=0)
    end = start + timedelta(days=DAYS)
    touched = _touched(before, merged)
    world = _World(
        _people(uow, merged.after),
        uow.desks.reach(telegram=True, email=email),
        uow.duty.absences(start, end),
        uow.duty.overrides(start, end),
    )
    found: list[Remark] = []
    for desk_id in touched:
        found += _of_desk(desk_id, before, merged.after, world, start, end)
    return found + list(_double_duty(merged.after, touched, now))


def _touched(before: Setup, merged: Merged) -> list[str]:
    """The desks whose people, hours or rosters change, in order."""
    desks: set[str] = set()
    for change in merged.changes:
        if change.table in ("desks", "members", "rosters"):
            desks.add(change.key[0])
        elif change.table == "people":
            for setup in (before, merged.after):
                desks |= {desk_id for desk_id, address in setup["members"] if address == change.key[0]}
            desks |= {COORDINATION} if _was_or_is_coordinator(change.old, change.new) else set()
    return sorted(desk_id for desk_id in desks if (desk_id,) in merged.after["desks"])


def _was_or_is_coordinator(*rows: Row | None) -> bool:
    return any(row is not None and row["role"] == Role.COORDINATOR for row in rows)


def _people(uow: UnitOfWork, after: Setup) -> dict[str, StaffRow]:
    known = {staff.email.lower(): staff for staff in uow.staff.everyone()}
    new = [key[0] for key in after["people"] if key[0] not in known]
    return known | {address: StaffRow(id=-number, email=address) for number, address in enumerate(new, 1)}


def _of_desk(
    desk_id: str, before: Setup, after: Setup, world: _World, start: datetime, end: datetime
) -> Iterator[Remark]:
    plan = _plan(desk_id, after, world)
    if plan is None or not plan.desk.active:
        return
    if not plan.members:
        yield Remark(NOWHERE, "desk_without_people", {"desk": desk_id})
    elif not plan.reachable:
        yield Remark(NOWHERE, "desk_unreachable", {"desk": desk_id})
    else:
        old = _plan(desk_id, before, world)
        was = [(gap.starts_at, gap.ends_at) for gap in gaps(old, start, end)] if old and old.desk.active else []
        holes = [span for gap in gaps(plan, start, end) for span in _without((gap.starts_at, gap.ends_at), was)]
        zone = zone_of(plan.desk.timezone)
        for hole in holes[:HOLES_SHOWN]:
            first, last = (moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") for moment in hole)
            yield Remark(NOWHERE, "new_hole", {"desk": desk_id, "from": first, "to": last})
        if len(holes) > HOLES_SHOWN:
            words = {"desk": desk_id, "count": str(len(holes) - HOLES_SHOWN), "days": str(DAYS)}
            yield Remark(NOWHERE, "more_holes", words)


def _without(span: Span, covered: list[Span]) -> list[Span]:
    """What of a span lies in none of the others (in order, apart from each other)."""
    left, (start, end) = [], span
    for first, last in covered:
        if last <= start or first >= end:
            continue
        if first > start:
            left.append((start, first))
        start = max(start, last)
    return [*left, (start, end)] if start < end else left


def _plan(desk_id: str, setup: Setup, world: _World) -> Plan | None:
    row = setup["desks"].get((desk_id,))
    if row is None:
        return None
    desk = DeskRow(id=desk_id, **row)
    if desk_id == COORDINATION:
        people = [key[0] for key, one in setup["people"].items() if one["role"] == Role.COORDINATOR and one["active"]]
    else:
        people = [address for desk, address in setup["members"] if desk == desk_id and is_member(setup, desk, address)]
    staff = [world.staff[address] for address in people]
    ids = frozenset(person.id for person in staff)
    rosters = [_roster(key, roster, world) for key, roster in setup["rosters"].items() if key[0] == desk_id]
    return Plan(
        as_value(desk),
        ids,
        frozenset(person.id for person in staff if can_be_reached(world.reach, desk, person)),
        tuple(rosters),
        tuple(override for override in world.overrides if override.desk_id == desk_id),
        tuple(absence for absence in world.absences if absence.staff_id in ids),
        always=desk_id == COORDINATION,
    )


def _roster(key: Key, row: Row, world: _World) -> Roster:
    people = row["people"] if isinstance(row["people"], tuple) else ()
    return Roster(
        id=0,
        desk_id=key[0],
        name=key[1],
        hours=str(row["hours"]),
        starts_on=date.fromisoformat(str(row["starts_on"])),
        turn_days=int(str(row["turn_days"])),
        turn_at=time.fromisoformat(str(row["turn_at"])),
        people=tuple(world.staff[address].id for address in people),
        active=bool(row["active"]),
    )


def _double_duty(after: Setup, touched: list[str], now: datetime) -> Iterator[Remark]:
    """People in rosters of two desks whose hours overlap: with turns they may never meet, so it is only told."""
    rosters = [(key, row) for key, row in after["rosters"].items() if row["active"]]
    for place, (key, row) in enumerate(rosters):
        for other, second in rosters[:place]:
            if key[0] == other[0] or not {key[0], other[0]} & set(touched):
                continue
            both = set(_people_of(row)) & set(_people_of(second))
            if both and _overlap(key[0], row, other[0], second, after, now):
                words = {"roster": key[1], "desk": key[0], "other": other[1], "other_desk": other[0]}
                yield Remark(NOWHERE, "double_duty", {"people": ", ".join(sorted(both)), **words})


def _people_of(row: Row) -> tuple[str, ...]:
    return row["people"] if isinstance(row["people"], tuple) else ()


def _overlap(desk: str, row: Row, other: str, second: Row, after: Setup, now: datetime) -> bool:
    def clock(desk_id: str) -> int:
        offset = now.astimezone(zone_of(str(after["desks"][desk_id,]["timezone"]))).utcoffset() or timedelta(0)
        return int(offset.total_seconds()) // 60

    try:
        first, then = parse_hours(str(row["hours"])), parse_hours(str(second["hours"]))
    except HoursError:
        return False  # told already as a mistake of its own
    return overlapping(first, then, clock(desk) - clock(other))
