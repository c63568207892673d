"""What Rasa may call: the turns of both forms, and the few replies that depend on the turns before. Nothing writes.

Thin: the decisions are functions in intake.py, contact.py and message.py. `rasa_sdk.FormValidationAction` validates
slot by slot; here a whole message is looked at once, because it may answer, ask and tell at the same time.
"""

# ruff: noqa: D102 - `name` and `run` are rasa_sdk's; what an action does is said at its class
from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import contact, gateway, intake
from actions.message import (
    Directive,
    Message,
    Turn,
    detail,
    directives_before,
    hand_over,
    has_been_answered,
    is_city,
    plain_place,
    say,
)
from actions.places import find_place

Events = list[dict[str, Any]]


def _utter(dispatcher: CollectingDispatcher, says: tuple[Directive | str, ...]) -> None:
    for said in says:
        if isinstance(said, str):
            dispatcher.utter_message(response=said)
        else:
            dispatcher.utter_message(json_message=said)


def _form_events(form: str, turn: Turn, requested: str | None) -> Events:
    """Rasa ends a form when `requested_slot` becomes None, and lets the rules answer when the form rejects."""
    events: Events = [SlotSet(name, value) for name, value in turn.slots.items()]
    if turn.leaves:
        events.append(ActionExecutionRejected(form))
        if turn.asks is None:
            events += [SlotSet("requested_slot", None), ActiveLoop(None)]
        return events
    return [*events, SlotSet("requested_slot", requested)]


def _in_emergency(message: Message, tracker: Tracker) -> bool:
    """Whether the open case is the one that the intake was about."""
    return message.case is not None and message.case == tracker.get_slot("intake_case")


class ValidateCrisisIntakeForm(Action):
    """One turn of the crisis intake."""

    def name(self) -> str:
        return "validate_crisis_intake_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        message = Message.of(tracker.latest_message)
        state = intake.Intake.from_slots(tracker.slots)
        if tracker.get_slot("requested_slot") is None:
            turn = await asyncio.to_thread(intake.begin, message, state, gateway.places)
        elif has_been_answered(tracker.events, "crisis_intake_form"):
            turn = intake.again(state, message)
        else:
            turn = await asyncio.to_thread(intake.answer, state, message, gateway.places)
        _utter(dispatcher, turn.says)
        place = turn.slots["intake_place"]
        if is_city(place) and place != state.place:
            turn.slots["place"] = contact.remember(place, message)  # contact questions are about it, too
        return _form_events("crisis_intake_form", turn, f"intake_{turn.asks}" if turn.asks else None)


class ValidateContactForm(Action):
    """One turn of a contact question."""

    def name(self) -> str:
        return "validate_contact_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        message = Message.of(tracker.latest_message)
        if tracker.get_slot("requested_slot") is None:
            turn = await asyncio.to_thread(contact.begin, message, tracker.get_slot("place"), gateway.places)
        elif has_been_answered(tracker.events, "contact_form"):
            turn = contact.again(tracker.slots, message)
        else:
            turn = await asyncio.to_thread(contact.answer, tracker.slots, message, gateway.places)
        _utter(dispatcher, turn.says)
        return _form_events("contact_form", turn, turn.asks)


class ActionShareLocation(Action):
    """A place by itself: where the citizen is, or 'and in Essen?' after a contact card."""

    def name(self) -> str:
        return "action_share_location"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        message = Message.of(tracker.latest_message)
        # In an emergency a place is first of all where help is needed: noting it routes the case again.
        before = [] if _in_emergency(message, tracker) else directives_before(message, tracker.events, turns=2)
        if contact.follows_up(message, before):
            return [FollowupAction("contact_form")]
        if not message.text:
            _utter(dispatcher, (say("intake.noted"),))  # a shared position, which the gateway has noted itself
            return []
        found = await asyncio.to_thread(find_place, message, None, gateway.places)
        place = found.place or (found.options[0]["place"] if found.options else None)
        if place is None:
            _utter(dispatcher, (say("say.location_unknown"),))
            return []
        _utter(dispatcher, ({"directive": "note_location", "place": plain_place(place)},))
        return [SlotSet("place", contact.remember(place, message))]


class ActionNoTopic(Action):
    """No label is sure: a follow-up, more about an open emergency, or something for content search."""

    def name(self) -> str:
        return "action_no_topic"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        message = Message.of(tracker.latest_message)
        if contact.follows_up(message, directives_before(message, tracker.events, turns=2)):
            return [FollowupAction("contact_form")]
        if _in_emergency(message, tracker):
            _utter(dispatcher, (detail("more", message.text), say("intake.noted")))
        elif message.intent == "out_of_scope":
            _utter(dispatcher, ("utter_out_of_scope",))
        else:
            _utter(dispatcher, ("utter_search",))
        return []


class ActionAffirm(Action):
    """'Yes': to the offer of a person, if nothing was found a moment ago; or to the gateway's check for danger."""

    def name(self) -> str:
        return "action_affirm"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        message = Message.of(tracker.latest_message)
        if message.payload and message.case is not None and not _in_emergency(message, tracker):
            # Of the two questions with this button the other is the intake's own: this case has just been opened.
            return [FollowupAction("crisis_intake_form")]
        offered = any(directive["directive"] == "search" for directive in directives_before(message, tracker.events))
        _utter(dispatcher, (hand_over(None) if offered else "utter_affirm",))
        return []


class ActionHandOver(Action):
    """A person is asked for, with the topic they were reading about."""

    def name(self) -> str:
        return "action_hand_over"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        message = Message.of(tracker.latest_message)
        topic = (message.answered or {}).get("topic") or tracker.get_slot("topic")
        if message.intent in ("my_data", "forget_me"):
            topic = message.intent
        _utter(dispatcher, (hand_over(topic),))
        return []
