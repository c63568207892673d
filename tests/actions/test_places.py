"""From an answer to a place."""

from __future__ import annotations

from typing import Any

from actions.message import Message
from actions.places import find_place

MAIN = {"name": "Frankfurt am Main", "country": "DE", "admin1": "DE-HE"}
ODER = {"name": "Frankfurt (Oder)", "country": "DE", "admin1": "DE-BB"}
AMBIGUOUS = [MAIN | {"text": "Frankfurt", "ambiguous": True, "candidates": [MAIN, ODER]}]


def message(text: str, place: dict[str, Any] | None = None) -> Message:
    return Message(text=text, intent="nlu_fallback", place=place)


def never(*_: Any) -> None:
    raise AssertionError("nothing had to be looked up")


def options(*candidates: dict[str, Any]) -> list[dict[str, Any]]:
    mention = candidates[0] | {"ambiguous": True, "candidates": list(candidates)}
    return list(find_place(message("x"), None, lambda *_: [mention]).options)


def test_a_clear_place_needs_no_look_up() -> None:
    koeln = {"name": "Köln", "country": "DE"}
    assert find_place(message("Köln", koeln), None, never).place == koeln


def test_an_ambiguous_name_becomes_options() -> None:
    found = find_place(message("Frankfurt", MAIN | {"ambiguous": True}), None, lambda *_: AMBIGUOUS)
    assert [option["title"] for option in found.options] == ["Frankfurt am Main", "Frankfurt (Oder)"]


def test_options_of_one_name_differ_by_region_or_country() -> None:
    neustadt = [{"name": "Neustadt", "country": "DE", "admin1": code} for code in ("DE-SH", "DE-RP")]
    assert [option["value"] for option in options(*neustadt)] == ["Neustadt, DE-SH", "Neustadt, DE-RP"]
    tripoli = [{"name": "Tripoli", "country": code} for code in ("LY", "LB")]
    assert [option["title"] for option in options(*tripoli)] == ["Tripoli, LY", "Tripoli, LB"]
    named = [MAIN | {"region": "Hessen"}, ODER | {"region": "Brandenburg"}]
    assert options(*named)[0]["title"] == "Frankfurt am Main, Hessen"


def test_an_option_may_be_pressed_typed_or_counted() -> None:
    asked = options(MAIN, ODER)
    for text in ("Frankfurt (Oder)", "frankfurt (oder) bitte", "2"):
        assert find_place(message(text), asked, never).place == ODER


def test_the_same_ambiguous_name_again_is_taken_for_the_likeliest() -> None:
    found = find_place(message("Frankfurt"), options(MAIN, ODER), lambda *_: AMBIGUOUS)
    assert (found.place or {}).get("name") == "Frankfurt am Main"


def test_without_the_gateway_the_likeliest_is_better_than_nothing() -> None:
    ambiguous = MAIN | {"ambiguous": True}
    found = find_place(message("Frankfurt", ambiguous), None, lambda *_: None)
    assert (found.place, found.asked) == (ambiguous, False)
    assert find_place(message("Dingsda"), None, lambda *_: None).place is None
