"""The spans of time in which nobody at a desk would answer, found at the moments where anything can change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from operator import itemgetter
from zoneinfo import ZoneInfo

from bot.domain.desks import Desk
from bot.domain.hours import DAYS, MINUTES_A_DAY, HoursError, parse_hours
from bot.domain.public_holidays import public_holiday
from bot.domain.rosters import Absence, Override, Roster, on_duty, zone_of
from bot.domain.routing import closed

ONE_DAY = timedelta(days=1)
Span = tuple[datetime, datetime]  # from .. until just before, in UTC


@dataclass(frozen=True)
class Plan:
    """What is planned for one desk. `reachable` are the members whom an alert would find."""

    desk: Desk
    members: frozenset[int]
    reachable: frozenset[int]
    rosters: tuple[Roster, ...] = ()
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    always: bool = False  # everybody is on duty whatever is planned: the coordinators

    def on(self, at: datetime) -> frozenset[int]:
        """Who is on duty at the aware moment `at`, whether or not the desk is open then."""
        if self.always:
            return self.members
        return on_duty(self.rosters, self.overrides, self.absences, self.desk.timezone, at, self.members)

    def answers(self, at: datetime) -> bool:
        """Whether somebody reachable is on duty, and the desk open, at the aware moment `at`."""
        return not closed(self.desk, at) and not self.on(at).isdisjoint(self.reachable)


@dataclass(frozen=True)
class Gap:
    """A span without anybody, as long as it lasts, and the members who are not away: all of it, or part of it."""

    starts_at: datetime
    ends_at: datetime
    could_fill: tuple[int, ...] = ()
    could_fill_part: tuple[int, ...] = ()


def gaps(plan: Plan, start: datetime, end: datetime) -> list[Gap]:
    """Every span of [start, end) in which nobody at the desk answers, each as long as it can be."""
    spans: list[Span] = []
    moments = changes(plan, start, end)
    for moment, following in zip(moments, [*moments[1:], end], strict=True):
        if plan.answers(moment):
            continue
        if spans and spans[-1][1] == moment:
            spans[-1] = (spans[-1][0], following)
        else:
            spans.append((moment, following))
    return with_fillers(plan, spans)


def with_fillers(plan: Plan, spans: Iterable[Span]) -> list[Gap]:
    """Each span with the members who are not away then."""
    away = {person: _united(plan.absences, person) for person in sorted(plan.members)}
    return [_gap(span, away) for span in spans]


def changes(plan: Plan, start: datetime, end: datetime) -> list[datetime]:
    """`start`, and every moment of (start, end) at which who is on duty may change, in order."""
    return sorted({start, *(moment for moment in _changes(plan, start, end) if start < moment < end)})


def common(first: Iterable[Span], second: Sequence[Span]) -> list[Span]:
    """The spans that lie in both lists; each list is in order and without overlaps."""
    found = []
    for start, end in first:
        place = bisect_right(second, start, key=itemgetter(1))  # the first that ends after `start`
        while place < len(second) and second[place][0] < end:
            found.append((max(start, second[place][0]), min(end, second[place][1])))
            place += 1
    return found


def _gap(span: Span, away: dict[int, list[Span]]) -> Gap:
    start, end = span
    whole, part = [], []
    for person, times in away.items():
        hit = common([span], times)
        if not hit:
            whole.append(person)
        elif hit != [span]:
            part.append(person)
    return Gap(start, end, tuple(whole), tuple(part))


def _united(absences: Iterable[Absence], person: int) -> list[Span]:
    """A person's absences as spans in order; those that touch or overlap become one."""
    united: list[Span] = []
    for start, end in sorted((away.starts_at, away.ends_at) for away in absences if away.staff_id == person):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def _changes(plan: Plan, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every moment at which the answer may change; a moment too many does no harm."""
    for absence in plan.absences:
        yield from (absence.starts_at, absence.ends_at)
    for override in plan.overrides:
        yield from (override.starts_at, override.ends_at)
    zone = zone_of(plan.desk.timezone)
    yield from clock_changes(zone.key, start, end)
    rosters = [roster for roster in plan.rosters if roster.active]
    edges = _edges([plan.desk.hours, *(roster.hours for roster in rosters)])
    day, last = start.astimezone(zone).date() - ONE_DAY, end.astimezone(zone).date() + ONE_DAY
    while day <= last:
        times = set(edges[day.weekday()])
        times |= {roster.turn_at for roster in rosters if _hands_over(roster, day)}
        if plan.desk.keeps_holidays and _holiday_begins_or_ends(plan.desk.country, day):
            times.add(time())
        if any(roster.starts_on == day for roster in rosters):
            times.add(time())
        for wall in times:
            yield from _moments(day, wall, zone)
        day += ONE_DAY


def _moments(day: date, wall: time, zone: ZoneInfo) -> set[datetime]:
    """When the clock shows that time: twice in the night it goes back."""
    return {datetime.combine(day, wall.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)}


def _hands_over(roster: Roster, day: date) -> bool:
    days = (day - roster.starts_on).days
    return days >= 0 and roster.turn_days > 0 and days % roster.turn_days == 0


def _holiday_begins_or_ends(country: str, day: date) -> bool:
    return bool(public_holiday(country, day) or public_holiday(country, day - ONE_DAY))


def _edges(texts: Iterable[str]) -> list[set[time]]:
    """The times of each weekday (0 = Monday) at which any of these hours begin or end."""
    edges: list[set[time]] = [set() for _ in DAYS]
    for text in texts:
        try:
            spans = parse_hours(text)
        except HoursError:
            continue  # hours that nobody can read hold always
        for span in spans:
            for minutes in (span.start, span.end):
                later, minute = divmod(minutes, MINUTES_A_DAY)
                edges[(span.day + later) % len(DAYS)].add(time(minute // 60, minute % 60))
    return edges


@lru_cache(maxsize=256)
def clock_changes(zone: str, start: datetime, end: datetime) -> tuple[datetime, ...]:
    """The moments between two others at which a time zone's clocks change, in UTC, to the second."""
    place, found, moment = ZoneInfo(zone), [], start.astimezone(UTC)
    while moment < end:
        early, late = moment, moment + ONE_DAY
        if _offset(early, place) != _offset(late, place):
            while late - early > timedelta(seconds=1):
                middle = early + timedelta(seconds=int((late - early).total_seconds()) // 2)
                early, late = (middle, late) if _offset(middle, place) == _offset(early, place) else (early, middle)
            found.append(late.replace(microsecond=0))
        moment += ONE_DAY
    return tuple(found)


def _offset(moment: datetime, place: ZoneInfo) -> timedelta | None:
    return moment.astimezone(place).utcoffset()
