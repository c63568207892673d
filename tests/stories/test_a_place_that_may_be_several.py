"""A place that may be several: everybody who may be responsible helps, until the citizen says which one it is."""

from __future__ import annotations

import json

import pytest

from bot.domain.cases import EventKind
from bot.services.answers import contact
from bot.services.degraded import degraded_replies
from bot.services.incoming import Incoming
from bot.services.routing import replay, shared_location, step_to_dict
from bot.services.where import place_of
from tests.harness.facts import DIRECTORY, TAXONOMY
from tests.harness.town import Citizen, Town

HEART = "Help, my father has a heart attack in {place}"
STOLEN = "My passport was stolen in {place}, my flight is tomorrow"
MAIN, ODER, EMBASSY = "de-frankfurt-bk", "de-berlin-bk", "de-berlin-be"
MADRID, CARACAS = "es-madrid-be", "ve-karakas-be"


def alerted(town: Town, case_id: int) -> list[str]:
    return [event.data["desk"] for event in town.events(case_id) if event.kind == EventKind.ALERTED]


def last_route(town: Town, case_id: int) -> list[str]:
    routed = [event for event in town.events(case_id) if event.kind == EventKind.ROUTED]
    return [step["desk"] for step in routed[-1].data["chain"]]


def in_frankfurt(town: Town, words: str = HEART) -> Citizen:
    for name, desk in (("Ayşe", MAIN), ("Berk", ODER), ("Canan", EMBASSY)):
        town.officer(name, desk)
    citizen = town.citizen()
    citizen.writes(words.format(place="Frankfurt"))
    return citizen


def test_with_a_life_in_danger_both_consulates_are_alerted_and_the_citizen_is_asked_which(town: Town) -> None:
    for name, desk in (("Ayşe", MAIN), ("Berk", ODER), ("Canan", EMBASSY)):
        town.officer(name, desk)
    citizen = town.citizen()
    card, passed_on, question = citizen.writes(HEART.format(place="Frankfurt"))
    assert "112" in card.text.splitlines()[0]
    assert all(name in passed_on.text for name in ("Frankfurt", "Berlin")), "both are named"
    assert question.text == "Which one do you mean?"
    assert [button["payload"] for button in question.extra["buttons"]] == ["Frankfurt am Main", "Frankfurt (Oder)"]
    case = town.case(citizen.case_id)
    assert (case.desk_id, case.mission_id) == (MAIN, None)
    assert alerted(town, case.id) == [MAIN, ODER]
    assert last_route(town, case.id)[:3] == [MAIN, ODER, EMBASSY]
    status = citizen.presses("/status")[0].text
    assert status.count("was alerted") == 2


def test_otherwise_the_embassy_decides_for_both(town: Town) -> None:
    citizen = in_frankfurt(town, STOLEN)
    assert alerted(town, citizen.case_id) == [EMBASSY]
    assert last_route(town, citizen.case_id)[:3] == [EMBASSY, MAIN, ODER]


@pytest.mark.parametrize(
    ("what", "answer", "desk"),
    [("the likelier, in words", "Frankfurt am Main", MAIN), ("the other, by the button", "/Frankfurt (Oder)", ODER)],
)
def test_after_the_answer_the_case_is_one_desks_and_nobody_is_paged_twice(
    town: Town, what: str, answer: str, desk: str
) -> None:
    citizen = in_frankfurt(town)
    pages = len(town.outbox())
    if answer.startswith("/"):
        citizen.presses(answer[1:])
    else:
        citizen.writes(answer)
    case = town.case(citizen.case_id)
    assert (case.desk_id, case.mission_id) == (desk, desk), what
    assert alerted(town, case.id) == [MAIN, ODER]
    assert len(town.outbox()) == pages, "no second page"
    routed = [event for event in town.events(case.id) if event.kind == EventKind.ROUTED]
    assert routed[-1].data["desk"] == desk, "who was alerted in vain reads where it went"


def test_an_answer_after_the_case_had_moved_on_pages_the_desk_again(town: Town) -> None:
    citizen = in_frankfurt(town)
    town.pass_time(minutes=3)
    assert town.case(citizen.case_id).desk_id == EMBASSY
    citizen.writes("Frankfurt (Oder)")
    assert alerted(town, citizen.case_id) == [MAIN, ODER, EMBASSY, ODER]


