"""A case goes to people whose shift it is, and says why it went past the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from bot.domain.cases import EventKind
from bot.domain.places import Location
from bot.domain.rosters import Absence, Roster
from bot.domain.routing import HelpRequest
from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import LANGUAGES
from bot.services.routing import decide, explain, step_to_dict
from bot.storage.tables_staff import StaffRow
from tests.harness.town import Town

KOLN = "de-koln-bk"
CRY = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"
NIGHTS = Roster(0, KOLN, "Nights", "mon-sun 20:00-08:00", date(2026, 11, 1), 7, time(20), ())  # it is 10:00 in Köln


def plan(town: Town, officer: StaffRow, roster: Roster) -> None:
    with town.database.write() as uow:
        uow.duty.add_roster(replace(roster, people=(officer.id,)))


def why_passed(town: Town, case_id: int) -> str:
    routed = next(event for event in town.events(case_id) if event.kind == EventKind.ROUTED)
    return explain(routed.data["chain"][0], "en")


def test_outside_everybodys_shift_the_case_goes_to_the_coordinators_who_see_why(town: Town) -> None:
    plan(town, town.officer("Ayşe", KOLN), NIGHTS)
    town.coordinator()
    citizen = town.citizen()
    citizen.writes(CRY)
    assert town.case(citizen.case_id).desk_id == "coordination"
    assert "nobody is on duty" in why_passed(town, citizen.case_id)


def test_within_the_shift_the_case_goes_to_the_desk_and_during_leave_it_does_not(town: Town) -> None:
    officer = town.officer("Ayşe", KOLN)
    plan(town, officer, replace(NIGHTS, hours="mon-fri 08:00-20:00"))
    town.coordinator()
    first, second = town.citizen("first"), town.citizen("second")
    first.writes(CRY)
    with town.database.write() as uow:
        uow.duty.add_absence(Absence(officer.id, town.clock(), town.clock() + timedelta(days=1)))
    second.writes(CRY)
    assert (town.case(first.case_id).desk_id, town.case(second.case_id).desk_id) == (KOLN, "coordination")


def test_who_has_all_the_cases_they_can_take_gets_no_more_unless_a_life_is_in_danger(town: Town) -> None:
    officer = town.officer("Ayşe", KOLN)
    town.coordinator()
    with town.database.write() as uow:
        uow.staff.get(officer.id).capacity = 1
    first, second, third = (town.citizen(name) for name in ("first", "second", "third"))
    first.writes(CRY)
    town.accept(first.case_id, officer)
    second.writes(CRY)
    third.writes("Köln'deyim, babam kalp krizi geçiriyor, nefes alamıyor")
    assert town.case(second.case_id).desk_id == "coordination"
    assert "all the cases they can take" in why_passed(town, second.case_id)
    assert town.case(third.case_id).desk_id == KOLN


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_holiday_is_named_in_the_reason_in_every_language(town: Town, language: str) -> None:
    town.officer("Ayşe", KOLN)
    with town.database.write() as uow:
        uow.desks.put(KOLN, country="DE", keeps_holidays=True)
    christmas = town.clock().replace(month=12, day=25)
    mission = town.ports.knowledge.directory.missions[KOLN]
    request = HelpRequest("accident", Severity.URGENT, "tr", Location("DE", "Köln", mission.lat, mission.lon))
    with town.database.read() as uow:
        step = decide(uow, town.ports, request, christmas).steps[0]
    assert "Erster Weihnachtstag" in explain(step_to_dict(step), language)


def test_nobody_is_paged_for_a_shift_that_is_not_theirs(town: Town) -> None:
    ayse, burak = town.officer("Ayşe", "de-koln-bk"), town.officer("Burak", "de-koln-bk")
    with town.database.write() as uow:
        for staff, chat in ((ayse, "901"), (burak, "902")):
            uow.staff.get(staff.id).telegram_chat = chat
        uow.duty.add_roster(
            Roster(0, "de-koln-bk", "Nöbet", "", town.clock().date() - timedelta(days=1), 7, time(9), (burak.id,))
        )
    citizen = town.citizen()
    citizen.writes("Pasaportum çalındı, Köln'deyim, yarın uçağım var")
    assert {row.address for row in town.outbox() if row.dedup_key.startswith("alert:")} == {"902"}
