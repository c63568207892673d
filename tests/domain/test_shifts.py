"""The calendar of a desk: days by its wall clock, shifts past midnight, and when somebody went off duty."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.coverage import Plan
from bot.domain.desks import Desk
from bot.domain.rosters import Absence, Override, Roster, RosterError
from bot.domain.shifts import holes, local_moment, midnight, monday, off_since, overlaps, pieces, shifts_of, weeks
from bot.domain.taxonomy import DeskKind

A, B = 1, 2


def plan(
    zone: str = "Europe/Berlin", desk_hours: str = "", absences: tuple[Absence, ...] = (), **roster: object
) -> Plan:
    desk = Desk("desk", DeskKind.CONSULATE, "Desk", timezone=zone, hours=desk_hours)
    fields = {"hours": "", "starts_on": date(2026, 1, 5), "turn_days": 7, "turn_at": time(9), "people": (A, B)} | roster
    rosters = (Roster(1, "desk", "Week", **fields),)  # type: ignore[arg-type]
    return Plan(desk, frozenset({A, B}), frozenset({A, B}), rosters, absences=absences)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


DST_WEEKS = [
    ("Berlin in spring: Sunday has 23 hours", "Europe/Berlin", date(2026, 3, 23), [24] * 6 + [23]),
    ("Berlin in autumn: Sunday has 25 hours", "Europe/Berlin", date(2026, 10, 19), [24] * 6 + [25]),
    ("New York in spring, two weeks before Berlin", "America/New_York", date(2026, 3, 2), [24] * 6 + [23]),
    ("Lord Howe Island: half an hour", "Australia/Lord_Howe", date(2026, 3, 30), [24] * 6 + [24.5]),
    ("Istanbul keeps one time", "Europe/Istanbul", date(2026, 3, 23), [24] * 7),
]


@pytest.mark.parametrize(("label", "zone", "first", "hours"), DST_WEEKS, ids=[row[0] for row in DST_WEEKS])
def test_every_day_of_a_week_is_whole_whatever_the_clock_does(
    label: str, zone: str, first: date, hours: list[float]
) -> None:
    (week,) = weeks(plan(zone, turn_days=0), first, 1)
    assert [day.date for day in week] == [first + timedelta(days=number) for number in range(7)]
    lengths = [sum((p.ends_at - p.starts_at for p in day.pieces), timedelta()) for day in week]
    assert [length / timedelta(hours=1) for length in lengths] == hours
    for day, following in itertools.pairwise(week):
        assert day.pieces[-1].ends_at == following.pieces[0].starts_at == midnight(following.date, ZoneInfo(zone))


def test_a_shift_past_midnight_stands_on_both_days_and_is_one_shift() -> None:
    night = plan(hours="sat 22:00-06:00", turn_days=0, people=(A,), desk_hours="")
    (week,) = weeks(night, date(2026, 6, 1), 1)
    on = {day.date.day: [(p.starts_at, p.ends_at) for p in day.pieces if p.on] for day in week}
    saturday, sunday = on[6], on[7]
    assert saturday == [(at("2026-06-06T22:00+02:00"), at("2026-06-07T00:00+02:00"))]
    assert sunday == [(at("2026-06-07T00:00+02:00"), at("2026-06-07T06:00+02:00"))]
    whole = pieces(night, at("2026-06-01T00:00+02:00"), at("2026-06-08T00:00+02:00"))
    assert shifts_of(A, whole) == [(at("2026-06-06T22:00+02:00"), at("2026-06-07T06:00+02:00"))]
    assert shifts_of(B, whole) == []


def test_a_closed_desk_is_no_hole_and_an_absence_is_one() -> None:
    away = Absence(A, at("2026-06-02T12:00+02:00"), at("2026-06-03T12:00+02:00"))
    office = plan(desk_hours="mon-fri 09:00-17:00", turn_days=0, people=(A,), absences=(away,))
    whole = pieces(office, at("2026-06-01T00:00+02:00"), at("2026-06-08T00:00+02:00"))
    found = holes(office, whole)
    assert [(gap.starts_at, gap.ends_at) for gap in found] == [
        (at("2026-06-02T12:00+02:00"), at("2026-06-02T17:00+02:00")),
        (at("2026-06-03T09:00+02:00"), at("2026-06-03T12:00+02:00")),
    ]
    assert {gap.could_fill for gap in found} == {(B,)}
    assert [piece.open for piece in whole[:3]] == [False, True, False]


def test_at_most_thirteen_weeks_and_at_least_one() -> None:
    assert [len(weeks(plan(), date(2026, 6, 1), count)) for count in (-1, 0, 1, 13, 5000)] == [1, 1, 1, 13, 13]
    assert monday(date(2026, 11, 29)) == date(2026, 11, 23)


SINCE = [
    ("on duty now", A, "2026-01-05T10:00+01:00", "2026-01-06T10:00+01:00", None),
    ("the week ended a day ago", A, "2026-01-05T10:00+01:00", "2026-01-13T09:00+01:00", "2026-01-12T09:00+01:00"),
    ("this very second", A, "2026-01-05T10:00+01:00", "2026-01-12T09:00+01:00", "2026-01-12T09:00+01:00"),
    ("twice since: the last", A, "2026-01-05T10:00+01:00", "2026-01-27T09:00+01:00", "2026-01-26T09:00+01:00"),
    ("taken when they had gone off", A, "2026-01-13T10:00+01:00", "2026-01-14T09:00+01:00", "2026-01-13T10:00+01:00"),
    ("never on since it was taken", B, "2026-01-06T10:00+01:00", "2026-01-08T10:00+01:00", "2026-01-06T10:00+01:00"),
]  # fmt: skip


@pytest.mark.parametrize(("label", "person", "since", "now", "off"), SINCE, ids=[row[0] for row in SINCE])
def test_when_somebody_went_off_duty(label: str, person: int, since: str, now: str, off: str | None) -> None:
    assert off_since(plan(), person, at(since), at(now)) == (at(off) if off else None)


def test_who_went_off_duty_long_ago_did_so_when_they_did() -> None:
    once = plan(starts_on=date(2026, 1, 5), turn_days=200)
    assert off_since(once, A, at("2026-01-06T10:00+01:00"), at("2026-09-30T12:00+02:00")) == at(
        "2026-07-24T09:00+02:00"
    )


MOMENTS = [
    ("an ordinary time", "2026-07-01T09:00", False, "2026-07-01T09:00+02:00", ""),
    ("skipped in spring: read by the clock before", "2026-03-29T02:30", False, "2026-03-29T03:30+02:00", "skipped"),
    ("twice in autumn: a start is the first", "2026-10-25T02:30", False, "2026-10-25T02:30+02:00", "twice"),
    ("twice in autumn: an end is the second", "2026-10-25T02:30", True, "2026-10-25T02:30+01:00", "twice"),
]


@pytest.mark.parametrize(("label", "typed", "end", "moment", "odd"), MOMENTS, ids=[row[0] for row in MOMENTS])
def test_a_time_that_somebody_typed(label: str, typed: str, end: bool, moment: str, odd: str) -> None:
    assert local_moment(typed, ZoneInfo("Europe/Berlin"), end=end) == (at(moment), odd)


@pytest.mark.parametrize("typed", ["", "tomorrow", "2026-13-01T10:00", "2026-01-01T10:00+01:00", "1026-01-01T10:00"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(RosterError, match="time_wrong"):
        local_moment(typed, ZoneInfo("Europe/Berlin"))


def test_overrides_of_one_person_overlap_and_those_that_touch_do_not() -> None:
    def override(id_: int, start: int, end: int, person: int = A) -> Override:
        day = at("2026-06-01T00:00+02:00")
        return Override("x", person, None, day + timedelta(hours=start), day + timedelta(hours=end), id=id_)

    there = [override(1, 8, 12)]
    assert overlaps(override(0, 11, 13), there) == there[0]
    assert overlaps(override(0, 12, 13), there) is None
    assert overlaps(override(0, 8, 12, B), there) is None
    assert overlaps(override(1, 8, 12), there) is None, "not with itself"
