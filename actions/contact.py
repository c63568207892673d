"""Contact cards and opening hours: which place, which day. What was said before is remembered."""

from __future__ import annotations

from typing import Any

from actions import answers
from actions.message import Directive, Message, Place, Turn, ask, contact, is_city, say
from actions.places import Found, LookUp, find_place

ASKED_AGAIN = 2  # times
STOPPED = "utter_intake_stopped"
_FORGOTTEN: dict[str, Any] = {"weekday": None, "place_options": None, "tries": 0}  # when the question is over


def remember(place: Place, message: Message) -> dict[str, Any]:
    """The place of this turn, with what the gateway knew then: if that changes later, the gateway knows better."""
    return {"place": place, "beside": message.location}


def remembered(slot: dict[str, Any] | None, message: Message) -> Place | None:
    """The place that a question without one is about: of the last contact card, or where the citizen is by now."""
    location = message.location if (message.location or {}).get("country") else None
    if slot and (location is None or slot.get("beside") == location):
        place: Place = slot["place"]
        return place
    return location


def begin(message: Message, slot: dict[str, Any] | None, look_up: LookUp) -> Turn:
    """The question. `slot` is the place of an earlier turn."""
    place = message.place if (message.place or {}).get("country") != "TR" else None  # we look for missions abroad
    if place is not None and place.get("ambiguous"):
        return _found(find_place(message, None, look_up), message, message.weekday, tries=0)
    return _found(Found(place or remembered(slot, message)), message, message.weekday, tries=0)


def again(slots: dict[str, Any], message: Message) -> Turn:
    """The open question once more."""
    return _found(Found(options=tuple(slots.get("place_options") or ())), message, slots.get("weekday"), tries=0)


def answer(slots: dict[str, Any], message: Message, look_up: LookUp) -> Turn:
    """A message after 'Which city are you in?'"""
    tries = slots.get("tries") or 0
    weekday = message.weekday if message.weekday is not None else slots.get("weekday")
    if message.intent in ("stop_questions", "deny") or answers.wants_to_stop(message.text):
        return _over((STOPPED,))
    if not message.text and message.location:
        return _found(Found(message.location), message, weekday, tries)
    if message.is_crisis or message.is_question:
        return _over((), leaves=True)  # another matter; this one is not pressed
    found = find_place(message, slots.get("place_options"), look_up)
    if found.place is not None or (found.options and tries < ASKED_AGAIN):
        return _found(found, message, weekday, tries + 1)
    if message.intent in ("consulate_contact", "affirm", "share_location") or _may_be_a_place(message):
        if not found.asked:
            return _over((contact(None, weekday),))  # the gateway asks for the place itself
        if tries >= ASKED_AGAIN:
            return _over((say("say.location_unknown"),))
        return _ask("ask.place_again" if message.text else "ask.place", weekday, tries + 1)
    return _over((), leaves=True)


def _may_be_a_place(message: Message) -> bool:
    """A few words that no label fits: rather a misspelt town than a new question."""
    return message.intent in ("nlu_fallback", "out_of_scope") and len(message.text.split()) <= 3


def _found(found: Found, message: Message, weekday: int | None, tries: int) -> Turn:
    if found.place is not None:
        slots: dict[str, Any] = {"place": remember(found.place, message), **_FORGOTTEN}
        return Turn((contact(found.place, weekday),), slots, None)
    if found.options:
        options = [{"title": option["title"], "value": option["value"]} for option in found.options]
        slots = {"weekday": weekday, "place_options": list(found.options), "tries": tries}
        return Turn((ask("ask.place_which", "place", "button.stop", options=options),), slots, "place")
    return _ask("ask.place", weekday, tries)


def _ask(key: str, weekday: int | None, tries: int) -> Turn:
    slots = {"weekday": weekday, "place_options": None, "tries": tries}
    return Turn((ask(key, "place", "button.location", "button.stop"),), slots, "place")


def _over(says: tuple[Directive | str, ...], *, leaves: bool = False) -> Turn:
    return Turn(says, dict(_FORGOTTEN), None, leaves)


def follows_up(message: Message, before: list[Directive]) -> bool:
    """Whether a message that means little by itself goes on about a contact question ('and in Essen?')."""
    asked_for = any(directive["directive"] == "contact" or directive.get("slot") == "place" for directive in before)
    return asked_for and (message.weekday is not None or is_city(message.place))
