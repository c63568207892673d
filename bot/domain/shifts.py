"""A desk's plan as people read it: who is on when, day by day, by the desk's wall clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.coverage import Gap, Plan, Span, changes, with_fillers
from bot.domain.rosters import Override, RosterError, zone_of
from bot.domain.routing import closed

DAYS_A_WEEK = 7
MOST_WEEKS = 13
LOOKS_BACK = (timedelta(days=2), timedelta(days=16), timedelta())  # the last one: as far as asked


@dataclass(frozen=True)
class Piece:
    """A span in which the same people are on duty. `answered`: an alert would find one of them."""

    starts_at: datetime
    ends_at: datetime
    on: tuple[int, ...]
    open: bool
    answered: bool

    @property
    def hole(self) -> bool:
        """Whether nobody would answer although the desk is open."""
        return self.open and not self.answered


@dataclass(frozen=True)
class Day:
    """One day by the desk's clock; its pieces lie within it."""

    date: date
    pieces: tuple[Piece, ...]


def pieces(plan: Plan, start: datetime, end: datetime) -> list[Piece]:
    """[start, end) without a rest, cut where somebody comes or goes or the desk opens or closes; UTC."""
    found: list[Piece] = []
    moments = changes(plan, start, end)
    for moment, following in zip(moments, [*moments[1:], end], strict=True):
        is_open = closed(plan.desk, moment) is None
        on = plan.on(moment)
        answered = is_open and not on.isdisjoint(plan.reachable)
        piece = Piece(moment, following, tuple(sorted(on)), is_open, answered)
        if found and replace(piece, starts_at=found[-1].starts_at) == replace(found[-1], ends_at=following):
            found[-1] = replace(found[-1], ends_at=following)
        else:
            found.append(piece)
    return found


def weeks(plan: Plan, first: date, count: int) -> list[list[Day]]:
    """`count` weeks (1 to 13) of seven days from the day `first`."""
    zone, count = zone_of(plan.desk.timezone), min(max(count, 1), MOST_WEEKS)
    days = [first + timedelta(days=number) for number in range(count * DAYS_A_WEEK)]
    whole = pieces(plan, midnight(days[0], zone), midnight(days[-1] + timedelta(days=1), zone))
    cut = [Day(day, _within(whole, midnight(day, zone), midnight(day + timedelta(days=1), zone))) for day in days]
    return [cut[start : start + DAYS_A_WEEK] for start in range(0, len(cut), DAYS_A_WEEK)]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins there, in UTC; where the clock skips midnight, when it has done so."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def monday(day: date) -> date:
    """The first day of a day's week."""
    return day - timedelta(days=day.weekday())


def _within(whole: Iterable[Piece], start: datetime, end: datetime) -> tuple[Piece, ...]:
    return tuple(
        replace(piece, starts_at=max(piece.starts_at, start), ends_at=min(piece.ends_at, end))
        for piece in whole
        if piece.starts_at < end and piece.ends_at > start
    )


def holes(plan: Plan, whole: Iterable[Piece]) -> list[Gap]:
    """The spans in which nobody would answer although the desk is open, and who could fill them."""
    spans: list[Span] = []
    for piece in whole:
        if not piece.hole:
            continue
        if spans and spans[-1][1] == piece.starts_at:
            spans[-1] = (spans[-1][0], piece.ends_at)
        else:
            spans.append((piece.starts_at, piece.ends_at))
    return with_fillers(plan, spans)


def shifts_of(person: int, whole: Iterable[Piece]) -> list[Span]:
    """The spans in which a person is on duty at an open desk, each as long as it can be."""
    spans: list[Span] = []
    for piece in whole:
        if person not in piece.on or not piece.open:
            continue
        if spans and spans[-1][1] == piece.starts_at:
            spans[-1] = (spans[-1][0], piece.ends_at)
        else:
            spans.append((piece.starts_at, piece.ends_at))
    return spans


def off_since(plan: Plan, person: int, since: datetime, now: datetime) -> datetime | None:
    """When a person who is off duty at `now` went off, or `since` if they were not on from then; None if on duty."""
    if person in plan.on(now):
        return None
    for back in LOOKS_BACK:  # most shifts ended not long ago: a year is read only where it must be
        start = max(since, now - back) if back else since
        ended = now
        for moment in reversed(changes(plan, start, now) if start < now else []):
            if person in plan.on(moment):
                return ended
            ended = moment
        if start == since:
            break
    return min(since, now)


def local_moment(typed: str, zone: ZoneInfo, *, end: bool = False) -> tuple[datetime, str]:
    """A wall-clock time as '2026-10-25T02:30' in UTC, and "", "skipped" or "twice" by what the clock does then.

    Of a time that exists twice a start is the first and an end the second, so that nobody is missing in between;
    one that is skipped is read by the clock before the change. Raises RosterError.
    """
    try:
        wall = datetime.fromisoformat(typed.strip()).replace(second=0, microsecond=0)
    except ValueError as error:
        raise RosterError("time_wrong", typed=typed[:40]) from error
    if wall.tzinfo is not None or not 2000 <= wall.year < 2100:
        raise RosterError("time_wrong", typed=typed[:40])
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) != wall:
        return first, "skipped"
    if first == second:
        return first, ""
    return (second if end else first), "twice"


def overlaps(override: Override, others: Iterable[Override]) -> Override | None:
    """The first other override that puts the same person on duty in the same time, at whatever desk."""
    for other in others:
        if other.id == override.id or other.staff_id != override.staff_id:
            continue
        if other.starts_at < override.ends_at and override.starts_at < other.ends_at:
            return other
    return None
