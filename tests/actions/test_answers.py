"""Short answers in six languages."""

from __future__ import annotations

import pytest

from actions import answers


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("ja", True),
        ("Nein", False),
        ("ja, ich bin in Sicherheit", True),
        ("nicht sicher", False),
        ("ja aber er kommt gleich wieder", None),
        ("evet güvendeyim", True),
        ("güvende değilim", False),
        ("kendimi güvende hissetmiyorum", False),
        ("hayır", False),
        ("oui", True),
        ("je ne suis pas en sécurité", False),
        ("nee", False),
        ("ik ben veilig", True),
        ("I don't feel safe", False),
        ("is it safe to go out?", None),
        ("we are in danger", False),
        ("نعم", True),
        ("لا", False),
        ("أنا بأمان", True),
        ("لست بأمان", False),
        ("he stands at the door", None),
    ],
)
def test_are_you_safe(text: str, safe: bool | None) -> None:
    assert answers.is_safe(text, "nlu_fallback") is safe


@pytest.mark.parametrize(("intent", "safe"), [("affirm", True), ("deny", False), ("greet", None)])
def test_a_pressed_button_has_no_words_but_an_intent(intent: str, safe: bool | None) -> None:
    assert answers.is_safe("", intent) is safe


@pytest.mark.parametrize(
    "text", ["Stop!", "keine Fragen mehr", "başka soru yok", "geen vragen meer", "ça suffit", "enough", "كفى"]
)
def test_enough_is_understood_as_a_message_of_its_own(text: str) -> None:
    assert answers.wants_to_stop(text)
    assert not answers.wants_to_stop(f"{text} schlagen hat er nicht gekannt")


@pytest.mark.parametrize(
    "text", ["bilmiyorum", "ich weiß nicht wo", "je ne sais pas", "I don't know", "ما بعرف", "geen idee"]
)
def test_not_knowing_is_an_answer(text: str) -> None:
    assert answers.does_not_know(text)


@pytest.mark.parametrize(
    "text", ["0170 1234567", "call my wife +49 (170) 123-4567", "anna@example.org", "٠١٧٠١٢٣٤٥٦٧", "@anna_k"]
)
def test_ways_to_reach_someone_are_kept_as_written(text: str) -> None:
    assert answers.how_to_reach(text) == text


def test_a_date_is_no_phone_number() -> None:
    assert answers.phone_in("since 12.05.2024 he is gone") is None
    assert answers.phone_in("help, my number is 0611 223 344 quick") == "0611 223 344"


@pytest.mark.parametrize("text", ["hier", "just here", "buradan", "ici", "هنا"])
def test_here_is_a_way_to_be_reached(text: str) -> None:
    assert answers.is_here(text)
    assert not answers.is_here("he is here and he has a knife in his hand")
