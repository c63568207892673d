"""Duty: turns by the wall clock, the nights when clocks change, absences, overrides, plans that are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.hours import DAYS, parse_hours
from bot.domain.rosters import Absence, Override, Roster, RosterError, check, on_duty, problems

BERLIN = "Europe/Berlin"
# The last three change at midnight, by half an hour, and with a "winter time" that is the exception.
ZONES = (BERLIN, "America/New_York", "Australia/Sydney", "America/Havana", "Australia/Lord_Howe", "Europe/Dublin")
WEEKLY = Roster(1, "desk", "Week", "", date(2026, 1, 5), 7, time(9), (1, 2, 3))  # from a Monday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def away(person: int, start: str, end: str) -> Absence:
    return Absence(person, at(start), at(end))


def stands_in(person: int, instead_of: int | None, start: str, end: str) -> Override:
    return Override("desk", person, instead_of, at(start), at(end))


DAILY = replace(WEEKLY, turn_days=1, people=(1, 2), starts_on=date(2026, 10, 24))  # Oct 25: clocks go back in Berlin
ALL = replace(WEEKLY, turn_days=0)
OFFICE = replace(WEEKLY, hours="mon-fri 09:00-12:00, 13:00-17:00; sat 22:00-02:00")
NIGHT = {"starts_on": date(2026, 3, 28)}  # Mar 29: clocks go forward in Berlin, 02:00 to 03:00


@pytest.mark.parametrize(
    ("what", "rosters", "moment", "expected"),
    [
        ("the first turn begins at the handover", [WEEKLY], "2026-01-05T09:00+01:00", {1}),
        ("a minute earlier the roster has not begun: all members", [WEEKLY], "2026-01-05T08:59+01:00", {7, 8}),
        ("the last minute of a turn", [WEEKLY], "2026-01-12T08:59+01:00", {1}),
        ("the next turn", [WEEKLY], "2026-01-12T09:00+01:00", {2}),
        ("after the last one the first again", [WEEKLY], "2026-01-26T09:00+01:00", {1}),
        ("in summer the handover is still at nine local time", [WEEKLY], "2026-07-06T09:00+02:00", {3}),
        ("and not an hour earlier", [WEEKLY], "2026-07-06T08:59+02:00", {2}),
        ("the day the clocks go back", [DAILY], "2026-10-25T08:59+01:00", {1}),
        ("hands over at nine of the new time", [DAILY], "2026-10-25T09:00+01:00", {2}),
        ("a repeated handover time: the first time it counts",
         [replace(DAILY, turn_at=time(2, 30))], "2026-10-25T02:30+02:00", {2}),
        ("and when the clock goes back behind it nobody hands back",
         [replace(DAILY, turn_at=time(2, 30))], "2026-10-25T02:00+01:00", {2}),
        ("a skipped handover time: the moment it is skipped",
         [replace(DAILY, turn_at=time(2, 30), **NIGHT)], "2026-03-29T03:00+02:00", {2}),
        ("and not before", [replace(DAILY, turn_at=time(2, 30), **NIGHT)], "2026-03-29T01:59+01:00", {1}),
        ("turns of 0 days: everybody named", [ALL], "2026-01-05T00:00+01:00", {1, 2, 3}),
        ("within the hours", [OFFICE], "2026-01-06T11:59+01:00", {1}),
        ("between split hours nobody", [OFFICE], "2026-01-06T12:30+01:00", set()),
        ("past midnight belongs to the evening before", [OFFICE], "2026-01-11T01:59+01:00", {1}),
        ("and ends when it ends", [OFFICE], "2026-01-11T02:00+01:00", set()),
        ("hours that nobody can read hold always", [replace(WEEKLY, hours="sometimes")], "2026-01-06T03:00Z", {1}),
        ("two rosters unite", [WEEKLY, replace(ALL, people=(9,))], "2026-01-06T03:00+01:00", {1, 9}),
        ("a roster that is switched off does not count", [replace(WEEKLY, active=False)], "2026-01-06T03:00Z", {7, 8}),
        ("without any roster all members", [], "2026-01-06T03:00+01:00", {7, 8}),
    ],
)  # fmt: skip
def test_whose_turn_it_is(what: str, rosters: list[Roster], moment: str, expected: set[int]) -> None:
    assert on_duty(rosters, [], [], BERLIN, at(moment), {7, 8}) == expected, what


NOON = "2026-01-06T12:00+01:00"
DAY = ("2026-01-06T00:00+01:00", "2026-01-07T00:00+01:00")


@pytest.mark.parametrize(
    ("what", "overrides", "absences", "moment", "expected"),
    [
        ("somebody absent is not silently replaced", [], [away(1, *DAY)], NOON, set()),
        ("back when the absence ends", [], [away(1, *DAY)], DAY[1], {1}),
        ("somebody else's absence changes nothing", [], [away(2, *DAY)], NOON, {1}),
        ("two absences may overlap", [], [away(1, *DAY), away(1, DAY[0], NOON)], NOON, set()),
        ("an override adds", [stands_in(4, None, *DAY)], [], NOON, {1, 4}),
        ("an override replaces", [stands_in(4, 1, *DAY)], [], NOON, {4}),
        ("also somebody absent", [stands_in(4, 1, *DAY)], [away(1, *DAY)], NOON, {4}),
        ("it is over when it ends", [stands_in(4, 1, *DAY)], [], DAY[1], {1}),
        ("instead of somebody whose turn it is not: on duty beside", [stands_in(4, 2, *DAY)], [], NOON, {1, 4}),
        ("who stands in and is absent is nobody", [stands_in(4, 1, *DAY)], [away(4, *DAY)], NOON, set()),
        ("somebody stands in for who stands in", [stands_in(4, 1, *DAY), stands_in(5, 4, *DAY)], [], NOON, {5}),
        ("a swap there and back leaves somebody", [stands_in(4, 1, *DAY), stands_in(1, 4, *DAY)], [], NOON, {1}),
    ],
)  # fmt: skip
def test_absences_and_overrides(
    what: str, overrides: list[Override], absences: list[Absence], moment: str, expected: set[int]
) -> None:
    assert on_duty([WEEKLY], overrides, absences, BERLIN, at(moment)) == expected, what


def test_without_a_roster_absent_members_are_not_on_duty() -> None:
    assert on_duty([], [], [away(7, *DAY)], BERLIN, at(NOON), {7, 8}) == {8}


def test_an_unknown_time_zone_does_not_stop_the_decision() -> None:
    assert on_duty([WEEKLY], [], [], "Atlantis/Capital", at(NOON)) == {1}


def test_a_clock_that_goes_back_over_midnight_does_not_hand_back() -> None:
    """Newfoundland did so a minute after midnight, back to 23:01 of the day before."""
    roster = replace(WEEKLY, starts_on=date(2010, 11, 6), turn_days=1, turn_at=time(0), people=(1, 2))
    moments = [at("2010-11-06T23:59-02:30"), at("2010-11-07T00:00-02:30"), at("2010-11-06T23:30-03:30")]
    assert [on_duty([roster], [], [], "America/St_Johns", moment) for moment in moments] == [{1}, {2}, {2}]


@pytest.mark.parametrize(
    ("what", "plan", "codes"),
    [
        ("a roster as it should be", WEEKLY, []),
        ("somebody may have two turns", replace(WEEKLY, people=(1, 2, 1)), []),
        ("a roster with nobody", replace(WEEKLY, people=()), ["roster_without_people"]),
        ("people who are not at the desk", replace(WEEKLY, people=(1, 77)), ["not_on_desk"]),
        ("turns of less than no days", replace(WEEKLY, turn_days=-1), ["turn_days_wrong"]),
        ("hours that nobody can read", replace(WEEKLY, hours="montag"), ["hours_wrong"]),
        ("everything at once", replace(WEEKLY, people=(), turn_days=-1), ["roster_without_people", "turn_days_wrong"]),
        ("an absence as it should be", away(1, *DAY), []),
        ("an absence that ends before it starts", away(1, DAY[1], DAY[0]), ["ends_before_start"]),
        ("an absence of no length", away(1, NOON, NOON), ["ends_before_start"]),
        ("an override as it should be", stands_in(1, 2, *DAY), []),
        ("an override that ends before it starts", stands_in(1, None, DAY[1], DAY[0]), ["ends_before_start"]),
        ("somebody who is not at the desk stands in", stands_in(77, None, *DAY), ["not_on_desk"]),
        ("instead of somebody who is not at the desk", stands_in(1, 77, *DAY), ["not_on_desk"]),
    ],
)  # fmt: skip
def test_what_speaks_against_a_plan(what: str, plan: Roster | Absence | Override, codes: list[str]) -> None:
    assert [problem.code for problem in problems(plan, {1, 2, 3})] == codes, what
    if codes:
        with pytest.raises(RosterError) as refused:
            check(plan, {1, 2, 3})
        assert refused.value.code == codes[0]


def test_a_refusal_says_which_people_and_which_part() -> None:
    (stranger,) = problems(replace(WEEKLY, people=(1, 77, 78)), {1})
    assert stranger.args_for_text == {"people": "77, 78"}
    (hours,) = problems(replace(WEEKLY, hours="mon 9-17"), {1, 2, 3})
    assert "9" in hours.args_for_text["detail"]


# --- the same answer as somebody who looks at the clock every minute -------------------------------
TEN_YEARS = (datetime(2021, 1, 1, tzinfo=UTC), datetime(2030, 12, 31, tzinfo=UTC))


def by_the_minute(roster: Roster, zone: str, at: datetime) -> set[int]:
    """Watch the desk's clock through the three days before `at` and hand over whenever it first shows the time."""
    place = ZoneInfo(zone)
    start = at - timedelta(days=3)
    shown = start.astimezone(place).replace(tzinfo=None)
    handed = shown.date() if shown.time() >= roster.turn_at else shown.date() - timedelta(days=1)
    for minute in range(3 * 24 * 60 + 1):
        shown = (start + timedelta(minutes=minute)).astimezone(place).replace(tzinfo=None)
        if shown.date() > handed and shown.time() >= roster.turn_at:
            handed = shown.date()
    local, open_minutes = at.astimezone(place), set()
    for span in parse_hours(roster.hours):
        open_minutes |= {(span.day * 1440 + minute) % (7 * 1440) for minute in range(span.start, span.end)}
    if roster.hours and local.weekday() * 1440 + local.hour * 60 + local.minute not in open_minutes:
        return set()
    people, turn = roster.people, (handed - roster.starts_on).days // roster.turn_days
    return {people[turn % len(people)]}


