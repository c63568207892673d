"""Who is on duty at a desk: whose turn it is, who is away, who stands in. All by the desk's wall clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.hours import HoursError, is_open, parse_hours


@dataclass(frozen=True)
class Roster:
    """A rotation: each of `people` (staff ids, in order) for `turn_days` days from `starts_on`, within `hours`.

    `turn_days` 0: everybody named is on whenever the hours hold. Empty hours: always.
    """

    id: int
    desk_id: str
    name: str
    hours: str
    starts_on: date
    turn_days: int
    turn_at: time
    people: tuple[int, ...]
    active: bool = True


@dataclass(frozen=True)
class Absence:
    """A person is away from `starts_at` until just before `ends_at` (aware moments)."""

    staff_id: int
    starts_at: datetime
    ends_at: datetime
    note: str = ""
    id: int = 0


@dataclass(frozen=True)
class Override:
    """A person is on duty for this whole while, beside the others or instead of one of them."""

    desk_id: str
    staff_id: int
    instead_of: int | None
    starts_at: datetime
    ends_at: datetime
    by: str = ""
    id: int = 0


class RosterError(Exception):
    """A plan that cannot be kept; the code names the sentence for the person who tried."""

    def __init__(self, code: str, **args: str) -> None:
        super().__init__(code)
        self.code = code
        self.args_for_text = args


def on_duty(
    rosters: Iterable[Roster],
    overrides: Iterable[Override],
    absences: Iterable[Absence],
    timezone: str,
    at: datetime,
    members: Collection[int] = (),
) -> frozenset[int]:
    """The staff ids on duty at the aware moment `at`; rosters and overrides are those of one desk.

    While no active roster has begun, all `members` are. Later overrides see what earlier ones did. A person who
    is absent is nobody: only an override puts somebody else in their place.
    """
    local = at.astimezone(zone_of(timezone))
    running = [roster for roster in rosters if roster.active and _has_begun(roster, local)]
    on = {person for roster in running for person in on_turn(roster, local)} if running else set(members)
    for override in overrides:
        if override.starts_at <= at < override.ends_at:
            on -= {override.instead_of}
            on |= {override.staff_id}
    return frozenset(on - {absence.staff_id for absence in absences if absence.starts_at <= at < absence.ends_at})


def on_turn(roster: Roster, local: datetime) -> tuple[int, ...]:
    """Whose turn it is in one roster that has begun; `local` is aware, in the desk's zone."""
    if not roster.people or not _within_hours(roster, local):
        return ()
    if roster.turn_days <= 0:
        return roster.people
    turns = (_duty_day(local, roster.turn_at) - roster.starts_on).days // roster.turn_days
    return (roster.people[turns % len(roster.people)],)


def _has_begun(roster: Roster, local: datetime) -> bool:
    # Without turns there is no handover to wait for: such a roster begins with its day.
    first = local.date() if roster.turn_days <= 0 else _duty_day(local, roster.turn_at)
    return first >= roster.starts_on


def _duty_day(local: datetime, turn_at: time) -> date:
    """The latest day whose handover has been. A handover that the clock repeats or skips still happens once."""
    now = local.replace(tzinfo=None, fold=0)
    # While the clock repeats itself, what it has shown before still counts.
    ahead = 1 if local.fold else 0
    for day in (local.date() + timedelta(days=ahead), local.date()):
        handover = datetime.combine(day, turn_at)
        if handover <= now:
            return day
        if local.fold and handover.replace(tzinfo=local.tzinfo).astimezone(UTC) <= local.astimezone(UTC):
            return day
    return local.date() - timedelta(days=1)


def _within_hours(roster: Roster, local: datetime) -> bool:
    """Hours that nobody can read must not leave a desk without people."""
    try:
        return is_open(parse_hours(roster.hours), str(local.tzinfo), local)
    except HoursError:
        return True


@lru_cache(maxsize=1024)
def zone_of(timezone: str) -> ZoneInfo:
    """A time zone by name; UTC for one that nobody knows, so that duty can still be decided."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def problems(plan: Roster | Absence | Override, members: Collection[int] = ()) -> list[RosterError]:
    """What speaks against a plan for a desk with these members; empty if nothing does."""
    if isinstance(plan, Roster):
        return _problems_of_roster(plan, members)
    found = [] if plan.starts_at < plan.ends_at else [RosterError("ends_before_start")]
    if isinstance(plan, Override):
        people = {plan.staff_id, plan.instead_of} - {None}
        found += [RosterError("not_on_desk", people=str(person)) for person in sorted(people - set(members), key=str)]
    return found


def check(plan: Roster | Absence | Override, members: Collection[int] = ()) -> None:
    """Raises the first of a plan's problems as RosterError."""
    for problem in problems(plan, members):
        raise problem


def _problems_of_roster(roster: Roster, members: Collection[int]) -> list[RosterError]:
    found = [] if roster.people else [RosterError("roster_without_people")]
    strangers = sorted(set(roster.people) - set(members))
    if strangers:
        found.append(RosterError("not_on_desk", people=", ".join(map(str, strangers))))
    if roster.turn_days < 0:
        found.append(RosterError("turn_days_wrong", days=str(roster.turn_days)))
    try:
        parse_hours(roster.hours)
    except HoursError as error:
        found.append(RosterError("hours_wrong", detail=str(error)))
    return found
