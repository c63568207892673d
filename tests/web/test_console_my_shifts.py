"""One's own shifts in the console: being away, asking a colleague, and staying with a case."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from bot.domain.rosters import Roster
from bot.services.shift_end import shift_ends
from bot.storage.tables_staff import StaffRow
from tests.web.conftest import Browser, Console

KOLN = "de-koln-bk"
PAGE = "/console/me/shifts"
Crew = tuple[StaffRow, StaffRow]


@pytest.fixture
def crew(console: Console) -> Crew:
    """Ayşe has Wednesday, 25 November, 8 to 18; it is Monday."""
    people = (console.town.officer("Ayşe", KOLN), console.town.officer("Burak", KOLN))
    with console.town.database.write() as uow:
        day = Roster(0, KOLN, "Day", "wed 08:00-18:00", date(2026, 11, 23), 0, time(8), (people[0].id,))
        uow.duty.add_roster(day)
    return people


def ask(browser: Browser, of: StaffRow, starts: str = "2026-11-25T08:00", ends: str = "2026-11-25T18:00"):
    shift = "2026-11-25T07:00:00+00:00"
    return browser.sends(f"{PAGE}/swaps", desk=KOLN, shift=shift, colleague=str(of.id), starts=starts, ends=ends)


def on_duty(console: Console) -> set[str]:
    at = console.town.clock() + timedelta(days=2)
    with console.town.database.read() as uow:
        return {one.name for one in uow.desks.all(at, telegram=True)[KOLN].officers if one.on_duty}


def test_my_shifts_are_mine_and_a_desk_without_a_roster_is_named(console: Console, crew: Crew) -> None:
    ayse, burak = (console.browser_of(person) for person in crew)
    assert "11/25/26" in ayse.reads(PAGE)
    assert "No shifts of yours are planned" in burak.reads(PAGE)
    emine = console.officer("Emine", "de-berlin-be")
    assert "Without a roster" in emine.reads(PAGE)
    assert "Times in Europe/Berlin" in emine.reads(PAGE)


def test_a_colleague_is_asked_and_agrees_from_their_pages(console: Console, crew: Crew) -> None:
    ayse, burak = (console.browser_of(person) for person in crew)
    answer = ask(ayse, crew[1])
    assert "Your colleague was asked." in ayse.reads(answer.headers["location"])
    assert "no answer yet" in ayse.reads(PAGE)
    page = burak.get(PAGE)
    assert "You are asked" in page.text
    done = burak.submit(page, f"{PAGE}/swaps/1", action="agree")
    assert "The shift is yours now." in burak.reads(done.headers["location"])
    assert on_duty(console) == {"Burak"}
    assert "agreed" in ayse.reads(PAGE)
    late = burak.sends(f"{PAGE}/swaps/1", action="decline")
    assert late.status_code == 409
    assert "This request was agreed to already." in late.text


def test_what_is_refused_stands_in_a_sentence_with_what_was_typed(console: Console, crew: Crew) -> None:
    ayse = console.browser_of(crew[0])
    answer = ask(ayse, crew[1], ends="2026-11-25T19:00")
    assert answer.status_code == 409
    assert "is not on duty for all of this time" in answer.text
    assert 'value="2026-11-25T19:00"' in answer.text
    assert ask(ayse, crew[1], starts="").status_code == 409
    assert on_duty(console) == {"Ayşe"}


@pytest.mark.parametrize("action", ["agree", "decline", "withdraw", "nonsense", ""])
def test_nobody_touches_a_request_that_is_not_theirs(console: Console, crew: Crew, action: str) -> None:
    ask(console.browser_of(crew[0]), crew[1])
    assert console.officer("Can").sends(f"{PAGE}/swaps/1", action=action).status_code == 404
    assert on_duty(console) == {"Ayşe"}


def test_being_away_takes_the_shift_out_and_can_be_taken_back(console: Console, crew: Crew) -> None:
    ayse = console.browser_of(crew[0])
    leave = {"starts": "2026-11-25T00:00", "ends": "2026-11-26T00:00", "note": "dentist"}
    answer = ayse.sends(f"{PAGE}/away", **leave)
    assert "ask a colleague to take them" in ayse.reads(answer.headers["location"])
    assert on_duty(console) == set()
    twice = ayse.sends(f"{PAGE}/away", **leave)
    assert twice.status_code == 409
    assert "is away already" in twice.text
    assert console.browser_of(crew[1]).sends(f"{PAGE}/away/1/delete").status_code == 404, "not somebody else's"
    assert ayse.sends(f"{PAGE}/away/1/delete").status_code == 303
    assert on_duty(console) == {"Ayşe"}
    wrong = ayse.sends(f"{PAGE}/away", starts="2026-11-26T00:00", ends="2026-11-25T00:00", note="x")
    assert "The end must be after the start." in wrong.text


def test_an_owner_off_duty_says_on_the_cases_page_that_they_stay(console: Console, crew: Crew) -> None:
    town, (ayse, _) = console.town, crew
    town.clock.forward(days=2)  # Wednesday
    case = console.case()
    town.accept(case.id, ayse)
    browser = console.browser_of(ayse)
    assert "I stay with it" not in browser.reads(f"/console/cases/{case.id}")
    town.clock.forward(hours=8)  # 18:00 in Köln
    shift_ends(town.ports)
    page = browser.get(f"/console/cases/{case.id}")
    assert "The shift of Ayşe ended" in page.text
    done = browser.submit(page, f"/console/cases/{case.id}/stay")
    seen = browser.reads(done.headers["location"])
    assert "Noted: you go on with this case." in seen
    assert "Ayşe goes on with it after the shift" in seen
    assert f"/console/cases/{case.id}/stay" not in seen
    other = console.coordinator().sends(f"/console/cases/{case.id}/stay")
    assert other.headers["location"].endswith("said=not_the_owner")