def test_who_accepts_is_named_with_their_own_desk(town: Town) -> None:
    for name, desk in (("Ayşe", MAIN), ("Berk", ODER)):
        town.officer(name, desk)
    berlin = town.officer("Deniz", ODER)
    citizen = town.citizen()
    citizen.writes(HEART.format(place="Frankfurt"))
    town.accept(citizen.case_id, berlin)
    assert "Deniz (Consulate General of Türkiye in Berlin)" in citizen.reads()[-1].text
    assert "Deniz (Consulate General of Türkiye in Berlin)" in citizen.presses("/status")[0].text


def test_a_name_in_two_countries_shows_the_numbers_of_both_and_alerts_both(town: Town) -> None:
    town.officer("Elif", MADRID)
    town.officer("Fuat", CARACAS)
    citizen = town.citizen()
    card, *_, question = citizen.writes(HEART.format(place="Valencia"))
    assert "Spain: call 112" in card.text
    assert "Venezuela: call the local emergency number." in card.text, "its own is not known: none is made up"
    assert [button["title"] for button in question.extra["buttons"]] == ["Valencia, Spain", "Valencia, Venezuela"]
    assert alerted(town, citizen.case_id) == [MADRID, CARACAS]
    citizen.presses(question.extra["buttons"][1]["payload"])
    case = town.case(citizen.case_id)
    assert (case.desk_id, case.mission_id) == (CARACAS, CARACAS)
    assert alerted(town, citizen.case_id) == [MADRID, CARACAS]


def test_a_place_that_becomes_unclear_later_is_served_while_the_dialogue_asks(town: Town) -> None:
    for name, desk in (("Ayşe", MAIN), ("Berk", ODER)):
        town.officer(name, desk)
    citizen = town.citizen()
    citizen.writes("Help, my father has a heart attack")
    citizen.writes("Frankfurt")
    assert set(alerted(town, citizen.case_id)) >= {MAIN, ODER}


def test_across_a_near_border_the_other_side_stands_second_and_its_numbers_too(town: Town) -> None:
    citizen = town.citizen()
    citizen.writes(lat=50.7747, lon=6.0839)  # Aachen cathedral
    card = citizen.writes("Help, a man with a knife is following me")[0].text
    lines = card.splitlines()
    assert lines[0].startswith("Call 110 now")
    assert any(line.startswith("Netherlands: call 112") for line in lines)
    assert last_route(town, citizen.case_id)[:2] == ["de-koln-bk", "nl-deventer-bk"]
    assert town.case(citizen.case_id).mission_id == "de-koln-bk"


@pytest.mark.parametrize("place", ["Frankfurt", "Valencia", "Cambridge"])
def test_a_routing_of_several_places_is_decided_again_to_the_same_chain(town: Town, place: str) -> None:
    citizen = town.citizen()
    citizen.writes(HEART.format(place=place))
    (event,) = [event for event in town.events(citizen.case_id) if event.kind == EventKind.ROUTED]
    assert event.data["inputs"]["location"]["others"]
    again = replay(json.loads(json.dumps(event.data["inputs"])), TAXONOMY, DIRECTORY)
    assert [step_to_dict(step) for step in again.steps] == event.data["chain"]
    before = {key: value for key, value in event.data["inputs"]["location"].items() if key != "others"}
    old = replay(event.data["inputs"] | {"location": before | {"country": "SE"}}, TAXONOMY, DIRECTORY)
    assert old.jurisdiction.mission is not None, "an event from before there were others"


def test_people_see_every_place_that_it_may_be(town: Town) -> None:
    citizen = town.citizen()
    citizen.writes(HEART.format(place="Valencia"))
    assert place_of(town.case(citizen.case_id).location, "en") == "Valencia, Spain / Valencia, Venezuela"


def test_two_reports_of_an_unclear_country_are_no_incident(town: Town) -> None:
    cases = []
    for name in ("one", "two"):
        citizen = town.citizen(name)
        citizen.writes("Help, an earthquake, houses have fallen down in Valencia")
        cases.append(town.case(citizen.case_id))
    assert [case.location["country"] for case in cases if case.location] == ["", ""]
    assert [case.incident_id for case in cases] == [None, None]


def test_without_the_database_the_card_has_the_numbers_of_both_countries(town: Town) -> None:
    incoming = Incoming("web", "1", "web:x", "x", text=HEART.format(place="Hamilton"), language="en")
    card = degraded_replies(town.ports, incoming)[0].text
    assert "Canada: call 911" in card
    assert "New Zealand: call" in card


def test_where_all_places_have_one_consulate_it_is_named_at_once(town: Town) -> None:
    supposed = shared_location(town.ports.understander.gazetteer.find("Santa Rosa", "en", "AR")[0])
    answer = contact(town.ports, supposed, None, "en", town.clock()).text
    assert "is responsible for Santa Rosa (AR-L), Santa Rosa (AR-A)." in answer
