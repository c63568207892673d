"""From the words of an answer to one place, or to the few it may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actions.message import Message, Place
from bot.domain.spelling import fold
from bot.understanding.features import normalise

MAX_OPTIONS = 4
LookUp = Callable[[str, "str | None", "str | None"], "list[dict[str, Any]] | None"]


@dataclass(frozen=True)
class Found:
    """One place; or options, each with `title`, `value` and `place`; or neither. `asked`: the gateway could answer."""

    place: Place | None = None
    options: tuple[dict[str, Any], ...] = ()
    asked: bool = True


def find_place(message: Message, options: list[dict[str, Any]] | None, look_up: LookUp) -> Found:
    """The place that a message names. `options` are those the citizen was just asked to choose from."""
    chosen = _choice(message.text, options or [])
    if chosen is not None:
        return Found(chosen)
    if message.place is not None and not message.place.get("ambiguous"):
        return Found(message.place)
    if not message.text:
        return Found()
    mentions = look_up(message.text, message.language, message.country)
    if mentions is None:
        return Found(message.place, asked=False)  # of an ambiguous name the likeliest: better than nothing
    if not mentions:
        return Found(message.place)
    best = mentions[0]
    again = options and any(fold(option["place"]["name"]) == fold(best["name"]) for option in options)
    if best.get("ambiguous") and len(best.get("candidates") or ()) > 1 and not again:
        return Found(options=tuple(_options(best["candidates"][:MAX_OPTIONS])))
    return Found(best)


def _options(candidates: list[Place]) -> list[dict[str, Any]]:
    """Titles that tell candidates apart: the region where it is known by name, else its code or the country."""
    names = [candidate["name"] for candidate in candidates]
    countries = {candidate["country"] for candidate in candidates}
    options = []
    for candidate in candidates:
        name = candidate["name"]
        title = name
        if candidate.get("region"):
            title = f"{name}, {candidate['region']}"
        elif len(countries) == len(candidates):
            title = f"{name}, {candidate['country']}"
        elif names.count(name) > 1:
            title = f"{name}, {candidate.get('admin1') or candidate['country']}"
        value = name if names.count(name) == 1 else title
        options.append({"title": title, "value": value, "place": candidate})
    return options


def _choice(text: str, options: list[dict[str, Any]]) -> Place | None:
    """The option that was pressed, typed, or counted ('2')."""
    wanted = fold(text)
    for number, option in enumerate(options, 1):
        if wanted in (fold(option["title"]), fold(option["value"]), str(number)):
            place: Place = option["place"]
            return place
    inside = [option["place"] for option in options if wanted and fold(option["value"]) in wanted]
    return inside[0] if len(inside) == 1 else None


def is_bare(text: str, place: Place | None) -> bool:
    """Whether a message is hardly more than the place: 'Köln', 'in Essen bitte'."""
    named = len(normalise(str((place or {}).get("text") or (place or {}).get("name") or "")).split())
    return len(normalise(text[:200]).split()) <= named + 2