quarters = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
hours = st.one_of(
    st.just(""),
    st.builds(
        lambda day, opens, closes: f"{day} {opens:%H:%M}-{closes:%H:%M}; fri-mon 21:30-03:15",
        st.sampled_from(DAYS), quarters, quarters,
    ),
)  # fmt: skip
rotations = st.builds(
    Roster,
    id=st.just(1),
    desk_id=st.just("desk"),
    name=st.just(""),
    hours=hours,
    starts_on=st.dates(date(2019, 1, 1), date(2020, 12, 20)),
    turn_days=st.integers(1, 15),
    turn_at=st.one_of(quarters, st.sampled_from([time(0), time(1, 30), time(2), time(2, 30), time(3), time(23, 45)])),
    people=st.lists(st.integers(1, 9), min_size=1, max_size=6, unique=True).map(tuple),
)


def _changes(zone: str) -> list[datetime]:
    """The hours of ten years in which the zone's clocks change."""
    place, moment, found = ZoneInfo(zone), TEN_YEARS[0], []
    while moment < TEN_YEARS[1]:
        later = moment + timedelta(hours=1)
        if moment.astimezone(place).utcoffset() != later.astimezone(place).utcoffset():
            found.append(moment)
        moment = later
    return found


CHANGES = {zone: _changes(zone) for zone in ZONES}
moments = st.sampled_from(ZONES).flatmap(
    lambda zone: st.tuples(
        st.just(zone),
        st.one_of(  # any minute of ten years, and often one near a change of the clocks
            st.integers(0, int((TEN_YEARS[1] - TEN_YEARS[0]).total_seconds()) // 60).map(
                lambda minute: TEN_YEARS[0] + timedelta(minutes=minute)
            ),
            st.tuples(st.sampled_from(CHANGES[zone]), st.integers(-240, 300)).map(
                lambda near: near[0] + timedelta(minutes=near[1])
            ),
        ),
    )
)


