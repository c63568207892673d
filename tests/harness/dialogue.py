"""Dialogue engines for tests. Both keep the port's contract: see tests/services/test_dialogue_contract.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.services.ports import DialogueAway

Directives = list[dict[str, Any]]


class ScriptedDialogue:
    """Answers with what the script says for the understood label; remembers every turn."""

    def __init__(self, script: dict[str, Directives] | None = None) -> None:
        self.script = script or {}
        self.turns: list[tuple[str, str, dict[str, Any]]] = []
        self.before_answering: Callable[[], None] = lambda: None

    def turn(self, conversation: str, text: str, metadata: dict[str, Any]) -> Directives:
        self.turns.append((conversation, text, metadata))
        self.before_answering()
        label = metadata["understanding"]["label"]
        if label not in self.script:
            raise DialogueAway("nothing is scripted")
        return self.script[label]


class AbsentDialogue:
    """Rasa is not there."""

    def turn(self, conversation: str, text: str, metadata: dict[str, Any]) -> Directives:
        raise DialogueAway("absent")
