"""Arabic prefixes and spellings, abbreviations, islands, airports and border crossings."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.understanding.places import Gazetteer
from tests.understanding.places_more import (
    ABBREVIATIONS,
    AIRPORTS,
    ARABIC,
    ARABIC_WORDS,
    BORDERS,
    ISLANDS,
    WORDS,
)
from tests.understanding.test_places import shown

PLACES = Path(__file__).resolve().parents[2] / "data" / "places"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(PLACES)


@pytest.mark.parametrize(
    ("label", "language", "message", "expected"), ARABIC + ABBREVIATIONS + ISLANDS + AIRPORTS + BORDERS
)
def test_finds_the_place(gazetteer: Gazetteer, label: str, language: str, message: str, expected: str) -> None:
    mentions = gazetteer.find(message, language)
    assert [shown(mention.place) for mention in mentions[:1]] == [expected], label
    assert not mentions[0].ambiguous, label


@pytest.mark.parametrize(("label", "language", "message"), ARABIC_WORDS + WORDS)
def test_ordinary_words_are_not_places(gazetteer: Gazetteer, label: str, language: str, message: str) -> None:
    assert [mention.text for mention in gazetteer.find(message, language)] == [], label


def test_the_blue_card_is_not_in_jordan(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("عندي البطاقة الزرقاء في ألمانيا", "ar")
    assert [mention.place.country for mention in found] == ["DE"]
