"""When an owner's shift ends, those on duty are offered the case; it has one owner in every minute."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

import pytest

from bot.domain.cases import CaseError, EventKind
from bot.domain.rosters import Absence, Roster
from bot.services import cases, handing_on
from bot.services.shift_end import may_stay, shift_ends, stay
from bot.storage.tables import CaseEventRow
from bot.storage.tables_staff import StaffRow
from tests.harness.town import Citizen, Town

KOLN = "de-koln-bk"
STOLEN = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"  # urgent: 15 minutes
Crew = tuple[StaffRow, StaffRow, StaffRow]


@pytest.fixture
def crew(town: Town) -> Crew:
    """Ayşe until 18:00 and Burak from then on, every day; a coordinator. The clock stands at 10:00 in Köln."""
    ayse, burak = town.officer("Ayşe", KOLN), town.officer("Burak", KOLN)
    for name, hours, person in (("Day", "08:00-18:00", ayse), ("Night", "18:00-08:00", burak)):
        plan(town, Roster(0, KOLN, name, f"mon-sun {hours}", date(2026, 11, 1), 0, time(8), (person.id,)))
    return ayse, burak, town.coordinator()


def plan(town: Town, roster: Roster) -> None:
    with town.database.write() as uow:
        uow.duty.add_roster(roster)


@pytest.fixture
def citizen(town: Town, crew: Crew) -> Citizen:
    """Their case is Ayşe's since 10:00, and she has written."""
    citizen = town.citizen()
    citizen.writes(STOLEN)
    town.accept(citizen.case_id, crew[0])
    town.reply(citizen.case_id, crew[0], "Bakıyorum.")
    return citizen


def until(town: Town, hour: int, minute: int = 0, second: int = 0) -> None:
    """Wind to a time of today in Köln, which is an hour before UTC, and let the worker look."""
    now = town.clock()
    then = datetime.combine(now.date(), time(hour - 1, minute, second), now.tzinfo)
    town.pass_time(seconds=(then - now).total_seconds())
    shift_ends(town.ports)


def happened(town: Town, citizen: Citizen, kind: EventKind) -> list[CaseEventRow]:
    return [event for event in town.events(citizen.case_id) if event.kind == kind]


def told(town: Town, staff: StaffRow, *about: str) -> list[str]:
    """What this person was told by Telegram with one of these words in its key."""
    return [
        row.body["text"]
        for row in town.outbox()
        if row.address == staff.telegram_chat and any(word in row.dedup_key for word in about)
    ]


def take_over(town: Town, citizen: Citizen, staff: StaffRow) -> None:
    with town.database.write() as uow:
        seen = uow.cases.get(citizen.case_id).owner_id
        cases.take_over(uow, town.ports, citizen.case_id, uow.staff.get(staff.id), seen, town.clock())


def stays(town: Town, citizen: Citizen, staff: StaffRow) -> None:
    with town.database.write() as uow:
        stay(uow, town.ports, citizen.case_id, uow.staff.get(staff.id), town.clock())


def test_those_on_duty_are_offered_the_case_and_the_owner_keeps_it_meanwhile(
    town: Town, crew: Crew, citizen: Citizen
) -> None:
    ayse, burak, coordinator = crew
    lines = len(citizen.reads())
    until(town, 17, 59)
    assert happened(town, citizen, EventKind.SHIFT_ENDED) == []
    until(town, 18)
    until(town, 18, 1)
    (event,) = happened(town, citizen, EventKind.SHIFT_ENDED)
    assert event.data == {"name": "Ayşe", "until": "2026-11-23T17:00:00+00:00"}
    assert len(told(town, burak, "shift:1")) == 1
    assert len(told(town, ayse, "shift_ended:")) == 1
    assert told(town, coordinator, "shift:1") == []
    assert town.case(citizen.case_id).owner_id == ayse.id
    assert len(citizen.reads()) == lines, "the citizen hears of it when somebody really has it"
    take_over(town, citizen, burak)
    assert "Burak" in citizen.reads()[-1].text
    until(town, 18, 30)
    assert len(happened(town, citizen, EventKind.SHIFT_ENDED)) == 1
    assert told(town, coordinator, "shift:") == []


