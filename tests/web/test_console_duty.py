"""The calendar of a desk in the console: plans are made, changed and refused in sentences."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from httpx import Response

from bot.domain.rosters import Override, Roster
from bot.storage.tables_staff import StaffRow
from bot.web.session import page_of
from tests.web.conftest import Browser, Console

KOLN = "de-koln-bk"
PAGE = f"/console/desks/{KOLN}/duty"


@pytest.fixture
def crew(console: Console) -> tuple[StaffRow, StaffRow]:
    return console.town.officer("Ayşe", KOLN), console.town.officer("Burak", KOLN)


@pytest.fixture
def browser(console: Console) -> Browser:
    return console.coordinator()


def roster(people: tuple[StaffRow, ...] | list[StaffRow], **fields: Any) -> dict[str, Any]:
    """What the form for a roster sends."""
    places = {f"place-{person.id}": str(number) for number, person in enumerate(people, 1)}
    usual = {"form": "roster-new", "name": "Week", "hours": "", "starts_on": "2026-11-23", "turn_days": "7",
             "turn_at": "09:00", "active": "1"}  # fmt: skip
    return usual | places | fields


def plan(console: Console, *people: StaffRow, **fields: Any) -> Roster:
    values = {"hours": "", "starts_on": date(2026, 11, 23), "turn_days": 7, "turn_at": time(9)} | fields
    with console.town.database.write() as uow:
        ids = tuple(person.id for person in people)
        return uow.duty.add_roster(Roster(0, KOLN, "Week", people=ids, **values))


def rosters(console: Console) -> list[Roster]:
    with console.town.database.read() as uow:
        return uow.duty.rosters(KOLN)


def refused(answer: Response, sentence: str) -> None:
    assert answer.status_code == 409, answer.text[:300]
    assert sentence in answer.text


def test_a_roster_is_made_shown_changed_switched_off_and_deleted(
    console: Console, browser: Browser, crew: tuple[StaffRow, StaffRow]
) -> None:
    assert "No roster: everybody" in browser.reads(PAGE)
    answer = browser.sends(f"{PAGE}/rosters", **roster([crew[1], crew[0]]))
    assert answer.status_code == 303
    (made,) = rosters(console)
    assert (made.people, made.turn_days, made.turn_at) == ((crew[1].id, crew[0].id), 7, time(9))
    seen = browser.reads(PAGE)
    assert seen.count("<bdi>Burak</bdi>") > seen.count("<bdi>Ayşe</bdi>") > 0, "three of the five weeks, and two"
    changed = roster([crew[0]], roster=str(made.id), name="Day", hours="mon-fri 09:00-17:00", active="")
    assert browser.sends(f"{PAGE}/rosters", **changed).status_code == 303
    (now,) = rosters(console)
    assert (now.id, now.name, now.people, now.active) == (made.id, "Day", (crew[0].id,), False)
    for _ in range(2):  # a double click
        assert browser.sends(f"{PAGE}/rosters/{made.id}/delete").status_code == 303
    assert rosters(console) == []


WRONG_ROSTERS = [
    ("hours nobody can read", {"hours": "mon-fry 9-17"}, "The hours cannot be read"),
    ("no first day", {"starts_on": "soon"}, "This is not a date: soon"),
    ("a turn below nothing", {"turn_days": "-1"}, "A turn cannot last -1 days."),
    ("a turn of words", {"turn_days": "week"}, "A turn cannot last week days."),
    ("a hand-over at 25", {"turn_at": "25:00"}, "This is not a time of day such as 09:00: 25:00"),
    ("nobody in it", {"place-1": "", "place-2": ""}, "A roster needs at least one person."),
]


@pytest.mark.parametrize(("label", "wrong", "sentence"), WRONG_ROSTERS, ids=[row[0] for row in WRONG_ROSTERS])
def test_a_roster_that_cannot_be_kept_is_refused_with_what_was_typed(
    console: Console,
    crew: tuple[StaffRow, StaffRow],
    browser: Browser,
    label: str,
    wrong: dict[str, str],
    sentence: str,
) -> None:
    assert [person.id for person in crew] == [1, 2]
    answer = browser.sends(f"{PAGE}/rosters", **roster(list(crew), name="My own words") | wrong)
    refused(answer, sentence)
    assert 'value="My own words"' in answer.text
    assert rosters(console) == []


def test_a_roster_of_another_desk_is_not_touched(
    console: Console, crew: tuple[StaffRow, StaffRow], browser: Browser
) -> None:
    made = plan(console, *crew)
    console.town.officer("Emine", "de-berlin-be")
    assert browser.sends(f"/console/desks/de-berlin-be/duty/rosters/{made.id}/delete").status_code == 404
    other = roster([], roster=str(made.id))
    assert browser.sends("/console/desks/de-berlin-be/duty/rosters", **other).status_code in (404, 409)
    assert rosters(console) == [made]


def test_a_hole_is_named_in_words_with_who_could_fill_it_and_the_form_to_do_so(
    console: Console, crew: tuple[StaffRow, StaffRow], browser: Browser
) -> None:
    plan(console, *crew)
    away = {"who": str(crew[0].id), "starts": "2026-11-24T10:00", "ends": "2026-11-25T10:00", "note": "ill"}
    assert browser.sends(f"{PAGE}/absences", form="absence", **away).status_code == 303
    seen = browser.reads(PAGE)
    assert "Nobody at this desk would answer" in seen
    assert "Could fill it: Burak" in seen
    assert "Cases go to: coordination team" in seen
    assert "starts=2026-11-24T10:00" in seen
    form = browser.reads(f"{PAGE}?starts=2026-11-24T10:00&ends=2026-11-25T10:00")
    assert 'name="starts" value="2026-11-24T10:00"' in form
    fill = {"form": "override", "who": str(crew[1].id), "instead": str(crew[0].id)}
    answer = browser.sends(f"{PAGE}/overrides", **fill, starts="2026-11-24T10:00", ends="2026-11-25T10:00")
    assert answer.status_code == 303
    assert "In all of the desk&#39;s hours somebody can be reached." in browser.reads(PAGE)
    assert "Burak instead of Ayşe" in browser.reads(PAGE)
    for kind in ("overrides", "absences"):
        assert browser.sends(f"{PAGE}/{kind}/1/delete").status_code == 303
    with console.town.database.read() as uow:
        now = console.town.clock()
        assert uow.duty.overrides(now, now + timedelta(days=9)) == uow.duty.absences(now, now + timedelta(days=9)) == []


def test_a_closed_desk_and_an_unreachable_officer_are_told_apart(console: Console, browser: Browser) -> None:
    console.town.officer("Ayşe", KOLN, telegram=None)
    with console.town.database.write() as uow:
        uow.desks.put(KOLN, hours="mon-fri 09:00-17:00")
    seen = browser.reads(PAGE)
    assert "cannot be reached" in seen
    assert "Nobody" in seen
    assert "closed" in seen


WRONG_OVERRIDES = [
    ("ends before it starts", 2, "2026-11-24T12:00", "2026-11-24T10:00", "The end must be after the start."),
    ("no time at all", 2, "", "2026-11-24T10:00", "This is not a date and time:"),
    ("somebody from elsewhere", 99, "2026-11-24T08:00", "2026-11-24T10:00", "Not at this desk"),
    ("nobody for themselves", 1, "2026-11-24T08:00", "2026-11-24T10:00", "Nobody can stand in for themselves."),
    ("on duty by hand already", 2, "2026-11-26T11:00", "2026-11-26T13:00", "Burak is put on duty already"),
    ("away", 2, "2026-11-27T11:00", "2026-11-27T13:00", "Burak is away"),
]


@pytest.mark.parametrize(
    ("label", "who", "starts", "ends", "sentence"), WRONG_OVERRIDES, ids=[row[0] for row in WRONG_OVERRIDES]
)
def test_standing_in_that_cannot_be_is_refused(
    console: Console, crew: tuple[StaffRow, StaffRow], browser: Browser, label: str, who: int, starts: str, ends: str,
    sentence: str,
) -> None:  # fmt: skip
    day = {"starts": "2026-11-26T10:00", "ends": "2026-11-26T12:00"}
    browser.sends(f"{PAGE}/overrides", form="override", who="2", instead="1", **day)
    leave = {"starts": "2026-11-27T00:00", "ends": "2026-11-28T00:00"}
    browser.sends(f"{PAGE}/absences", form="absence", who="2", **leave)
    answer = browser.sends(f"{PAGE}/overrides", form="override", who=str(who), instead="1", starts=starts, ends=ends)
    refused(answer, sentence)
    with console.town.database.read() as uow:
        now = console.town.clock()
        assert len(uow.duty.overrides(now, now + timedelta(days=30))) == 1


@pytest.mark.parametrize(
    ("label", "starts", "ends", "said"),
    [
        ("an ordinary day", "2026-11-24T08:00", "2026-11-24T10:00", "Saved."),
        ("the skipped hour", "2027-03-28T02:30", "2027-03-28T10:00", "does not exist: the time after the change"),
        ("the repeated hour", "2027-10-31T02:15", "2027-10-31T02:45", "exists twice: a start is the first"),
    ],
)
def test_a_night_in_which_the_clock_changes_is_spoken_of(
    console: Console, crew: tuple[StaffRow, StaffRow], browser: Browser, label: str, starts: str, ends: str, said: str
) -> None:
    times = {"starts": starts, "ends": ends}
    answer = browser.sends(f"{PAGE}/overrides", form="override", who=str(crew[0].id), instead="", **times)
    assert said in browser.reads(answer.headers["location"])
    with console.town.database.read() as uow:
        now = console.town.clock()
        (made,) = uow.duty.overrides(now, now + timedelta(days=400))
    hours = (made.ends_at - made.starts_at) / timedelta(hours=1)
    assert hours == {"an ordinary day": 2, "the skipped hour": 6.5, "the repeated hour": 1.5}[label]


def test_the_same_person_at_two_desks_at_once_is_reported(
    console: Console, crew: tuple[StaffRow, StaffRow], browser: Browser
) -> None:
    plan(console, *crew)
    assert "On duty at two desks at once" not in browser.reads(PAGE)
    console.town.officer("Emine", "de-berlin-be")
    now = console.town.clock()
    with console.town.database.write() as uow:
        uow.desks.assign("de-berlin-be", crew[0].id)
        uow.duty.add_override(Override("de-berlin-be", crew[0].id, None, now, now + timedelta(hours=2)))
    seen = browser.reads(PAGE)
    assert "On duty at two desks at once" in seen
    assert "Ayşe, also at" in seen
    assert "Ayşe, also at" in browser.reads("/console/desks/de-berlin-be/duty")


def test_an_unknown_time_zone_is_said_and_the_page_stays(console: Console, browser: Browser) -> None:
    console.town.officer("Ayşe", KOLN)
    with console.town.database.write() as uow:
        uow.desks.put(KOLN, timezone="Mars/Olympus")
    assert "The time zone of this desk is not known" in browser.reads(PAGE)


@pytest.mark.parametrize("query", ["?week=x&weeks=y", "?week=0001-01-01", "?week=9999-12-31&weeks=99", "?weeks=-3"])
def test_an_address_typed_by_hand_shows_some_weeks(
    console: Console, crew: tuple[StaffRow, StaffRow], browser: Browser, query: str
) -> None:
    plan(console, *crew)
    assert 1 <= browser.reads(PAGE + query).count('<ol class="week">') <= 13


def test_earlier_and_later_lead_there_and_back(
    console: Console, crew: tuple[StaffRow, StaffRow], browser: Browser
) -> None:
    plan(console, *crew)
    assert "?week=2026-12-07&amp;weeks=2" in browser.reads(f"{PAGE}?weeks=2")
    assert "?week=2026-11-23&amp;weeks=2" in browser.reads(f"{PAGE}?week=2026-12-07&weeks=2")


def test_the_overview_has_every_desk_who_is_on_who_follows_and_the_next_hole(
    console: Console, crew: tuple[StaffRow, StaffRow], browser: Browser
) -> None:
    plan(console, *crew)
    console.town.officer("Emine", "de-berlin-be", telegram=None)
    seen = browser.reads("/console/duty")
    koln, berlin = (seen.split(f'/console/desks/{desk}/duty"')[1].split("</tr>")[0] for desk in (KOLN, "de-berlin-be"))
    assert "Ayşe" in koln
    assert "Burak" in koln
    assert "none in the next 28 days" in koln
    assert "Emine" in berlin
    assert "none in the next" not in berlin, "nobody there can be reached"
    assert 'href="/console/duty"' in browser.reads("/console/cases")
    assert f'href="{PAGE}"' in browser.reads(f"/console/desks/{KOLN}")


@pytest.mark.parametrize(
    ("sent_to", "page"),
    [
        (f"{PAGE}/rosters", PAGE),
        (f"{PAGE}/overrides/3/delete", PAGE),
        ("/console/me/shifts/away", "/console/me/shifts"),
        ("/console/me/shifts/swaps/7", "/console/me/shifts"),
        ("/console/cases/7/stay", "/console/cases/7"),
    ],
)
def test_who_was_signed_out_meanwhile_comes_back_to_the_page_with_the_form(sent_to: str, page: str) -> None:
    assert page_of(sent_to) == page
