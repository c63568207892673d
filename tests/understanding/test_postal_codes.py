"""Postal codes: where they are, when a number is one, and what `bot route` makes of them."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.batch import _where
from bot.understanding.places import Gazetteer
from bot.understanding.postal_codes import PostalCodes
from tests.harness.facts import DIRECTORY
from tests.understanding.postal_tables import CODES, NO_CODES, UNCLEAR
from tests.understanding.test_places import shown

PLACES = Path(__file__).resolve().parents[2] / "data" / "places"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(PLACES)


@pytest.mark.parametrize(("label", "language", "message", "expected"), CODES)
def test_finds_the_place(gazetteer: Gazetteer, label: str, language: str, message: str, expected: str) -> None:
    mentions = gazetteer.find(message, language)
    assert [shown(mention.place) for mention in mentions] == expected.split(" | "), label
    assert not mentions[0].ambiguous, label


@pytest.mark.parametrize(("label", "language", "message", "expected", "also"), UNCLEAR)
def test_asks_for_the_country(
    gazetteer: Gazetteer, label: str, language: str | None, message: str, expected: str, also: str
) -> None:
    (mention,) = gazetteer.find(message, language)
    assert mention.ambiguous, label
    assert shown(mention.place) == expected, label
    assert also in {place.country for place in mention.candidates}, label
    clear = gazetteer.find(message, language, also)
    assert {place.country for place in clear[0].candidates} == {also}, label


@pytest.mark.parametrize(("label", "language", "message"), NO_CODES)
def test_other_numbers_are_not_places(gazetteer: Gazetteer, label: str, language: str, message: str) -> None:
    assert [mention.text for mention in gazetteer.find(message, language)] == [], label


@pytest.mark.parametrize(
    ("code", "country", "lat", "lon"),
    [
        ("50667", "DE", 50.94, 6.96),
        ("10115", "DE", 52.53, 13.38),
        ("01067", "DE", 51.06, 13.72),
        ("1012", "NL", 52.37, 4.90),
        ("1000", "BE", 50.85, 4.35),
        ("75010", "FR", 48.87, 2.36),
        ("1100", "AT", 48.17, 16.38),
        ("8001", "CH", 47.37, 8.54),
        ("N17", "GB", 51.60, -0.07),
        ("EN3 4SN", "GB", 51.65, -0.05),
        ("10001", "US", 40.75, -73.99),
        ("2200", "DK", 55.70, 12.55),
        ("111 22", "SE", 59.33, 18.06),
        ("00-001", "PL", 52.23, 21.01),
        ("1000-001", "PT", 38.72, -9.13),
        ("010011", "RO", 44.43, 26.10),
        ("54622", "GR", 40.63, 22.95),
        ("3000", "AU", -37.81, 144.96),
        ("M5V 2T6", "CA", 43.64, -79.39),
    ],
)
def test_lies_where_it_should(gazetteer: Gazetteer, code: str, country: str, lat: float, lon: float) -> None:
    mention = gazetteer.postal_code(code, country)
    assert mention is not None
    assert not mention.ambiguous
    place = mention.place
    assert place.country == country
    assert place.lat == pytest.approx(lat, abs=0.1)
    assert place.lon == pytest.approx(lon, abs=0.15)
    assert place.admin1


@pytest.mark.parametrize("code", ["", " ", "00000", "x", "'; drop", "9" * 50, "٩", "½", "D-", "1012 AB extra"])
def test_an_unknown_code_is_nowhere(gazetteer: Gazetteer, code: str) -> None:
    assert gazetteer.postal_code(code) is None


def test_is_small_and_quick() -> None:
    path = PLACES / "postal_codes.tsv.xz"
    assert path.stat().st_size < 1_500_000
    codes = PostalCodes(path)
    started = time.perf_counter()
    assert codes.lookup("50667", "DE")
    assert time.perf_counter() - started < 1.5  # 0.05 s on a quiet machine
    assert sum(column.nbytes for table in codes._tables.values() for column in table) < 10_000_000


@pytest.mark.parametrize("piece", ["1012 AB ", "D-50667 ", "SW1A 1AA ", "50667 Köln ", "plz is ", "1", "posta kodu "])
def test_long_messages_are_bounded(gazetteer: Gazetteer, piece: str) -> None:
    message = (piece * 20_000)[:20_000]
    gazetteer.find("PLZ 50667")
    started = time.perf_counter()
    assert len(gazetteer.find(message)) <= 26
    assert time.perf_counter() - started < 0.5  # 0.05 on a quiet machine


def town(gazetteer: Gazetteer) -> Any:
    understander, knowledge = SimpleNamespace(gazetteer=gazetteer), SimpleNamespace(directory=DIRECTORY)
    return SimpleNamespace(ports=SimpleNamespace(understander=understander, knowledge=knowledge))


@pytest.mark.parametrize(
    ("label", "line", "expected"),
    [
        ("code and country", {"postal_code": "50667", "country": "DE"}, "DE Köln"),
        ("a number instead of a text", {"postal_code": 50667, "country": "de"}, "DE Köln"),
        ("code over place", {"postal_code": "10115", "country": "DE", "place": "Köln"}, "DE Berlin"),
        ("the place decides the country", {"postal_code": "1000", "place": "Bruxelles"}, "BE Bruxelles"),
        ("lat and lon over code", {"lat": 48.85, "lon": 2.35, "postal_code": "50667"}, "FR Paris"),
        ("unknown code, place", {"postal_code": "00000", "place": "Köln"}, "DE Köln"),
        ("unknown code, country", {"postal_code": "00000", "country": "DE"}, "DE "),
        ("not a code of the country", {"postal_code": "1012 AB", "country": "DE"}, "DE "),
        ("no code", {"postal_code": None, "place": "Gent"}, "BE Gent"),
    ],
)
def test_route_knows_where(gazetteer: Gazetteer, label: str, line: dict[str, Any], expected: str) -> None:
    location, others, _ = _where(town(gazetteer), line)
    assert location is not None, label
    assert f"{location.country} {location.name}" == expected, label
    assert others == []


def test_route_asks_which_country(gazetteer: Gazetteer) -> None:
    location, others, seen = _where(town(gazetteer), {"postal_code": "1010"})
    assert location is not None
    assert location.country == "", "no country is taken for granted"
    assert {"AT", "CH"} <= {other.country for other in location.others}, "but each is served meanwhile"
    assert {"AT", "CH"} <= {other["country"] for other in others}
    assert seen is not None
    assert seen["ambiguous"]
