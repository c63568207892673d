"""What we say: a text, buttons, and whether a location is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.i18n.catalogues import text
from bot.storage.tables import ConversationRow, MessageRow
from bot.storage.unit_of_work import UnitOfWork

PUSH_CHANNELS = ("telegram",)  # these need a delivery; a widget reads the conversation itself
MAX_BUTTONS = 5


@dataclass(frozen=True)
class Button:
    """What the citizen reads, and what pressing it sends."""

    title: str
    payload: str

    def to_dict(self) -> dict[str, str]:
        """Plain values for a message row."""
        return {"title": self.title, "payload": self.payload}


@dataclass(frozen=True)
class Reply:
    """One message to the citizen."""

    text: str
    buttons: tuple[Button, ...] = ()
    ask_location: bool = False
    first: bool = False  # an emergency card: it leaves the house before ordinary messages

    def to_extra(self) -> dict[str, Any]:
        """What a message row keeps beside the text."""
        extra: dict[str, Any] = {}
        if self.buttons:
            extra["buttons"] = [button.to_dict() for button in self.buttons[:MAX_BUTTONS]]
        if self.ask_location:
            extra["ask_location"] = True
        return extra


def say(key: str, language: str, /, *buttons: Button, **values: object) -> Reply:
    """A reply from the catalogue."""
    return Reply(text(key, language, **values), buttons)


def button(key: str, language: str, payload: str) -> Button:
    """A button from the catalogue."""
    return Button(text(key, language), payload)


def send(
    uow: UnitOfWork,
    conversation: ConversationRow,
    reply: Reply,
    now: datetime,
    *,
    author: str = "bot",
    name: str = "",
    case_id: int | None = None,
) -> MessageRow:
    """Append a message to the conversation and, where the channel needs it, queue its delivery."""
    message = uow.conversations.say(
        conversation,
        author,
        reply.text,
        now,
        name=name,
        language=conversation.language,
        extra=reply.to_extra(),
    )
    if conversation.channel in PUSH_CHANNELS:
        shown = f"{name}: {reply.text}" if author == "officer" else reply.text
        uow.outbox.add(
            conversation.channel,
            conversation.address,
            {"text": shown, "language": conversation.language, **reply.to_extra()},
            now,
            dedup_key=f"message:{message.id}",
            case_id=case_id,
            first=reply.first,
        )
    return message
