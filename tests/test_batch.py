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
    ],
)
def test_route_refuses_in_a_sentence(ask, what: str, line: dict, complaint: str) -> None:
    (answer,) = ask(batch.route, {"id": 1} | line)
    assert complaint in answer["error"], what