def test_every_one_of_the_six_zones_changes_its_clocks() -> None:
    assert {zone: len(found) for zone, found in CHANGES.items()} == dict.fromkeys(ZONES, 20)


@settings(max_examples=300, deadline=None)
@given(roster=rotations, where=moments)
@example(
    roster=replace(DAILY, turn_at=time(0), starts_on=date(2020, 1, 1)),
    where=("America/Havana", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
)
def test_the_answer_is_that_of_a_watchman_who_looks_every_minute(roster: Roster, where: tuple[str, datetime]) -> None:
    zone, moment = where
    assert on_duty([roster], [], [], zone, moment) == by_the_minute(roster, zone, moment)


@settings(max_examples=300, deadline=None)
@given(roster=rotations, where=moments)
def test_a_complete_rotation_leaves_no_minute_without_exactly_one_person(
    roster: Roster, where: tuple[str, datetime]
) -> None:
    zone, moment = where
    for minute in range(0, 120):
        assert len(on_duty([replace(roster, hours="")], [], [], zone, moment + timedelta(minutes=minute))) == 1


@pytest.mark.parametrize("zone", ZONES)
def test_each_of_a_weekly_rotation_has_as_many_handovers_as_weeks(zone: str) -> None:
    seen, now = [], datetime(2026, 1, 5, 0, tzinfo=UTC)
    while now < datetime(2027, 1, 5, tzinfo=UTC):
        (person,) = on_duty([WEEKLY], [], [], zone, now, {0})
        local = now.astimezone(ZoneInfo(zone))
        if not seen or seen[-1] != person:
            assert not seen or (local.weekday(), local.time()) == (0, time(9)), "always Monday at nine, local time"
            seen.append(person)
        now += timedelta(minutes=30)
    assert [person for person in seen if person] == ([1, 2, 3] * 18)[: len([p for p in seen if p])]
