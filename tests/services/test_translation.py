"""What must not change never passes through the machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.ports import NullTranslator
from bot.services.translation import names_in, protect, restore, translate
from tests.harness.town import Town
from tests.harness.translators import ScriptedTranslator

NAMES = ["Köln", "Köln-Mülheim", "San José (#2)"]

KEPT = [
    ("a telephone number", "Ruf +49 221 123-45 an", ["+49 221 123-45"]),
    ("a date and an hour", "am 3.11.2026 um 10:30", ["3.11.2026", "10:30"]),
    ("a passport's number", "Pass U12345678 weg", ["U12345678"]),
    ("an amount", "50% von 1.200,50 €", ["50%", "1.200,50"]),
    ("a web address with numbers in it", "siehe https://x.test/a?b=1 dort", ["https://x.test/a?b=1"]),
    ("an e-mail address", "an a.b+c@d-e.test bitte", ["a.b+c@d-e.test"]),
    ("the longest name first", "in Köln-Mülheim", ["Köln-Mülheim"]),
    ("a name before an ending", "Köln'deyim", ["Köln"]),
    ("a name with signs of its own", "nach San José (#2) gehen", ["San José (#2)"]),
    ("no part of another word", "Kölnisch Wasser", []),
    ("what looks like a marker", "sieh [[0]] hier", ["[[0]]"]),
    ("nothing", "gar nichts", []),
]


@pytest.mark.parametrize(("words", "kept"), [row[1:] for row in KEPT], ids=[row[0] for row in KEPT])
def test_what_must_not_change_is_taken_out_and_put_back(words: str, kept: list[str]) -> None:
    masked, found = protect(words, NAMES)
    assert found == kept
    assert restore(masked, found) == words


@given(st.text(max_size=300))
def test_any_text_comes_back_from_a_machine_that_changes_nothing(words: str) -> None:
    masked, kept = protect(words, NAMES)
    assert restore(masked, kept) == words


ANSWERS = [
    ("in another order", "[[1]] und dann [[0]]", "7 und dann Köln"),
    ("with spaces in the markers", "[[ 0 ]] … [[1 ]]", "Köln … 7"),
    ("one marker lost", "nur [[0]]", None),
    ("one doubled", "[[0]] [[0]] [[1]]", None),
    ("one made up", "[[0]] [[1]] [[2]]", None),
    ("a number from nowhere", "[[0]] [[1]] 112", None),
    ("a number in other digits from nowhere", "[[0]] [[1]] ١١٢", None),
]


@pytest.mark.parametrize(("answer", "wanted"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_a_translation_that_changes_what_must_not_is_thrown_away(answer: str, wanted: str | None) -> None:
    translator = ScriptedTranslator(lambda _: answer)
    assert translate(translator, "in Köln um 7", "de", "tr", NAMES) == wanted
    assert translator.asked == [("in [[0]] um [[1]]", "de", "tr")]


def test_without_a_service_there_is_no_translation() -> None:
    assert translate(NullTranslator(), "in Köln", "de", "tr", NAMES) is None


def test_only_numbers_and_names_need_no_machine() -> None:
    translator = ScriptedTranslator()
    assert translate(translator, "Köln 7", "de", "tr", NAMES) == "Köln 7"
    assert translator.asked == []


def test_places_and_cities_of_missions_are_known_by_name(town: Town) -> None:
    names = names_in(town.ports, "Ich war in Gelsenkirchen, nicht in Bregenz", "de", ["Ayşe"])
    assert {"Gelsenkirchen", "Ayşe", "Köln"} <= names
