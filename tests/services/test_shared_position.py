"""A shared position: served where it lies, with the border named, and no country made up far from everything."""

from __future__ import annotations

import json
from io import StringIO

import pytest

from bot import batch, json_lines
from bot.app import Town as App
from bot.clients.rasa import NoDialogue
from bot.domain.cases import EventKind
from bot.domain.jurisdiction import responsible_mission
from bot.i18n.catalogues import LANGUAGES
from bot.services.routing import reason_text, replay, shared_position, step_to_dict
from bot.understanding.places import Gazetteer
from tests.harness.facts import DATA, DIRECTORY, TAXONOMY
from tests.harness.town import Town


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(DATA / "places")


@pytest.mark.parametrize(
    ("what", "lat", "lon", "country", "mission", "beside"),
    [
        ("in the middle of the Atlantic nothing is known", 35.0, -40.0, None, None, ""),
        ("in the middle of the Sahara neither", 23.0, 0.0, None, None, ""),
        ("nor at the South Pole", -90.0, 0.0, None, None, ""),
        ("a boat off Kos is a little nearer to Turgutreis: Kos is named", 36.95, 27.2, "TR", None, "Kos (GR)"),
        ("a boat in the harbour of Kos", 36.905, 27.29, "GR", "gr-rodos-bk", ""),
        ("Basel's station", 47.5476, 7.5896, "CH", "ch-bern-be", "Saint-Louis (FR)"),
        ("Weil am Rhein", 47.5935, 7.6090, "DE", "de-karlsruhe-bk", "Huningue (FR)"),
        ("Saint-Louis", 47.5900, 7.5610, "FR", "fr-strazburg-bk", "Basel (CH)"),
        ("Aachen cathedral", 50.7747, 6.0839, "DE", "de-koln-bk", "Vaals (NL)"),
        ("Vaals", 50.7710, 6.0180, "NL", "nl-deventer-bk", "Aachen (DE)"),
        ("Strasbourg cathedral", 48.5818, 7.7510, "FR", "fr-strazburg-bk", "Kehl (DE)"),
        ("Kehl's station", 48.5735, 7.8085, "DE", "de-karlsruhe-bk", "Strasbourg (FR)"),
        ("Edirne, where there is no mission", 41.677, 26.556, "TR", None, ""),
        ("Kapitan Andreevo", 41.717, 26.317, "BG", "bg-burgaz-bk", ""),
        ("a border of two districts in one country", 48.393, 10.011, "DE", "de-munih-bk", "Ulm (DE)"),
        ("in the middle of Köln no border is near", 50.9413, 6.9583, "DE", "de-koln-bk", ""),
    ],
)
def test_a_position_lies_where_the_nearest_known_place_lies(
    gazetteer: Gazetteer, what: str, lat: float, lon: float, country: str | None, mission: str | None, beside: str
) -> None:
    here = shared_position(gazetteer, DIRECTORY, lat, lon)
    found = responsible_mission(DIRECTORY, here)
    assert (here.country if here else None, found.mission.id if found.mission else None) == (country, mission), what
    assert (here.beside if here else "") == beside, what
    assert found.args.get("beside", "") == beside, "the reason of the decision names it, too"


def test_far_from_every_place_only_the_country_that_was_known_counts(gazetteer: Gazetteer) -> None:
    here = shared_position(gazetteer, DIRECTORY, 35.0, -40.0, known="PT")
    assert here is not None
    assert (here.country, here.name, here.lat, here.lon) == ("PT", "", 35.0, -40.0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reason_says_in_every_language_that_the_border_is_near(gazetteer: Gazetteer, language: str) -> None:
    found = responsible_mission(DIRECTORY, shared_position(gazetteer, DIRECTORY, 50.7747, 6.0839))
    sentence = reason_text({"code": found.rule, **found.args}, language)
    assert "Aachen" in sentence
    assert "Vaals (NL)" in sentence
    assert "{" not in sentence


def test_bot_route_asks_for_the_place_in_the_middle_of_the_ocean(town: Town) -> None:
    out = StringIO()
    line = {"id": 1, "label": "accident", "language": "tr", "lat": 35.0, "lon": -40.0}
    json_lines.process(
        StringIO(json.dumps(line) + "\n"), out, batch.route(App(town.settings, town.ports, None, NoDialogue()))
    )
    answer = json.loads(out.getvalue())
    assert (answer["place"], answer["mission"], answer["question"]) == (None, None, "ask.place")
    assert answer["numbers"], "the numbers are there all the same"


def test_a_position_at_sea_keeps_what_was_known_and_reaches_the_case_as_degrees(town: Town) -> None:
    citizen = town.citizen()
    citizen.writes("Help! My mother is not breathing")
    asked = citizen.writes(lat=35.0, lon=-40.0)
    assert any(message.extra.get("ask_location") for message in asked)
    case = town.case(citizen.case_id)
    assert (case.location, case.mission_id) == (None, None)
    details = [event.data["value"] for event in town.events(case.id) if event.kind == EventKind.DETAIL]
    assert details == ["35.00000, -40.00000"]


@pytest.mark.parametrize("staffed", [True, False])
def test_a_stored_routing_is_decided_again_to_the_same_chain(town: Town, staffed: bool) -> None:
    if staffed:
        town.officer("Ayşe", "de-koln-bk")
        town.officer("Fatma", "coordination")
    citizen = town.citizen()
    citizen.writes("Hilfe, ich werde verfolgt, er hat ein Messer")
    citizen.writes(lat=50.7747, lon=6.0839)
    routed = [event for event in town.events(citizen.case_id) if event.kind == EventKind.ROUTED]
    assert len(routed) == 2, "once without the place, once with it"
    for event in routed:
        again = replay(event.data["inputs"], TAXONOMY, DIRECTORY)
        assert [step_to_dict(step) for step in again.steps] == event.data["chain"]
        assert again.desk_id == event.data["answers"]
        assert (again.jurisdiction.mission.id if again.jurisdiction.mission else None) == event.data["mission"]
        assert "Ayşe" not in json.dumps(event.data, ensure_ascii=False), "nobody's name stays in the events"
