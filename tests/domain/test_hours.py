"""Opening hours: split shifts, past midnight, time zones and the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.domain.hours import HoursError, is_open, next_opening, one_working_day_after, parse_hours


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("what", "hours", "moment", "expected"),
    [
        ("empty hours are always open", "", "2026-11-22T03:00+01:00", True),
        ("a weekday morning", "mon-fri 09:00-12:30", "2026-11-23T09:00+01:00", True),
        ("the closing minute is closed", "mon-fri 09:00-12:30", "2026-11-23T12:30+01:00", False),
        ("between the two halves of a split shift", "mon 09:00-12:00, 13:30-17:00", "2026-11-23T12:45+01:00", False),
        ("the second half", "mon 09:00-12:00, 13:30-17:00", "2026-11-23T14:00+01:00", True),
        ("past midnight belongs to the evening before", "sat 22:00-02:00", "2026-11-22T01:30+01:00", True),
        ("but ends when it ends", "sat 22:00-02:00", "2026-11-22T02:00+01:00", False),
        ("the wall clock of the place counts, not the caller's", "mon 09:00-10:00", "2026-11-23T08:30+00:00", True),
        ("after the clocks went back", "sun 09:00-10:00", "2026-10-25T08:30+00:00", True),
        ("before the clocks went back", "sat 09:00-10:00", "2026-10-24T07:30+00:00", True),
        ("a range of days over the week's end", "fri-mon 10:00-11:00", "2026-11-22T10:30+01:00", True),
    ],
)  # fmt: skip
def test_open(what: str, hours: str, moment: str, expected: bool) -> None:
    assert is_open(parse_hours(hours), "Europe/Berlin", at(moment)) is expected, what


@pytest.mark.parametrize(
    ("hours", "complaint"),
    [
        ("mon", "no times"),
        ("mon 9-17", "not a time of day"),
        ("montag 09:00-17:00", "not a day"),
        ("mon 09:00", "not a span"),
        ("mon 25:00-26:00", "not a time of day"),
    ],
)
def test_hours_that_cannot_be_read_say_why(hours: str, complaint: str) -> None:
    with pytest.raises(HoursError, match=complaint):
        parse_hours(hours)


def test_next_opening_skips_the_weekend() -> None:
    friday_evening = at("2026-11-20T18:00+01:00")
    opens = next_opening(parse_hours("mon-fri 09:00-12:00"), "Europe/Berlin", friday_evening)
    assert opens is not None
    assert opens.isoformat() == "2026-11-23T09:00:00+01:00"


def test_one_working_day_after_friday_is_monday() -> None:
    due = one_working_day_after(at("2026-11-20T15:00+01:00"), "Europe/Berlin")
    assert due == at("2026-11-23T15:00+01:00")
