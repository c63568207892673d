"""Places as citizens write them: six languages, endings, slips, ordinary words, namesakes, positions."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest

from bot.understanding.places import Gazetteer, Place
from tests.understanding.places_tables import EVIDENCE, NAMES, NAMESAKES, NO_PLACE, SEVERAL, STANDING

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(DATA / "places")


def shown(place: Place) -> str:
    """'Köln DE'; a country is 'DE', a region 'US-TX'."""
    return f"{place.name} {place.country}" if place.level != "country" else place.admin1 or place.country


@pytest.mark.parametrize(("label", "language", "message", "expected"), NAMES + STANDING + EVIDENCE)
def test_finds_the_place(gazetteer: Gazetteer, label: str, language: str | None, message: str, expected: str) -> None:
    mentions = gazetteer.find(message, language)
    assert [shown(mention.place) for mention in mentions[:1]] == [expected], label


@pytest.mark.parametrize(("label", "language", "message"), NO_PLACE)
def test_ordinary_words_are_not_places(gazetteer: Gazetteer, label: str, language: str, message: str) -> None:
    assert [mention.text for mention in gazetteer.find(message, language)] == [], label


@pytest.mark.parametrize(("label", "language", "message", "expected"), SEVERAL)
def test_orders_several_places(gazetteer: Gazetteer, label: str, language: str, message: str, expected: str) -> None:
    found = [shown(mention.place) for mention in gazetteer.find(message, language)]
    assert found == expected.split(" | "), label


@pytest.mark.parametrize(("label", "language", "message", "country", "expected", "ask"), NAMESAKES)
def test_asks_only_when_it_matters(
    gazetteer: Gazetteer,
    label: str,
    language: str,
    message: str,
    country: str | None,
    expected: str | None,
    ask: bool,
) -> None:
    mention = gazetteer.find(message, language, country)[0]
    assert mention.ambiguous is ask, label
    assert mention.candidates[0] == mention.place
    assert (len(mention.candidates) > 1) is ask
    if expected:
        assert shown(mention.place) == expected, label


ROUGH = [
    ("nothing", ""),
    ("blanks", " \n\t "),
    ("emoji only", "😭😭🆘"),
    ("lone surrogates", "\ud83d \udc00"),
    ("control characters", "\x00\x07"),
    ("digits", "0049 170 1234567"),
    ("an apostrophe alone", "'"),
    ("an ending alone", "'deyim"),
    ("Arabic marks alone", "َُِّْ"),
    ("brackets", "((((((("),
]


@pytest.mark.parametrize(("label", "message"), ROUGH)
def test_says_nothing_to_nothing(gazetteer: Gazetteer, label: str, message: str) -> None:
    for language in (None, "tr", "ar", "xx"):
        assert gazetteer.find(message, language) == [], label


@pytest.mark.parametrize(
    "message",
    [
        "\ud800Köln\u200b'deyim 😀",
        "K\u200böln",
        "ko\u0308ln",
        "🆘Köln🆘",
        "Köln!!!",
        "(köln)",
        "\u202bKöln\u202c",
        "KÖLN'DEYİM",
        "Köln" + "\ufe0f",
        "#köln",
    ],
)
def test_reads_through_dirt(gazetteer: Gazetteer, message: str) -> None:
    assert [shown(mention.place) for mention in gazetteer.find(message, "tr")] == ["Köln DE"]


def test_text_is_as_written(gazetteer: Gazetteer) -> None:
    message = "Merhaba, ben Den Haag'da yaşıyorum, oğlum kolnde"
    assert {mention.text for mention in gazetteer.find(message, "tr")} == {"Den Haag", "kolnde"}


@pytest.mark.parametrize("piece", ["a b c d ", "Köln'deyim kolndeyim ", "ببرلين في لندن ", "x", "''''", "Halle "])
def test_long_messages_are_bounded(gazetteer: Gazetteer, piece: str) -> None:
    message = (piece * 20_000)[:20_000]
    started = time.perf_counter()
    mentions = gazetteer.find(message)
    assert time.perf_counter() - started < 0.25  # 0.03 on a quiet machine
    assert len(mentions) <= 20


@pytest.mark.parametrize(
    ("label", "lat", "lon", "country", "admin"),
    [
        ("Köln cathedral", 50.9413, 6.9583, "DE", "GN:DE.07.053"),
        ("Kreuzberg", 52.4970, 13.4100, "DE", "DE-BE"),
        ("Antwerpen station", 51.2172, 4.4211, "BE", "BE-VAN"),
        ("The Hague", 52.0705, 4.3007, "NL", "NL-ZH"),
        ("Strasbourg, near Germany", 48.5734, 7.7521, "FR", "FR-GES"),
        ("New York", 40.7128, -74.0060, "US", "US-NY"),
        ("Sydney", -33.8688, 151.2093, "AU", "AU-NSW"),
        ("Trabzon", 41.0027, 39.7168, "TR", "TR-61"),
        ("date line", -18.1416, 178.4419, "FJ", None),
        ("the North Pole is near somewhere", 90.0, 0.0, None, None),
    ],
)
def test_nearest(
    gazetteer: Gazetteer, label: str, lat: float, lon: float, country: str | None, admin: str | None
) -> None:
    place = gazetteer.nearest(lat, lon)
    if country:
        assert place.country == country, label
    if admin:
        assert admin in (place.admin1, place.admin2), label


def test_nearest_is_fast(gazetteer: Gazetteer) -> None:
    started = time.perf_counter()
    for step in range(100):
        gazetteer.nearest(50 + step / 50, 7)
    assert (time.perf_counter() - started) / 100 < 0.005


def test_looks_up_exact_names(gazetteer: Gazetteer) -> None:
    assert gazetteer.lookup("MÜNIH")[0].name == "München"
    assert gazetteer.lookup("Cologne", "IT")[0].country == "IT"
    assert {place.country for place in gazetteer.lookup("Paris")} >= {"FR", "US"}
    assert gazetteer.lookup("no such place") == ()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Almanya", "DE"),
        ("Deutschland", "DE"),
        ("deutschland", "DE"),
        ("USA", "US"),
        ("ABD", "US"),
        ("Amerika", "US"),
        ("UK", "GB"),
        ("İngiltere", "GB"),
        ("Pays-Bas", "NL"),
        ("Nederland", "NL"),
        ("ألمانيا", "DE"),
        ("المانيا", "DE"),
        ("KKTC", "CY"),
        ("Texas", "US"),
        ("DE", "DE"),
        ("Köln", None),
        ("", None),
    ],
)
def test_names_countries(gazetteer: Gazetteer, name: str, code: str | None) -> None:
    assert gazetteer.country(name) == code


def test_districts_know_their_city(gazetteer: Gazetteer) -> None:
    marxloh = gazetteer.find("Marxloh'dayım", "tr")[0].place
    duisburg = gazetteer.lookup("Duisburg")[0]
    assert (marxloh.level, duisburg.level) == ("district", "city")
    assert (marxloh.geonameid, marxloh.admin2) == (duisburg.geonameid, duisburg.admin2)
    assert gazetteer.lookup("Kreuzberg", "DE")[0].level == "district"


def test_speaks_the_codes_of_the_directory(gazetteer: Gazetteer) -> None:
    """Every area of districts.csv that has a code has a place in it; every city of it is found by name."""
    index = gazetteer._index
    codes = {code for pair in index.admin for code in pair}
    with (DATA / "directory" / "districts.csv").open(encoding="utf-8") as file:
        for area in csv.DictReader(file):
            if area["level"] == "city":
                assert gazetteer.lookup(area["area_name"], area["country_code"])[0].name == area["area_name"]
            elif area["area_code"] and area["level"] != "country":
                assert area["area_code"] in codes, area


def test_finds_every_seat_of_a_mission_by_its_turkish_name(gazetteer: Gazetteer) -> None:
    unclear = {"ss-cuba-be", "va-roma-be"}  # Juba is "Cuba" in Turkish; the Holy See is in Rome
    with (DATA / "directory" / "missions.csv").open(encoding="utf-8") as file:
        missing = [
            mission["id"]
            for mission in csv.DictReader(file)
            if mission["country_code"]
            not in {
                place.country
                for mention in gazetteer.find(f"{mission['city_tr']}'dayım", "tr")[:1]
                for place in mention.candidates
            }
        ]
    assert set(missing) == unclear


def test_stays_small() -> None:
    assert (DATA / "places" / "places.tsv.xz").stat().st_size < 1_900_000
    started = time.perf_counter()
    Gazetteer.load(DATA / "places")
    assert time.perf_counter() - started < 6  # 0.7 s on a quiet machine
