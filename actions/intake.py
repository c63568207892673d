"""The crisis intake: where, safe, how to reach. One question at a time, nothing that is written is lost.

The gateway has shown the emergency number and opened the case before; here a person is only helped to say more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from actions import answers
from actions.message import Directive, Message, Place, Turn, ask, contact, detail, hand_over, is_city, say
from actions.places import LookUp, find_place, is_bare

# Where "Are you safe right now?" makes no sense: the danger is over, or it is of another kind.
NO_SAFETY_QUESTION = frozenset({"death_abroad", "passport_lost_travel", "stranded_no_money", "arrest_detention"})
# Nobody calls them unasked, and a form is no comfort: the chat itself is the way to reach them.
NO_CONTACT_QUESTION = frozenset({"suicide_self_harm", "violence_domestic", "human_trafficking"})
ASKED_AGAIN = {"place": 2, "safe": 1, "contact": 1}  # times
LONG = 4  # words; an answer with more of them tells more than was asked, and is kept whole
UNKNOWN = "unknown"
SURE = 0.5  # of a label; less sure, a message in the form is kept as words about what happens
# Answered by the rules, then the question is asked again. "help" is missing: in a crisis it asks for no menu.
ANSWERED_BY_RULES = frozenset({
    "greet", "thanks", "goodbye", "ask_human", "case_status", "change_language", "subscribe_alerts", "my_data",
    "forget_me", "bot_identity",
})  # fmt: skip
STOPPED = "utter_intake_stopped"


@dataclass(frozen=True)
class Intake:
    """What the form knows. `place`, `safe` and `contact` are None until answered, UNKNOWN when given up."""

    kind: str = ""
    case: Any = None
    place: Any = None
    safe: str | None = None
    contact: str | None = None
    stopped: bool = False
    tries: int = 0
    options: tuple[dict[str, Any], ...] = ()
    contact_waiting: bool = False  # they asked for the consulate before we knew the place

    @property
    def missing(self) -> str | None:
        """What to ask next."""
        if self.place is None:
            return "place"
        if self.safe is None and self.kind not in NO_SAFETY_QUESTION:
            return "safe"
        if self.kind in NO_CONTACT_QUESTION:
            return None
        return "contact" if self.contact is None else None

    def slots(self) -> dict[str, Any]:
        """As Rasa keeps it."""
        return {
            "intake_kind": self.kind,
            "intake_case": self.case,
            "intake_place": self.place,
            "intake_safe": self.safe,
            "intake_contact": self.contact,
            "intake_stopped": self.stopped,
            "tries": self.tries,
            "place_options": list(self.options) or None,
            "contact_waiting": self.contact_waiting,
        }

    @classmethod
    def from_slots(cls, slots: dict[str, Any]) -> Intake:
        """The inverse of `slots`."""
        return cls(
            kind=slots.get("intake_kind") or "",
            case=slots.get("intake_case"),
            place=slots.get("intake_place"),
            safe=slots.get("intake_safe"),
            contact=slots.get("intake_contact"),
            stopped=bool(slots.get("intake_stopped")),
            tries=slots.get("tries") or 0,
            options=tuple(slots.get("place_options") or ()),
            contact_waiting=bool(slots.get("contact_waiting")),
        )


def begin(message: Message, before: Intake, look_up: LookUp) -> Turn:
    """The first turn, or another cry for help after the questions of the same case."""
    case = message.case if message.case is not None else UNKNOWN
    if before.case == case and before.case is not None:
        now = replace(before, kind=message.intent, tries=0, options=())
        says: list[Directive | str] = [detail("more", message.text)] if message.text else []
        says.append(say("intake.noted"))
        return Turn(tuple(says), now.slots(), None) if now.stopped else _go_on(now, says, message, done=False)
    now = Intake(kind=message.intent, case=case)
    says = []
    number = answers.phone_in(message.text)
    if number:
        now = replace(now, contact=number)
        says.append(detail("contact", number))
    place = message.place if (message.place or {}).get("country") != "TR" else None  # a home town, more often
    if place is not None and place.get("ambiguous"):
        found = find_place(message, None, look_up)
        now = replace(now, place=found.place, options=found.options)
    elif is_city(place) or is_city(message.location):
        now = replace(now, place=place if is_city(place) else message.location)
    return _go_on(now, says, message)


def again(now: Intake, message: Message) -> Turn:
    """After the rules have answered something else: the open question once more."""
    if message.intent == "change_language":
        return Turn((), now.slots(), now.missing)  # the question would come in the language they do not want
    return _go_on(now, [], message)


def answer(now: Intake, message: Message, look_up: LookUp) -> Turn:
    """A message while a question is open."""
    asked = now.missing or "contact"
    if message.is_crisis:
        now = replace(now, kind=message.intent)
    if message.intent == "stop_questions" or answers.wants_to_stop(message.text):
        return _stop(now)
    if asked == "contact":
        return _contact(now, message)
    number = answers.phone_in(message.text) if now.contact is None else None
    now = replace(now, contact=number or now.contact)
    turn = _place(now, message, look_up) if asked == "place" else _safe(now, message)
    return replace(turn, says=(detail("contact", number), *turn.says)) if number else turn


def _place(now: Intake, message: Message, look_up: LookUp) -> Turn:
    if not message.text and is_city(message.location):
        # A shared position: the gateway has written it into the case.
        return _go_on(replace(now, place=message.location, tries=0), [], message)
    found = find_place(message, list(now.options), look_up)
    if found.options:
        return _go_on(replace(now, options=found.options, tries=now.tries + 1), [], message)
    if found.place is not None:
        return _place_known(now, message, found.place)
    if answers.does_not_know(message.text):
        return _no_answer(now, "place", message)
    if message.intent == "deny" and message.confidence >= SURE:
        return _stop(now)
    short = 0 < len(message.text.split()) <= LONG and message.intent not in ("affirm", "help") and not message.is_crisis
    short = short and not _is_other(message)
    if short and not found.asked:
        return _go_on(replace(now, place={"name": message.text}, tries=0), [detail("place", message.text)], message)
    if short:
        return _not_understood(now, "place", [detail("place", message.text)], message, "ask.place_again")
    return _no_answer(now, "place", message)


def _place_known(now: Intake, message: Message, place: Place) -> Turn:
    value = str(place.get("name") or place.get("country"))
    says: list[Directive | str] = [detail("place", value, place)]
    if not is_bare(message.text, place):
        if len(message.text.split()) > LONG:
            says.append(detail("more", message.text))
        says += _also(message)
    if not is_city(place) and now.tries == 0:
        return _go_on(replace(now, tries=1, options=()), says, message)  # a country: which city, asked once
    if now.contact_waiting or (message.intent == "consulate_contact" and not is_bare(message.text, place)):
        says.append(contact(place, message.weekday))
    return _go_on(replace(now, place=place, tries=0, options=(), contact_waiting=False), says, message)


def _also(message: Message) -> list[Directive | str]:
    """What else a message that answers our question wants."""
    if message.is_question:
        return ["utter_answer"]
    if message.intent == "ask_human":
        return [hand_over(None)]
    return ["utter_case_status"] if message.intent == "case_status" else []


def _safe(now: Intake, message: Message) -> Turn:
    safe = answers.is_safe(message.text, message.intent)
    if safe is None or _is_other(message):
        return _no_answer(now, "safe", message)
    says: list[Directive | str] = [detail("safe", "yes" if safe else "no")]
    if len(message.text.split()) > LONG:
        says.append(detail("more", message.text))
    if not safe:
        says.append(say("intake.not_safe"))
    return _go_on(replace(now, safe="yes" if safe else "no", tries=0), says, message)


def _contact(now: Intake, message: Message) -> Turn:
    reach = answers.how_to_reach(message.text)
    if reach is None and (answers.is_here(message.text) or message.intent == "affirm"):
        reach = "here"
    if reach is not None:
        return _go_on(replace(now, contact=reach, tries=0), [detail("contact", reach)], message)
    refused = message.intent == "deny" and message.confidence >= SURE and not answers.does_not_know(message.text)
    return _stop(now) if refused else _no_answer(now, "contact", message)


def _is_other(message: Message) -> bool:
    """Surely not an answer to our question but one to us."""
    other = message.is_question or message.intent in ANSWERED_BY_RULES or message.intent == "consulate_contact"
    return other and message.confidence >= SURE


def _no_answer(now: Intake, asked: str, message: Message) -> Turn:
    """Anything else: questions are answered, words are kept, and our question is asked again, but not for ever."""
    if message.intent == "consulate_contact" and message.confidence >= SURE:
        if asked == "place":
            return _go_on(replace(now, contact_waiting=True), [], message)
        return _go_on(now, [contact(now.place if is_city(now.place) else message.location, message.weekday)], message)
    if _is_other(message):
        over = message.intent == "goodbye"
        return Turn((), replace(now, stopped=over).slots(), None if over else asked, leaves=True)
    if message.intent == "affirm" or not message.text:
        return _not_understood(now, asked, [], message)
    kept: list[Directive | str] = [detail("more", message.text)]
    if answers.does_not_know(message.text):
        return _give_up(now, asked, kept, message)
    return _not_understood(now, asked, [*kept, say("intake.noted")], message)


def _not_understood(
    now: Intake, asked: str, says: list[Directive | str], message: Message, key: str | None = None
) -> Turn:
    if now.tries >= ASKED_AGAIN[asked]:
        return _give_up(now, asked, [said for said in says if said != say("intake.noted")], message)
    return _go_on(replace(now, tries=now.tries + 1), says, message, key=key)


def _give_up(now: Intake, asked: str, says: list[Directive | str], message: Message) -> Turn:
    """The next question. Of options that nobody chose from, the likeliest is taken."""
    value: Any = UNKNOWN
    if asked == "place" and now.options:
        value = now.options[0]["place"]
        says = [*says, detail("place", str(value["name"]), value)]
    return _go_on(replace(now, **{asked: value}, tries=0, options=()), says, message)


def _stop(now: Intake) -> Turn:
    return Turn((STOPPED,), replace(now, stopped=True, tries=0, options=()).slots(), None)


def _go_on(
    now: Intake, says: list[Directive | str], message: Message, *, key: str | None = None, done: bool = True
) -> Turn:
    """Ask what is missing, or say that all is asked."""
    asked = now.missing
    if asked == "place" and now.options:
        options = [{"title": option["title"], "value": option["value"]} for option in now.options]
        says = [*says, ask("ask.place_which", "place", "button.stop", options=options)]
    elif asked == "place":
        says = [*says, ask(key or "ask.place", "place", "button.location", "button.stop")]
    elif asked == "safe":
        says = [*says, ask("ask.safe", "safe", "button.yes", "button.no", "button.stop")]
    elif asked == "contact":
        says = [*says, ask("ask.contact", "contact", "button.stop")]
    elif done:
        says = [*says, {"directive": "intake_done"}]
    return Turn(tuple(says), now.slots(), asked)
