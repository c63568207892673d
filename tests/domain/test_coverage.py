"""Gaps found at the moments where anything can change are the gaps somebody finds who asks every minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.coverage import Gap, Plan, Span, clock_changes, common, gaps
from bot.domain.desks import Desk
from bot.domain.rosters import Absence, Override, Roster
from bot.domain.taxonomy import DeskKind

DESK = Desk("desk", DeskKind.CONSULATE, "Desk", country="DE", timezone="Europe/Berlin")
ROSTER = Roster(1, "desk", "", "", date(2026, 11, 2), 7, time(9), (2, 1))  # from a Monday
PLAN = Plan(DESK, frozenset({1, 2}), frozenset({1, 2}), (ROSTER,))
MONDAY = datetime(2026, 11, 23, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def shown(found: list[Gap]) -> list[str]:
    return [f"{gap.starts_at:%d %H:%M}-{gap.ends_at:%d %H:%M} {gap.could_fill} {gap.could_fill_part}" for gap in found]


TUESDAY = (at("2026-11-24T00:00Z"), at("2026-11-25T00:00Z"))
AWAY = Absence(2, *TUESDAY)  # 2 has the turn from the 16th, 1 from Monday the 23rd, nine o'clock


@pytest.mark.parametrize(
    ("what", "plan", "expected"),
    [
        ("a complete rotation has no gap", PLAN, []),
        ("a desk without a roster: its members, always", replace(PLAN, rosters=()), []),
        ("a desk without people is one long gap", Plan(DESK, frozenset(), frozenset()), ["23 00:00-30 00:00 () ()"]),
        ("somebody whom no alert reaches is nobody", replace(PLAN, reachable=frozenset({2})),
         ["23 08:00-30 00:00 (1, 2) ()"]),
        ("hours of the desk, in its own time", replace(PLAN, desk=replace(DESK, hours="tue-mon 02:00-01:00")),
         [f"{day} 00:00-{day} 01:00 (1, 2) ()" for day in range(23, 30)]),
        ("the absence of who is not on turn", replace(PLAN, absences=(AWAY,)), []),
        ("an absence is a gap, and others could fill it", replace(PLAN, absences=(Absence(1, *TUESDAY),)),
         ["24 00:00-25 00:00 (2,) ()"]),
        ("an absence in two halves is one gap",
         replace(PLAN, absences=(Absence(1, TUESDAY[0], at("2026-11-24T10:00Z")),
                                 Absence(1, at("2026-11-24T10:00Z"), TUESDAY[1]))), ["24 00:00-25 00:00 (2,) ()"]),
        ("somebody who is away for part of it could fill the other part",
         replace(PLAN, absences=(Absence(1, *TUESDAY), Absence(2, at("2026-11-24T12:00Z"), TUESDAY[1]))),
         ["24 00:00-25 00:00 () (2,)"]),
        ("an override closes it", replace(PLAN, absences=(Absence(1, *TUESDAY),),
                                          overrides=(Override("desk", 2, 1, *TUESDAY),)), []),
        ("what is planned for the coordinators does not matter: they are always on duty",
         replace(PLAN, absences=(Absence(1, *TUESDAY),), always=True), []),
    ],
)  # fmt: skip
def test_the_gaps_of_a_week(what: str, plan: Plan, expected: list[str]) -> None:
    assert shown(gaps(plan, MONDAY, MONDAY + WEEK)) == expected, what


def test_a_public_holiday_is_a_gap_from_midnight_to_midnight_of_the_desk() -> None:
    plan = replace(PLAN, desk=replace(DESK, keeps_holidays=True))
    start = at("2026-12-24T00:00Z")
    assert shown(gaps(plan, start, start + WEEK)) == ["24 23:00-26 23:00 (1, 2) ()"], "the 25th and 26th as one"


def test_clock_changes_are_found_to_the_second() -> None:
    year = (datetime(2026, 1, 1, 7, 13, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert clock_changes("Europe/Berlin", *year) == (at("2026-03-29T01:00Z"), at("2026-10-25T01:00Z"))
    assert clock_changes("Asia/Dubai", *year) == ()


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Dubai")
# Days on which clocks change in one of the zones, holidays, and some others.
STARTS = ("2026-03-27", "2026-10-23", "2026-03-07", "2026-10-31", "2026-04-03", "2026-12-24", "2026-07-01")
quarters = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
hours = st.sampled_from(
    ["", "", "mon-sun 09:00-17:00", "mon-fri 08:15-12:00, 13:30-18:00", "fri-sun 22:00-02:30", "sun 02:15-02:45"]
)


@st.composite
def plans(draw: st.DrawFn) -> tuple[Plan, datetime, datetime]:
    start = at(f"{draw(st.sampled_from(STARTS))}T00:00Z")
    end = start + timedelta(days=4)
    spans = st.tuples(st.integers(-600, 5000), st.integers(1, 3000)).map(
        lambda pair: (start + timedelta(minutes=pair[0]), start + timedelta(minutes=pair[0] + pair[1]))
    )
    people = st.integers(1, 3)
    rosters = st.builds(
        Roster,
        id=st.just(1),
        desk_id=st.just("desk"),
        name=st.just(""),
        hours=hours,
        starts_on=st.integers(-9, 3).map(lambda days: start.date() + timedelta(days=days)),
        turn_days=st.integers(0, 3),
        turn_at=quarters,
        people=st.lists(people, min_size=1, max_size=3).map(tuple),
        active=st.sampled_from([True, True, True, False]),
    )
    absences = st.builds(lambda who, span: Absence(who, *span), people, spans)
    overrides = st.builds(lambda who, of, span: Override("desk", who, of, *span), people, st.none() | people, spans)
    desk = replace(DESK, timezone=draw(st.sampled_from(ZONES)), hours=draw(hours), keeps_holidays=draw(st.booleans()))
    plan = Plan(
        desk,
        frozenset({1, 2, 3}),
        frozenset(draw(st.sets(people, min_size=1))),
        tuple(draw(st.lists(rosters, max_size=2))),
        tuple(draw(st.lists(overrides, max_size=2))),
        tuple(draw(st.lists(absences, max_size=4))),
    )
    return plan, start, end


@settings(max_examples=60, deadline=None)
@given(plans())
def test_the_gaps_are_those_of_somebody_who_asks_every_minute(case: tuple[Plan, datetime, datetime]) -> None:
    plan, start, end = case
    empty: list[datetime] = []
    moment = start
    while moment < end:
        if not plan.answers(moment):
            empty.append(moment)
        moment += timedelta(minutes=1)
    found = gaps(plan, start, end)
    minutes = {
        gap.starts_at + timedelta(minutes=minute)
        for gap in found
        for minute in range(int((gap.ends_at - gap.starts_at).total_seconds()) // 60)
    }
    assert sorted(minutes) == empty
    assert all(one.ends_at < other.starts_at for one, other in pairwise(found)), "merged"


def _spans(minutes: set[int]) -> list[Span]:
    found: list[Span] = []
    for minute in sorted(minutes):
        start, end = MONDAY + timedelta(minutes=minute), MONDAY + timedelta(minutes=minute + 1)
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_what_two_lists_have_in_common(first: set[int], second: set[int]) -> None:
    assert common(_spans(first), _spans(second)) == _spans(first & second)
