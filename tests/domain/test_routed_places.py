"""200 places are routed as data/directory says, and docs/routing.md shows the same table."""

from __future__ import annotations

import csv
import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from bot import batch, json_lines
from bot.app import Town as App
from bot.clients.rasa import NoDialogue
from bot.domain.jurisdiction import Jurisdiction, responsible_mission, responsible_missions
from bot.understanding.places import Gazetteer
from tests.domain.routed_places import LACKING, PAGE, PLACES, line_of, table
from tests.harness.facts import DATA, DIRECTORY
from tests.harness.town import Town

DECIDES = {"nearest": "nearest", "only_mission": "only mission", "no_mission_in_country": "no mission"}


@pytest.fixture(scope="module")
def town_of_places() -> Any:
    """As much of a town as it takes to find a place."""
    understander = SimpleNamespace(gazetteer=Gazetteer.load(DATA / "places"))
    return SimpleNamespace(
        ports=SimpleNamespace(understander=understander, knowledge=SimpleNamespace(directory=DIRECTORY))
    )


def decided_by(found: Jurisdiction) -> str:
    return found.args["area"] if found.rule == "district" else DECIDES.get(found.rule, "asked")


@pytest.mark.parametrize(
    ("asked", "country", "mission", "decides"), PLACES, ids=[f"{row[0]} {row[1]}".strip() for row in PLACES]
)
def test_the_row_of_the_directory_decides(
    town_of_places: Any, asked: str, country: str, mission: str | None, decides: str
) -> None:
    location, candidates, _ = batch._where(town_of_places, line_of(asked, country))
    found = responsible_mission(DIRECTORY, location)
    assert bool(candidates) == (decides == "asked")
    assert (found.mission.id if found.mission else None, decided_by(found)) == (mission, decides)


def test_bot_route_says_the_same(town: Town) -> None:
    lines = [line_of(asked, country) | {"label": "arrest_detention", "language": "en"} for asked, country, *_ in PLACES]
    out = io.StringIO()
    text = "".join(json.dumps(line) + "\n" for line in lines)
    json_lines.process(io.StringIO(text), out, batch.route(App(town.settings, town.ports, None, NoDialogue())))
    answers = [json.loads(line)["mission"] for line in out.getvalue().splitlines()]
    wrong = {row[0]: said for row, said in zip(PLACES, answers, strict=True) if said != row[2]}
    assert wrong == {}


def test_the_table_holds_200_places_and_every_district_mission_and_country() -> None:
    assert len({row[:2] for row in PLACES}) == len(PLACES) == 200
    with (DATA / "directory" / "districts.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["mission_id"], row["area_name"], row["country_code"]) for row in csv.DictReader(file)]
    named = {(mission, decides) for *_, mission, decides in PLACES}
    assert {row[0] for row in rows} == {row[0] for row in rows if row[:2] in named}, "every mission with a district"
    assert {row[2] for row in rows} == {row[2] for row in rows if row[:2] in named}, "every country with districts"
    alone = {mission[:2] for *_, mission, decides in PLACES if mission and decides == "only mission"}
    without = [asked for asked, *_, decides in PLACES if decides == "no mission"]
    assert len(alone) + len(without) >= 25


@pytest.mark.xfail(strict=True, reason="the place data does not know it yet: docs/routing.md, What is lacking")
@pytest.mark.parametrize(("asked", "country", "mission", "decides"), LACKING, ids=[row[0] for row in LACKING])
def test_what_the_place_data_cannot_tell_yet(
    town_of_places: Any, asked: str, country: str, mission: str, decides: str
) -> None:
    location, _, _ = batch._where(town_of_places, line_of(asked, country))
    found = responsible_mission(DIRECTORY, location)
    assert (found.mission.id if found.mission else "", decided_by(found)) == (mission, decides)


@pytest.mark.parametrize(
    ("asked", "behind", "countries"),
    [
        ("51.4500, 7.0800", "de-essen-bk", ("DE",)),
        ("48.5750, 7.7900", "fr-strazburg-bk", ("DE", "FR")),
        ("41.7170, 26.3550", None, ("BG", "TR")),  # no mission in Türkiye, but its numbers
        ("47.5476, 7.5896", "fr-strazburg-bk", ("CH", "FR", "DE")),
    ],
)
def test_what_is_right_after_all_stands_second(
    town_of_places: Any, asked: str, behind: str | None, countries: tuple[str, ...]
) -> None:
    location, _, _ = batch._where(town_of_places, line_of(asked, ""))
    assert location is not None
    missions = [found.mission.id for found in responsible_missions(DIRECTORY, location) if found.mission]
    assert (missions[1] if len(missions) > 1 else None) == behind
    assert location.countries == countries


def test_the_page_shows_this_table() -> None:
    assert PAGE.read_text(encoding="utf-8").endswith(table()), "run: python -m tests.domain.routed_places"