def test_the_offer_says_what_it_is_and_nothing_of_what_was_written(town: Town, crew: Crew, citizen: Citizen) -> None:
    with town.database.write() as uow:
        uow.staff.get(crew[1].id).language = "en"
    until(town, 18)
    (words,) = told(town, crew[1], "shift:1")
    assert "waits for you" in words
    assert f"/cases/{citizen.case_id}" in words
    assert "Pasaport" not in words


def test_if_nobody_takes_it_within_its_clock_the_coordinators_hear_of_it_once(
    town: Town, crew: Crew, citizen: Citizen
) -> None:
    until(town, 18)
    until(town, 18, 14)
    assert told(town, crew[2], "shift:") == []
    for minute in (15, 16, 40):
        until(town, 18, minute)
    assert len(told(town, crew[2], "shift:1:alarm")) == 1
    assert town.case(citizen.case_id).owner_id == crew[0].id


def test_who_is_writing_as_the_shift_ends_gets_a_quarter_of_an_hour(town: Town, crew: Crew, citizen: Citizen) -> None:
    until(town, 17, 55)
    town.reply(citizen.case_id, crew[0], "Şu an konsoloslukla konuşuyorum.")
    until(town, 18, 14)
    assert happened(town, citizen, EventKind.SHIFT_ENDED) == []
    until(town, 18, 15)
    assert len(happened(town, citizen, EventKind.SHIFT_ENDED)) == 1


def test_an_owner_who_stays_is_not_asked_again_before_their_next_shift_ends(
    town: Town, crew: Crew, citizen: Citizen
) -> None:
    ayse, burak, coordinator = crew
    until(town, 18)
    stays(town, citizen, ayse)
    stays(town, citizen, ayse)  # a double click
    with pytest.raises(CaseError, match="already_accepted"):
        stays(town, citizen, burak)
    until(town, 19)
    assert told(town, coordinator, "shift:") == []
    assert len(happened(town, citizen, EventKind.STAYS)) == 1
    town.clock.forward(days=1)
    until(town, 17, 59)
    assert len(happened(town, citizen, EventKind.SHIFT_ENDED)) == 1
    until(town, 18)
    assert len(happened(town, citizen, EventKind.SHIFT_ENDED)) == 2


def test_only_an_owner_off_duty_is_asked_whether_they_stay(town: Town, crew: Crew, citizen: Citizen) -> None:
    def asked() -> bool:
        with town.database.read() as uow:
            return may_stay(uow, town.ports, uow.cases.get(citizen.case_id), town.clock())

    until(town, 17, 59)
    assert not asked()
    stays(town, citizen, crew[0])
    assert happened(town, citizen, EventKind.STAYS) == [], "there is nothing to stay for yet"
    until(town, 18)
    assert asked()
    stays(town, citizen, crew[0])
    assert not asked()


def test_at_a_desk_that_is_empty_then_the_coordinators_hear_at_once(town: Town, crew: Crew, citizen: Citizen) -> None:
    now = town.clock()
    with town.database.write() as uow:
        uow.duty.add_absence(Absence(crew[1].id, now, now + timedelta(days=2)))
    until(town, 18)
    until(town, 18, 0, 15)
    assert told(town, crew[1], "shift:") == []
    assert len(told(town, crew[2], "shift:1:alarm")) == 1


