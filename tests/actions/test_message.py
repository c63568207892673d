"""What was said before the latest message, also where the gateway has answered in between."""

from __future__ import annotations

from typing import Any

import pytest

from actions.message import Message, directives_before

GREETED, CONTACT = {"directive": "say", "key": "say.greet"}, {"directive": "contact", "place": None}
EVENTS: list[dict[str, Any]] = [
    {"event": "user", "text": "merhaba"},
    {"event": "bot", "data": {"custom": GREETED}},
    {"event": "user", "text": "konsolosluk nerede?"},
    {"event": "bot", "data": {"custom": CONTACT}},
    {"event": "user", "text": "peki Essen?"},
]


@pytest.mark.parametrize(
    ("turns", "missed", "expected"),
    [
        (1, 0, [CONTACT]),
        (2, 0, [CONTACT, GREETED]),
        (2, 1, [CONTACT]),
        (1, 1, []),
        (2, 5, []),
    ],
)
def test_turns_that_the_gateway_answered_itself_count(turns: int, missed: int, expected: list[dict[str, Any]]) -> None:
    answered = {"topic": "id_card", "turns": missed} if missed else None
    message = Message("peki Essen?", "share_location", answered=answered)
    assert directives_before(message, EVENTS, turns) == expected


def test_what_was_answered_comes_with_the_metadata() -> None:
    answered = {"topic": "id_card", "turns": 1}
    latest = {"text": "bir insan", "intent": {"name": "ask_human"}, "metadata": {"answered": answered}}
    assert Message.of(latest).answered == answered
