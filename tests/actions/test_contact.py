"""Contact questions, turn by turn, without Rasa."""

from __future__ import annotations

from typing import Any

from actions import contact
from actions.message import Message

KOELN = {"text": "Köln", "name": "Köln", "country": "DE", "level": "city"}
LYON = {"name": "Lyon", "country": "FR"}
ESSEN = {"name": "Essen", "country": "DE"}


def nothing(*_: Any) -> list[dict[str, Any]]:
    return []


def away(*_: Any) -> None:
    return None


def message(text: str, intent: str = "nlu_fallback", **more: Any) -> Message:
    return Message(text=text, intent=intent, **more)


def test_the_place_comes_from_the_question_the_last_card_or_the_gateway() -> None:
    slot = {"place": ESSEN, "beside": None}
    for asked, remembered, expected in (
        (message("in Köln", "consulate_contact", place=KOELN), slot, "Köln"),
        (message("und samstags?", "consulate_contact"), slot, "Essen"),
        (message("wo?", "consulate_contact", location=LYON), None, "Lyon"),
    ):
        [said] = contact.begin(asked, remembered, nothing).says
        assert (said["directive"], said["place"]["name"]) == ("contact", expected)  # type: ignore[index]


def test_what_the_gateway_learnt_since_the_last_card_counts() -> None:
    asked = message("und samstags?", "consulate_contact", location=LYON, weekday=5)
    assert contact.remembered({"place": ESSEN, "beside": LYON}, asked) == ESSEN
    assert contact.remembered({"place": ESSEN, "beside": None}, asked) == LYON


def test_the_weekday_waits_for_the_place() -> None:
    first = contact.begin(message("samstags?", "consulate_contact", weekday=5), None, nothing)
    assert first.asks == "place"
    [said] = contact.answer(first.slots, message("Köln", place=KOELN), nothing).says
    assert said["weekday"] == 5  # type: ignore[index]


def test_another_matter_ends_the_question() -> None:
    for intent in ("violence_attack", "passport_renewal", "ask_human", "greet"):
        turn = contact.answer({}, message("etwas anderes", intent), nothing)
        assert (turn.leaves, turn.asks) == (True, None)


def test_an_unknown_place_is_asked_for_twice_more() -> None:
    slots: dict[str, Any] = {}
    said = []
    for _ in range(3):
        turn = contact.answer(slots, message("Dingsda"), nothing)
        slots = turn.slots
        said.append(turn.says[0]["key"])  # type: ignore[index]
    assert said == ["ask.place_again", "ask.place_again", "say.location_unknown"]


def test_without_the_gateway_the_directive_goes_without_the_place() -> None:
    turn = contact.answer({}, message("Dingsda"), away)
    assert turn.says == ({"directive": "contact", "place": None, "weekday": None},)


def test_no_more_questions_is_respected() -> None:
    for asked in (message("", "stop_questions"), message("nein", "deny"), message("stop", "goodbye")):
        assert contact.answer({}, asked, nothing).says == ("utter_intake_stopped",)
