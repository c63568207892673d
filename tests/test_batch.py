"""The batch commands' contract: one line out per line in, in order, with the promised fields."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from bot import batch, json_lines
from bot.app import Town as App
from bot.clients.rasa import NoDialogue
from tests.harness.town import Town


@pytest.fixture
def ask(town: Town) -> Callable[..., list[dict[str, Any]]]:
    app = App(town.settings, town.ports, None, NoDialogue())

    def run(command: Callable[[App], Any], *lines: Any) -> list[dict[str, Any]]:
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        out = io.StringIO()
        json_lines.process(io.StringIO(text), out, command(app))
        return [json.loads(line) for line in out.getvalue().splitlines()]

    return run


def test_understand_answers_every_line_in_order(ask) -> None:
    first, second = ask(
        lambda app: json_lines.understand(app.ports.understander),
        {"id": "a", "text": "Pasaportum çalındı, Köln'deyim, yarın uçağım var"},
        {"id": "b", "text": "hallo"},
    )
    assert (first["id"], first["lang"], first["label"], first["severity"]) == (
        "a", "tr", "passport_lost_travel", "urgent",
    )  # fmt: skip
    assert (first["place"]["name"], first["place"]["country"]) == ("Köln", "DE")
    assert {"text", "name", "country", "lat", "lon"} <= set(first["place"])
    assert (second["id"], second["label"], second["severity"], second["place"]) == ("b", "greet", "normal", None)
    assert {"label", "confidence"} == set(second["alternatives"][0])


@pytest.mark.parametrize(
    ("what", "line", "mission", "question"),
    [
        ("a place by name", {"place": "Köln"}, "de-koln-bk", None),
        ("in Turkish with an ending", {"place": "Lahey'de"}, "nl-rotterdam-bk", None),
        ("in Arabic", {"place": "كولونيا"}, "de-koln-bk", None),
        ("coordinates", {"lat": 52.09, "lon": 5.12}, "nl-amsterdam-bk", None),
        ("only a country with several missions", {"country": "FR"}, None, "ask.place"),
        ("only a country with one mission", {"country": "SE"}, "se-stokholm-be", None),
        ("an ambiguous name is asked about", {"place": "Frankfurt"}, None, "ask.place_which"),
        ("nothing", {}, None, "ask.place"),
        ("a place nobody knows", {"place": "Xyzzyville"}, None, "ask.place"),
    ],
)  # fmt: skip
def test_route_names_the_responsible_mission(ask, what: str, line: dict, mission: str | None, question: str) -> None:
    (answer,) = ask(batch.route, {"id": 1, "label": "arrest_detention", "language": "tr"} | line)
    assert (answer["mission"], answer["question"]) == (mission, question), what
    assert answer["numbers"], "numbers are there even when nothing else is known"
    assert all(number["status"] in ("sourced", "confirmed") for number in answer["numbers"])
    assert answer["desk"] == answer["chain"][-1]["desk"] == "national_line", "nobody is on duty in an empty town"
    assert all(step["reason"] for step in answer["chain"])


def test_route_names_who_can_answer_at_that_moment(ask, town: Town) -> None:
    town.officer("Ayşe", "de-koln-bk")
    with town.database.write() as uow:
        uow.desks.put("de-koln-bk", hours="mon-fri 09:00-17:00", timezone="Europe/Berlin")
    line = {"id": 1, "label": "passport_renewal", "language": "tr", "place": "Bonn"}
    open_now, closed = ask(
        batch.route, line | {"at": "2026-11-23T10:00+01:00"}, line | {"at": "2026-11-22T10:00+01:00"}
    )
    assert (open_now["desk"], closed["desk"]) == ("de-koln-bk", "national_line")
    assert "closed" in closed["chain"][0]["reason"]


def test_search_finds_topics_with_scores(ask) -> None:
    (answer,) = ask(batch.search, {"id": 1, "text": "Wie verlängere ich meinen Reisepass?", "lang": "de", "limit": 3})
    assert answer["results"][0]["topic"] == "passport_renewal"
    assert len(answer["results"]) <= 3
    scores = [result["score"] for result in answer["results"]]
    assert scores == sorted(scores, reverse=True)


def test_converse_runs_the_whole_path(ask) -> None:
    hello, crisis = ask(
        batch.converse,
        {"conversation": "x", "text": "hello"},
        {"conversation": "x", "text": "Help, my father has a heart attack in Utrecht"},
    )
    assert hello["case"] is None
    assert hello["replies"][0]["text"]
    assert "112" in crisis["replies"][0]["text"].splitlines()[0]
    assert isinstance(crisis["case"], int)


@pytest.mark.parametrize(
    ("what", "line", "complaint"),
    [
        ("no JSON", "{oops", "line 1"),
        ("no object", "[1]", "must be a JSON object"),
        ("no text", {"id": 7}, '"text" must be a text'),
    ],
)
def test_a_bad_line_gets_a_sentence_and_the_next_one_its_answer(ask, what: str, line: Any, complaint: str) -> None:
    bad, good = ask(batch.search, line, {"id": 2, "text": "passport"})
    assert complaint in bad["error"], what
    assert good["results"]


@pytest.mark.parametrize(
    ("what", "line", "complaint"),
    [
        ("an unknown label", {"label": "nonsense"}, "not a label"),
        ("a time without a zone", {"label": "accident", "at": "2026-01-01T10:00"}, "needs a time zone"),
        ("a time that is none", {"label": "accident", "at": "tomorrow"}, "ISO 8601"),
        ("coordinates off the globe", {"label": "accident", "lat": 91, "lon": 0}, "degrees on the globe"),
        ("coordinates that are no numbers", {"label": "accident", "lat": "north", "lon": 0}, "degrees on the globe"),
        ("a length that is none", {"label": "accident", "lat": 50.0, "lon": "NaN"}, "degrees on the globe"),
        ("half a position", {"label": "accident", "lat": 50.0}, "belong together"),
        ("a country nobody has heard of", {"label": "accident", "country": "Narnia"}, "'Narnia' is not a country"),
        ("a code of no country", {"label": "accident", "country": "QQ", "place": "Köln"}, "'QQ' is not a country"),
        ("the European Union is no country", {"label": "accident", "country": "EU"}, "two-letter code"),
    ],
)
def test_route_refuses_in_a_sentence(ask, what: str, line: dict, complaint: str) -> None:
    (answer,) = ask(batch.route, {"id": 1} | line)
    assert complaint in answer["error"], what


@pytest.mark.parametrize(
    ("what", "line", "note", "mission"),
    [
        ("a name nobody knows, and no more", {"place": "Xyzzyville"},
         "place 'Xyzzyville' is not known; it is routed without a place", None),
        ("a name nobody knows, in a country with one mission", {"place": "Xyzzyville", "country": "SE"},
         "place 'Xyzzyville' is not known; only the country is used: Sweden", "se-stokholm-be"),
        ("in a country called by its name", {"place": "Xyzzyville", "country": "İsveç"},
         "place 'Xyzzyville' is not known; only the country is used: Sweden", "se-stokholm-be"),
        ("a postal code nobody has", {"postal_code": "00000", "country": "DE"},
         "postal_code '00000' is not known; only the country is used: Germany", None),
        ("at sea", {"lat": 35.0, "lon": -40.0},
         "no place is known within 40 km of this position; it is routed without a place", None),
        ("a known place needs no note", {"place": "Bonn"}, None, "de-koln-bk"),
        ("nor does a country alone", {"country": "de"}, None, None),
    ],
)  # fmt: skip
def test_route_says_what_it_does_not_know_and_what_it_took_instead(
    ask, what: str, line: dict, note: str | None, mission: str | None
) -> None:
    (answer,) = ask(batch.route, {"id": 1, "label": "arrest_detention"} | line)
    assert (answer.get("note"), answer["mission"]) == (note, mission), what


def test_route_passes_over_a_desk_without_people_and_says_so(ask, town: Town) -> None:
    with town.database.write() as uow:
        uow.desks.put("de-koln-bk", kind="consulate", name="", timezone="Europe/Berlin")
    (answer,) = ask(batch.route, {"id": 1, "label": "arrest_detention", "place": "Köln"})
    assert answer["chain"][0]["desk"] == "de-koln-bk"
    assert "nobody is assigned" in answer["chain"][0]["reason"]
    assert answer["desk"] == "national_line"


@pytest.mark.parametrize(
    ("what", "line", "mission", "chain", "numbers"),
    [
        ("two places of one country, a life in danger: both, then the embassy",
         {"place": "Frankfurt", "label": "medical_emergency"}, None,
         ["de-frankfurt-bk", "de-berlin-bk", "de-berlin-be"], ["112"]),
        ("two places of one country, otherwise: the embassy, then both",
         {"place": "Frankfurt", "label": "arrest_detention"}, None,
         ["de-berlin-be", "de-frankfurt-bk", "de-berlin-bk"], ["110"]),
        ("two countries", {"place": "Valencia", "label": "medical_emergency"}, None,
         ["es-madrid-be", "ve-karakas-be"], ["ES 112"]),
        ("three countries", {"place": "Cambridge", "label": "medical_emergency"}, None,
         ["gb-londra-bk", "ca-toronto-bk", "us-boston-bk"], ["GB 999", "GB 112", "CA 911", "US 911"]),
        ("four countries are too many for a card", {"place": "Toledo", "label": "medical_emergency"}, None,
         ["us-sikago-bk", "ph-manila-be", "es-madrid-be"], ["EU 112"]),
        ("all places have one mission: it is responsible whichever it is", {"place": "Santa Rosa", "country": "AR"},
         "ar-buenos-aires-be", ["ar-buenos-aires-be"], None),
        ("across a near border", {"lat": 50.7747, "lon": 6.0839, "label": "medical_emergency"}, "de-koln-bk",
         ["de-koln-bk", "nl-deventer-bk"], ["DE 112"]),
        ("no border near", {"lat": 50.9413, "lon": 6.9583, "label": "medical_emergency"}, "de-koln-bk",
         ["de-koln-bk", "de-berlin-be"], ["112"]),
    ],
)  # fmt: skip
def test_route_serves_every_place_it_may_be(
    ask, what: str, line: dict, mission: str | None, chain: list[str], numbers: list[str] | None
) -> None:
    (answer,) = ask(batch.route, {"id": 1, "label": "accident"} | line)
    assert answer["mission"] == mission, what
    assert [step["desk"] for step in answer["chain"]][: len(chain)] == chain, what
    said = [f"{line.get('country', '')} {line['number']}".strip() for line in answer["numbers"]]
    assert numbers is None or said[: len(numbers)] == numbers, what
