"""What the use cases need from the outside world, as small protocols."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.services.knowledge import Knowledge
from bot.storage.database import Database
from bot.storage.spool import Spool
from bot.storage.tables_cases import AttachmentRow
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


class Translator(Protocol):
    """Translates words for an officer who asks for it."""

    def translate(self, text: str, source: str, target: str) -> str | None:
        """The text in another of our languages, or None; may take seconds, so no transaction is held meanwhile."""
        ...


class NullTranslator:
    """Where no translation service is configured: nothing is sent anywhere."""

    def translate(self, text: str, source: str, target: str) -> str | None:
        """None."""
        return None


class FileAway(Exception):  # noqa: N818 - a state of the world, not a mistake
    """A citizen's file cannot be fetched right now, or not any more."""


class Files(Protocol):
    """Where the files of citizens are."""

    def read(self, attachment: AttachmentRow) -> bytes:
        """The content; may take seconds, so no transaction is held meanwhile. Raises FileAway, TooBig."""
        ...


class NoFiles:
    """Where files are not kept."""

    def read(self, attachment: AttachmentRow) -> bytes:
        """Always away."""
        raise FileAway("files are not kept here")


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
    translator: Translator = field(default_factory=NullTranslator)
    files: Files = field(default_factory=NoFiles)