def test_an_absence_that_begins_is_the_end_of_a_shift_also_without_a_roster(town: Town) -> None:
    ayse, burak = town.officer("Ayşe", KOLN), town.officer("Burak", KOLN)
    citizen = town.citizen()
    citizen.writes(STOLEN)
    town.accept(citizen.case_id, ayse)
    town.reply(citizen.case_id, ayse, "Bakıyorum.")
    with town.database.write() as uow:
        start = town.clock() + timedelta(hours=2)
        uow.duty.add_absence(Absence(ayse.id, start, start + timedelta(days=3)))
    until(town, 11, 59)
    assert happened(town, citizen, EventKind.SHIFT_ENDED) == []
    until(town, 12)
    assert len(happened(town, citizen, EventKind.SHIFT_ENDED)) == 1
    assert len(told(town, burak, "shift:1")) == 1


def test_who_fell_ill_this_morning_and_says_so_at_noon_is_relieved(town: Town, crew: Crew, citizen: Citizen) -> None:
    until(town, 12)
    with town.database.write() as uow:
        uow.duty.add_absence(Absence(crew[0].id, town.clock() - timedelta(hours=5), town.clock() + timedelta(days=1)))
    until(town, 12, 1)
    assert len(happened(town, citizen, EventKind.SHIFT_ENDED)) == 1


def test_without_a_roster_and_for_coordinators_no_shift_ends(town: Town, crew: Crew, citizen: Citizen) -> None:
    take_over(town, citizen, crew[2])
    other = town.citizen("other")
    emine = town.officer("Emine", "de-berlin-be")
    other.writes("Pasaportum çalındı, Berlin'deyim, yarın uçağım var")
    assert town.case(other.case_id).desk_id == "de-berlin-be"
    town.accept(other.case_id, emine)
    for hour in (18, 20, 23):
        until(town, hour)
    assert happened(town, citizen, EventKind.SHIFT_ENDED) == happened(town, other, EventKind.SHIFT_ENDED) == []


def test_who_may_no_longer_sign_in_keeps_no_case(town: Town, crew: Crew, citizen: Citizen) -> None:
    with town.database.write() as uow:
        uow.staff.get(crew[0].id).active = False
    until(town, 11)
    assert len(happened(town, citizen, EventKind.SHIFT_ENDED)) == 1


def test_a_case_that_rests_is_not_offered_before_its_time(town: Town, crew: Crew, citizen: Citizen) -> None:
    until(town, 17)
    with town.database.write() as uow:
        later = town.clock() + timedelta(hours=3)
        handing_on.snooze(uow, citizen.case_id, uow.staff.get(crew[0].id), later, town.clock())
    until(town, 19, 59)
    assert happened(town, citizen, EventKind.SHIFT_ENDED) == []
    until(town, 20)
    assert len(happened(town, citizen, EventKind.SHIFT_ENDED)) == 1


@pytest.mark.parametrize("seed", range(5))
def test_no_minute_has_two_owners_and_no_end_of_a_shift_is_told_twice(
    town: Town, crew: Crew, citizen: Citizen, seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(120):
        until_now = town.clock() + timedelta(minutes=chance.randint(1, 45))
        town.pass_time(seconds=(until_now - town.clock()).total_seconds())
        shift_ends(town.ports)
        shift_ends(town.ports)
        if chance.random() < 0.2:
            take_over(town, citizen, chance.choice(crew[:2]))
        elif chance.random() < 0.2:
            owner = next(person for person in crew if person.id == town.case(citizen.case_id).owner_id)
            stays(town, citizen, owner)
        assert town.case(citizen.case_id).owner_id in {person.id for person in crew}
    ends = [(e.data["name"], e.data["until"]) for e in happened(town, citizen, EventKind.SHIFT_ENDED)]
    owned = [e.data["name"] for e in happened(town, citizen, EventKind.TAKEN_OVER)]
    assert ends, "days have passed"
    assert len(ends) <= len(set(ends)) + len(owned), "again only for who took it again after that end"
    owner = "Ayşe"
    for event in town.events(citizen.case_id):
        if event.kind == EventKind.TAKEN_OVER:
            assert event.data["former"] == owner, "each owner follows the one before"
            owner = event.data["name"]
        elif event.kind in (EventKind.SHIFT_ENDED, EventKind.STAYS):
            assert event.data["name"] == owner
