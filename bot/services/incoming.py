"""A message as any channel hands it over."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

MAX_TEXT = 20_000  # longer than any person types; the rest is cut, and the citizen is told


@dataclass(frozen=True)
class Incoming:
    """One thing a citizen did. `external_id` is unique per channel, so repeats have no effect."""

    channel: str
    external_id: str
    conversation_key: str
    address: str
    text: str = ""
    payload: str = ""  # what a pressed button stands for, such as '/yes'
    lat: float | None = None
    lon: float | None = None
    language: str = ""  # what the channel says of the person's language, if anything
    unreadable: str = ""  # photo, voice ...: a kind of message we cannot read yet
    client_message_id: str = ""
    # who sent it and what it answers, where staff may act too: see bot/services/duty_chat.py
    duty: dict[str, Any] = field(default_factory=dict)
    # what came along: {kind, remote_id, mime, size in bytes, name}
    attachments: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the inbox and the spool."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: dict[str, Any]) -> Incoming:
        """The inverse of `to_dict`."""
        return cls(**raw)
