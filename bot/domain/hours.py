"""Weekly opening hours in a place's own time zone: 'mon-fri 09:00-12:30, 13:30-17:00; sat 22:00-02:00'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 24 * 60


class HoursError(ValueError):
    """Opening hours that cannot be read; the message says which part."""


@dataclass(frozen=True)
class Span:
    """Open from `start` to `end`, minutes after midnight on `day` (0 = Monday); `end` may pass 1440."""

    day: int
    start: int
    end: int


def _minutes(text: str) -> int:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    if not match or int(match[1]) > 24 or int(match[2]) > 59:
        raise HoursError(f"'{text}' is not a time of day such as 09:30")
    return int(match[1]) * 60 + int(match[2])


def _days(text: str) -> list[int]:
    first, _, last = text.partition("-")
    if first not in DAYS or (last and last not in DAYS):
        raise HoursError(f"'{text}' is not a day or a range of days such as mon-fri")
    start = DAYS.index(first)
    count = (DAYS.index(last) - start) % 7 if last else 0
    return [(start + step) % 7 for step in range(count + 1)]


@lru_cache(maxsize=1024)  # routing asks for the same few desks again and again
def parse_hours(text: str) -> tuple[Span, ...]:
    """Read opening hours. Empty text means 'always open' and gives no spans. Raises HoursError."""
    spans: list[Span] = []
    for part in filter(None, (piece.strip() for piece in text.lower().split(";"))):
        days_text, _, times_text = part.partition(" ")
        if not times_text:
            raise HoursError(f"'{part}' has a day but no times")
        for times in times_text.split(","):
            opens, dash, closes = times.strip().partition("-")
            if not dash:
                raise HoursError(f"'{times.strip()}' is not a span such as 09:00-17:00")
            start, end = _minutes(opens), _minutes(closes)
            spans += [Span(day, start, end if end > start else end + MINUTES_A_DAY) for day in _days(days_text)]
    return tuple(spans)


def is_open(spans: tuple[Span, ...], timezone: str, at: datetime) -> bool:
    """Whether the hours hold at the aware moment `at`, by the wall clock of `timezone`."""
    if not spans:
        return True
    local = at.astimezone(ZoneInfo(timezone))
    minute = local.hour * 60 + local.minute
    today, yesterday = local.weekday(), (local.weekday() - 1) % 7
    return any(
        (span.day == today and span.start <= minute < span.end)
        or (span.day == yesterday and minute < span.end - MINUTES_A_DAY)
        for span in spans
    )


def spans_on(spans: tuple[Span, ...], day: int) -> tuple[tuple[time, time], ...]:
    """The opening spans of one weekday (0 = Monday) as wall-clock times."""

    def wall(minutes: int) -> time:
        return time(minutes // 60 % 24, minutes % 60)

    return tuple((wall(span.start), wall(span.end)) for span in spans if span.day == day)


def next_opening(spans: tuple[Span, ...], timezone: str, at: datetime) -> datetime | None:
    """The next moment the hours begin to hold, in that time zone; None when always open."""
    if not spans:
        return None
    zone = ZoneInfo(timezone)
    local = at.astimezone(zone)
    for ahead in range(8):
        day = (local + timedelta(days=ahead)).date()
        for opens, _ in sorted(spans_on(spans, day.weekday())):
            moment = datetime.combine(day, opens, zone)
            if moment > local:
                return moment
    return None


def one_working_day_after(at: datetime, timezone: str) -> datetime:
    """The same wall-clock time on the next weekday (Monday to Friday) of that time zone."""
    local = at.astimezone(ZoneInfo(timezone)) + timedelta(days=1)
    while local.weekday() > 4:
        local += timedelta(days=1)
    return local.astimezone(at.tzinfo)


def working_days_after(at: datetime, timezone: str, days: int) -> datetime:
    """The same wall-clock time so many weekdays later."""
    for _ in range(days):
        at = one_working_day_after(at, timezone)
    return at
