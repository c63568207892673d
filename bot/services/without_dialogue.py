"""Answering without the dialogue engine: content, contacts, and the one question that routing needs."""

from __future__ import annotations

from bot.domain.cases import EventKind
from bot.domain.places import Location
from bot.services import answers
from bot.services.border import which_place
from bot.services.directives import carry_out, place_became_known, searched
from bot.services.replies import Reply, say
from bot.services.turn import SURE_OF_TOPIC, Turn

ACT_DIRECTIVES = {
    "greet": {"directive": "say", "key": "say.greet"},
    "thanks": {"directive": "say", "key": "say.thanks"},
    "goodbye": {"directive": "say", "key": "say.goodbye"},
    "affirm": {"directive": "say", "key": "say.affirm"},
    "deny": {"directive": "say", "key": "say.deny"},
    "bot_identity": {"directive": "say", "key": "say.bot_identity"},
    "help": {"directive": "say", "key": "say.help"},
    "subscribe_alerts": {"directive": "say", "key": "say.subscribe_alerts"},
    "ask_human": {"directive": "hand_over"},
    "my_data": {"directive": "hand_over", "topic": "my_data"},
    "forget_me": {"directive": "hand_over", "topic": "forget_me"},
    "case_status": {"directive": "case_status"},
    "change_language": {"directive": "choose_language"},
    "share_location": {"directive": "note_location"},
}


def reply(turn: Turn) -> None:
    """Say something true and useful with what we have ourselves."""
    case = turn.case
    if case is not None:
        _in_a_case(turn)
        return
    understanding = turn.understanding
    label, confidence = understanding.label, understanding.confidence
    if _place_asked(turn) and turn.location is not None:
        turn.conversation.pending = None
        turn.say(_contact(turn))
        return
    if label == "consulate_contact" and confidence >= SURE_OF_TOPIC:
        turn.say(_contact(turn))
        if turn.location is None:
            turn.conversation.pending = {"ask": "place"}
        return
    if label in ACT_DIRECTIVES and confidence >= SURE_OF_TOPIC:
        carry_out(turn, [ACT_DIRECTIVES[label]])
        return
    if label in turn.ports.knowledge.taxonomy.topics and confidence >= SURE_OF_TOPIC:
        found = answers.answer(turn.ports, label, turn.language)
        if found is not None:
            turn.say(found)
            return
    if turn.incoming.text.strip():
        turn.say(searched(turn))
    else:
        turn.say(answers.menu(turn.language, "answer.dialogue_away"))


def _place_asked(turn: Turn) -> bool:
    return (turn.conversation.pending or {}).get("ask") == "place"


def _contact(turn: Turn) -> Reply:
    weekday = turn.understanding.weekday
    return answers.contact(turn.ports, turn.location, weekday, turn.language, turn.now)


def _in_a_case(turn: Turn) -> None:
    """Intake with one question: the place, if routing still needs it. Everything else is noted."""
    case = turn.case
    assert case is not None
    just_opened = turn.has_just_opened_the_case or turn.understanding.crisis == "certain"
    label = turn.understanding.label
    if label in ("case_status", "ask_human", "change_language") and not just_opened:
        carry_out(turn, [ACT_DIRECTIVES[label]])
        return
    if turn.supposed and turn.supposed.unclear:
        turn.conversation.pending = {"ask": "place"}
        turn.say(which_place(turn.supposed, turn.language))
        return
    if turn.location is None or not turn.location.name:
        if _place_asked(turn) and not just_opened:
            turn.conversation.pending = None
            turn.say(answers.ask_place(turn.language, "ask.place_again"))
        else:
            turn.conversation.pending = {"ask": "place"}
            turn.say(answers.ask_place(turn.language))
        return
    turn.conversation.pending = None
    if just_opened:
        return  # the card and who was alerted have been said: nothing more to ask
    if Location.from_dict(case.location) != turn.location:
        data = {"slot": "place", "value": turn.location.name}
        turn.uow.cases.record(case.id, EventKind.DETAIL, "citizen", data, turn.now)
        place_became_known(turn)
    turn.say(say("intake.noted", turn.language))
