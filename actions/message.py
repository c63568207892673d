"""What an action needs to know of the citizen's message and of the turns before it. Knows no rasa_sdk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.domain.taxonomy import parse_taxonomy

TAXONOMY = parse_taxonomy(
    yaml.safe_load((Path(__file__).resolve().parents[1] / "data" / "taxonomy.yml").read_text(encoding="utf-8"))
)
Directive = dict[str, Any]
Place = dict[str, Any]
_PLACE_KEYS = ("name", "country", "lat", "lon", "admin1", "admin2", "level")


@dataclass(frozen=True)
class Message:
    """One message, as understood. `location` is where the gateway knows the citizen to be, `case` their open case.

    A pressed button ('/yes') has a `payload` and an intent, but no words.
    """

    text: str
    intent: str
    confidence: float = 1.0
    place: Place | None = None
    weekday: int | None = None
    location: Place | None = None
    language: str | None = None
    case: Any = None
    payload: str = ""
    answered: Mapping[str, Any] | None = None  # what the gateway has answered itself since the last turn here

    @classmethod
    def of(cls, latest: Mapping[str, Any]) -> Message:
        """From Rasa's latest message."""
        metadata, intent = latest.get("metadata") or {}, latest.get("intent") or {}
        entities = {entity["entity"]: entity for entity in latest.get("entities") or ()}
        place = entities.get("place", {}).get("additional_info")
        payload = entities.get("button", {}).get("value", "")
        return cls(
            text="" if payload else (latest.get("text") or "").strip(),
            payload=payload,
            intent=intent.get("name") or "",
            confidence=float(intent.get("confidence") or 0.0),
            place=place,
            weekday=entities.get("weekday", {}).get("value"),
            location=metadata.get("location"),
            language=metadata.get("language"),
            case=metadata.get("case"),
            answered=metadata.get("answered"),
        )

    @property
    def country(self) -> str | None:
        """The country the citizen is in, if known."""
        return (self.location or {}).get("country")

    @property
    def is_crisis(self) -> bool:
        """A cry for help."""
        return self.intent in TAXONOMY.crisis

    @property
    def is_question(self) -> bool:
        """About a topic of the content, contact cards aside."""
        return self.intent in TAXONOMY.topics and self.intent != "consulate_contact"


@dataclass(frozen=True)
class Turn:
    """What a form does with a message.

    `says` holds directives and names of responses in domain.yml. `asks` is the slot that the next message should fill,
    None when the form is over. `leaves`: the rules answer this message; a form that is not over then asks again.
    """

    says: tuple[Directive | str, ...]
    slots: dict[str, Any]
    asks: str | None
    leaves: bool = False


def is_city(place: Any) -> bool:
    """A place narrow enough to tell which desk is responsible."""
    return isinstance(place, dict) and bool(place.get("name")) and place.get("level") != "country"


def plain_place(place: Place | None) -> Place | None:
    """The fields that routing needs."""
    return {key: place.get(key) for key in _PLACE_KEYS if key in place} if place else None


def detail(slot: str, value: str, place: Place | None = None) -> Directive:
    """An answer that the gateway writes into the case."""
    directive: Directive = {"directive": "detail", "slot": slot, "value": value}
    return directive | {"place": plain_place(place)} if slot == "place" else directive


def ask(key: str, slot: str, *buttons: str, options: list[dict[str, str]] | None = None) -> Directive:
    """One question, with buttons or with options to choose from."""
    directive: Directive = {"directive": "ask", "key": key, "slot": slot, "buttons": list(buttons)}
    return directive | {"options": options} if options else directive


def say(key: str) -> Directive:
    """A sentence of the catalogue."""
    return {"directive": "say", "key": key}


def contact(place: Place | None, weekday: int | None) -> Directive:
    """The contact card of the mission responsible for a place, or its hours on one weekday."""
    return {"directive": "contact", "place": plain_place(place), "weekday": weekday}


def hand_over(topic: str | None) -> Directive:
    """A person is asked for."""
    return {"directive": "hand_over", "topic": topic}


def directives_before(message: Message, events: Iterable[Mapping[str, Any]], turns: int = 1) -> list[Directive]:
    """What was said here in the last `turns` turns of the conversation before the latest message, newest turn first."""
    found: list[Directive] = []
    messages = 0
    turns -= (message.answered or {}).get("turns", 0)
    for event in reversed(list(events)):
        if event.get("event") == "user":
            messages += 1
            if messages > turns:
                break
        elif event.get("event") == "bot" and messages:
            custom = (event.get("data") or {}).get("custom")
            if isinstance(custom, dict) and "directive" in custom:
                found.append(custom)
    return found


def has_been_answered(events: Iterable[Mapping[str, Any]], form: str) -> bool:
    """Whether an action other than the form has already replied to the latest message."""
    for event in reversed(list(events)):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and event.get("name") not in (form, "action_listen"):
            return True
    return False
