"""The catalogues: complete in six languages, with the same places to fill."""

from __future__ import annotations

import re
import string
from datetime import UTC, date, datetime

import pytest
from babel.messages.pofile import read_po

from bot.i18n import catalogues
from bot.i18n.catalogues import LANGUAGES
from bot.i18n.texts import ALL_TEXTS, TEXTS

CATALOGUES = {
    language: read_po((catalogues.LOCALES / language / "LC_MESSAGES" / "messages.po").open("rb"), locale=language)
    for language in LANGUAGES
}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_there_with_the_same_places_to_fill(language: str) -> None:
    catalogue = CATALOGUES[language]
    missing, wrong = [], []
    for key, english in ALL_TEXTS.items():
        message = catalogue.get(english)
        if message is None or not message.string or message.fuzzy:
            missing.append(key)
        elif places(str(message.string)) != places(english):
            wrong.append(key)
    assert (missing, wrong) == ([], [])


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_a_translation_is_not_the_english_sentence(language: str) -> None:
    same = [
        key
        for key, english in TEXTS.items()
        if (message := CATALOGUES[language].get(english)) and message.string == english
        and len(english.split()) > 2
    ]  # fmt: skip
    assert same == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_says_the_number_before_anything_else(language: str) -> None:
    line = catalogues.text("card.call", language, number="112", service="x")
    before = re.sub(r"[\u2066-\u2069\u200e\u200f]", "", line.split("112")[0])
    assert len(before.split()) <= 4, "number first: at most a few words stand before it"


def test_the_answer_to_a_language_wish_is_in_that_language() -> None:
    answers = {language: catalogues.text("language.changed", language) for language in LANGUAGES}
    assert len(set(answers.values())) == len(LANGUAGES)
    assert re.search(r"[\u0600-\u06ff]", answers["ar"])


@pytest.mark.parametrize(
    ("language", "shown"),
    [("tr", "2 Oca 2026"), ("de", "02.01.2026"), ("fr", "2 janv. 2026"), ("en", "Jan 2, 2026"), ("nl", "2 jan 2026")],
)
def test_dates_look_as_the_language_writes_them(language: str, shown: str) -> None:
    assert catalogues.day(date(2026, 1, 2), language) == shown


def test_times_are_shown_in_the_zone_of_the_place() -> None:
    moment = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert catalogues.clock_time(moment, "de", "Europe/Berlin") == "14:00"
    assert catalogues.clock_time(moment, "de", "Europe/Istanbul") == "15:00"


def test_only_arabic_is_written_from_the_right() -> None:
    assert {code: catalogues.direction(code) for code in LANGUAGES} == {
        code: "rtl" if code == "ar" else "ltr" for code in LANGUAGES
    }


@pytest.mark.parametrize(
    ("language", "counts"),
    [
        ("de", {1: "1 Fall", 2: "2 Fälle", 1200: "1.200 Fälle"}),
        ("tr", {1: "1 başvuru", 5: "5 başvuru"}),
        ("ar", {1: "حالة واحدة", 2: "حالتان", 3: "3 حالات", 11: "11 حالة"}),
    ],
)
def test_counted_things_take_the_form_the_language_has(language: str, counts: dict[int, str]) -> None:
    assert {n: catalogues.counted("console.cases_counted", n, language) for n in counts} == counts
