"""What the use cases need from the outside world, as small protocols."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.services.knowledge import Knowledge
from bot.storage.database import Database
from bot.storage.spool import Spool
from bot.understanding.understand import Understander


class DialogueAway(Exception):  # noqa: N818 - a state of the world, not a mistake
    """The dialogue engine gave no usable answer; the caller goes on without it."""


class Dialogue(Protocol):
    """Turns one message into directives. Raises DialogueAway."""

    def turn(self, conversation: str, text: str, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        """One turn of one conversation; may take seconds, so no transaction is held meanwhile."""
        ...


class Wakeup(Protocol):
    """Tells waiting parts that something happened. Only ever makes things faster."""

    def notify(self, topic: str) -> None:
        """Wake whoever waits for `topic`, in this process and others."""
        ...

    def wait(self, topic: str, timeout: float) -> bool:
        """Block until `topic` is notified or the time is over. Returns whether it was notified."""
        ...


@dataclass
class Ports:
    """Everything a use case may touch."""

    database: Database
    spool: Spool
    knowledge: Knowledge
    understander: Understander
    dialogue: Dialogue
    wakeup: Wakeup
    clock: Callable[[], datetime]
    console_url: str
    telegram: bool = field(default=False)  # whether alerts can go out by Telegram
    email: bool = field(default=False)  # the same for e-mail
