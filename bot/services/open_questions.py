"""What the next message of a conversation may refer to: an open question, or answers that Rasa does not know of.

Kept in `conversation.pending`, of which there is one: the newest. Rasa converses; a plain question about a topic needs
no conversation, so the gateway answers it in the commit that stores it, and tells Rasa with the next turn.
"""

from __future__ import annotations

from typing import Any

from bot.storage.tables import ConversationRow

ASK, ANSWERED = "ask", "answered"


def nothing_open(conversation: ConversationRow) -> bool:
    """Whether no question of ours waits for its answer."""
    return not conversation.pending or ANSWERED in conversation.pending


def note_answer(conversation: ConversationRow, topic: str) -> None:
    """A question about a topic was answered without the dialogue engine."""
    before = (conversation.pending or {}).get(ANSWERED) or {"turns": 0}
    conversation.pending = {ANSWERED: {"topic": topic, "turns": before["turns"] + 1}}


def answered(conversation: ConversationRow) -> dict[str, Any] | None:
    """The last such topic, and how many turns the dialogue engine has missed."""
    found: dict[str, Any] | None = (conversation.pending or {}).get(ANSWERED)
    return found


def after_dialogue(conversation: ConversationRow, directives: list[dict[str, Any]]) -> None:
    """The engine knows all by now; what it asks is open until its next turn."""
    asked = next((one.get("slot") for one in directives if one.get("directive") == ASK), None)
    if asked is not None:
        conversation.pending = {ASK: asked}
    elif conversation.pending and not conversation.pending.keys().isdisjoint((ASK, ANSWERED)):
        conversation.pending = None
