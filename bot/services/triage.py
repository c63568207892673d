"""The first look at every message: commands, people talking to people, and above all danger.

Everything here happens in the commit that stores the message, before any other program is asked.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.cases import EventKind
from bot.domain.numbers import european_emergency, lines_for
from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import LANGUAGES, language_name
from bot.i18n.other_languages import EXCUSES, Excuse
from bot.services import alerts
from bot.services.answers import answer, ask_place, contact, dont_know, menu
from bot.services.border import alerted_desks, note_place
from bot.services.broadcasts import tell_newcomer
from bot.services.cards import call_centre_number, emergency_card, number_lines, yes_no
from bot.services.cases import become_crisis, open_case, raise_severity
from bot.services.directives import choose_language, hand_over, place_became_known
from bot.services.files import acknowledge_files, tell_the_owner
from bot.services.helped import COMMAND as HELPED
from bot.services.helped_answers import LOOK_AGAIN, answered, answered_in_words, look_again
from bot.services.open_questions import note_answer, nothing_open
from bot.services.replies import Button, Reply, button, say
from bot.services.routing import desk_name
from bot.services.status import case_status
from bot.services.turn import SURE_OF_TOPIC, Turn
from bot.storage.tables import CaseRow


def triage(turn: Turn) -> bool:
    """Do what must not wait. Returns whether the dialogue engine should still be asked."""
    needs_dialogue = _first_look(turn)
    acknowledge_files(turn)
    return needs_dialogue


def _first_look(turn: Turn) -> bool:
    note_place(turn)
    if turn.conversation.mode == "human":
        if turn.incoming.payload.split(" ")[0] in ("/status", "/lang", HELPED):
            return _command(turn)  # a pressed button is answered with facts; everything else is the person's
        _to_the_officer(turn)
        return False
    if turn.understanding.crisis == "certain":
        return _crisis(turn, turn.understanding.crisis_kind or "", turn.understanding.severity)
    if turn.conversation.pending and "check" in turn.conversation.pending:
        answered = _check_answered(turn)
        if answered is not None:
            return answered
    if answered_in_words(turn):
        return False
    if turn.incoming.payload:
        return _command(turn)
    if turn.incoming.lat is not None:
        return _location_shared(turn)
    if turn.incoming.attachments and not turn.incoming.text:
        tell_the_owner(turn)
        return False
    if turn.incoming.unreadable:
        in_a_group = turn.incoming.unreadable == "group"
        turn.say(say("say.groups" if in_a_group else "say.cannot_read", turn.language))
        return False
    if turn.understanding.foreign:
        return _foreign(turn, turn.understanding.foreign)
    if turn.understanding.crisis == "doubtful" and not _in_a_crisis(turn):
        _ask_gently(turn)
        return False
    tell_the_owner(turn)
    if turn.supposed and turn.supposed.unclear:
        place_became_known(turn)  # as far as it is: all that it may be are served while the dialogue asks
    return not _plain_question(turn)


def _plain_question(turn: Turn) -> bool:
    """Whether this was a question about a topic, outside any case or open question, and the content has answered it."""
    label = turn.understanding.label
    is_one = label in turn.ports.knowledge.taxonomy.topics and label != "consulate_contact"
    sure = turn.understanding.confidence >= SURE_OF_TOPIC
    if not (is_one and sure and turn.case is None and nothing_open(turn.conversation)):
        return False
    found = answer(turn.ports, label, turn.language)
    if found is None:
        return False
    turn.say(found)
    note_answer(turn.conversation, label)
    return True


def _to_the_officer(turn: Turn) -> None:
    """A person has the conversation: the bot stays silent, whatever comes, and the person is told."""
    case = turn.case
    if case is None or turn.message is None:
        return
    alerts.citizen_wrote(turn.uow, turn.ports, case, turn.message.id, turn.now)
    if turn.incoming.lat is not None:  # not routed again: a person has it
        degrees = f"{turn.incoming.lat:.5f}, {turn.incoming.lon:.5f}"
        _note_detail(turn, case, f"{turn.location.name} ({degrees})" if turn.location else degrees)
    if turn.understanding.crisis == "certain":
        raise_severity(turn.uow, turn.ports, case, turn.understanding.severity, turn.now)
        _card_beside_the_person(turn, case)
        # the owner may be asleep: every cry for help reaches the whole desk again
        alerts.alert_if_possible(turn.uow, turn.ports, case, case.desk_id, turn.now, again=f"cry:{turn.message.id}")


def _crisis(turn: Turn, kind: str, severity: Severity) -> bool:
    """Card first, then the case. In an open case: raise it if this is worse, show a new kind's card."""
    ports, language = turn.ports, turn.language
    directory, taxonomy = ports.knowledge.directory, ports.knowledge.taxonomy
    turn.conversation.pending = None
    case = turn.case
    if case is not None and turn.message is not None:
        alerts.citizen_wrote(turn.uow, ports, case, turn.message.id, turn.now)
        if case.label not in taxonomy.crisis:  # it began as a question: from now on it is this
            become_crisis(turn.uow, ports, turn.conversation, case, kind, severity, turn.now)
        else:
            raise_severity(turn.uow, ports, case, severity, turn.now)
        if _card_was_shown(turn, case.id, kind):
            if severity is Severity.LIFE:
                turn.say(Reply(_first_line(turn, kind)))  # "he is not breathing any more": the number again, at once
        else:
            turn.say(emergency_card(taxonomy, directory, kind, turn.country, language, turn.also))
            turn.uow.cases.record(case.id, EventKind.CARD_SHOWN, "bot", {"kind": kind}, turn.now)
        place_became_known(turn)
        return True
    card = emergency_card(taxonomy, directory, kind, turn.country, language, turn.also)
    turn.say(card)
    message_id = turn.message.id if turn.message else None
    opened = open_case(turn.uow, ports, turn.conversation, kind, severity, turn.now, message_id)
    turn.uow.cases.record(opened.case.id, EventKind.CARD_SHOWN, "bot", {"kind": kind}, turn.now)
    status = button("button.status", language, "/status")
    if opened.decision.desk is not None:
        told = alerted_desks(opened.case, opened.decision)
        desk = ", ".join(desk_name(turn.uow, directory, desk_id, language) for desk_id in told)
        turn.say(say("card.passed_on", language, status, desk=desk))
    else:
        number = call_centre_number(directory, turn.country)
        turn.say(say("card.nobody_reachable", language, status, number=number))
    tell_newcomer(turn.uow, ports, opened.case, turn.now)
    return True


def _in_a_crisis(turn: Turn) -> bool:
    case = turn.case
    return case is not None and case.label in turn.ports.knowledge.taxonomy.crisis


def _card_was_shown(turn: Turn, case_id: int, kind: str) -> bool:
    events = turn.uow.cases.events(case_id)
    return any(event.kind == EventKind.CARD_SHOWN and event.data.get("kind") == kind for event in events)


def _first_line(turn: Turn, kind: str) -> str:
    """The number to call now; in doubt about the country, each one's."""
    lines = _numbers(turn, kind)
    return "\n".join(lines[:1] if turn.country or not turn.also else lines[:-1])


def _numbers(turn: Turn, kind: str) -> list[str]:
    """The card's numbers for where the citizen is, or may be."""
    knowledge = turn.ports.knowledge
    return number_lines(knowledge.taxonomy, knowledge.directory, kind, turn.country, turn.language, turn.also)


def _card_beside_the_person(turn: Turn, case: CaseRow) -> None:
    """The bot does not talk while a person does; a number that saves a life is no talk. Once per danger."""
    kind = turn.understanding.crisis_kind or ""
    if turn.understanding.severity is not Severity.LIFE or _card_was_shown(turn, case.id, kind):
        return
    turn.say(Reply(_first_line(turn, kind)))
    turn.uow.cases.record(case.id, EventKind.CARD_SHOWN, "bot", {"kind": kind}, turn.now)


def _ask_gently(turn: Turn) -> None:
    """Doubtful: the number is already there, and one question."""
    kind = turn.understanding.crisis_kind or "medical_emergency"
    _ask_again(turn, kind)
    turn.conversation.pending = {"check": kind, "text": turn.incoming.text[:500]}


def _ask_again(turn: Turn, kind: str) -> None:
    """The numbers of the country as far as it is known, and the question."""
    danger = turn.ports.knowledge.taxonomy.severity_of(kind) is Severity.LIFE
    question = say("check.danger" if danger else "check.today", turn.language).text
    turn.say(Reply("\n".join([*_numbers(turn, kind), question]), yes_no(turn.language)))


def _check_answered(turn: Turn) -> bool | None:
    """The answer to 'Is someone in danger right now?'. None if it is no answer to that."""
    pending = turn.conversation.pending or {}
    label, payload = turn.understanding.label, turn.incoming.payload
    if payload == "/yes" or (not payload and label == "affirm"):
        kind = str(pending["check"])
        severity = turn.ports.knowledge.taxonomy.severity_of(kind)
        # "yes" now means this crisis: the dialogue must hear it so, or its intake would not begin
        turn.understanding = replace(
            turn.understanding, label=kind, crisis="certain", crisis_kind=kind, severity=severity, confidence=1.0
        )
        return _crisis(turn, kind, severity)
    if not payload and turn.understanding.place is not None and turn.understanding.crisis == "none":
        _ask_again(turn, str(pending["check"]))  # they said where, not whether: the question stays open
        return False
    turn.conversation.pending = None
    if payload == "/no" or (not payload and label == "deny"):
        turn.say(say("check.calm", turn.language, *menu(turn.language).buttons))
        return False
    return None


def _command(turn: Turn) -> bool:
    """A pressed button. Returns whether the dialogue engine should be asked."""
    word, _, rest = turn.incoming.payload.partition(" ")
    language = turn.language
    if word == "/lang" and rest in LANGUAGES:
        turn.conversation.language, turn.conversation.language_chosen = rest, True
        turn.say(say("language.changed", rest))
        if turn.case is None:
            turn.say(menu(rest))
    elif word == "/language":
        choose_language(turn, {})
    elif word == "/start":
        turn.say(Reply(say("say.greet", language).text, menu(language).buttons))
        choose_language(turn, {})
    elif word == "/help":
        turn.say(menu(language))
    elif word == "/human":
        hand_over(turn, {"topic": None})
    elif word == "/status":
        turn.say(Reply(case_status(turn.uow, turn.ports, turn.conversation)))
    elif word == "/emergency":
        _emergency_button(turn)
    elif word == "/location":
        turn.say(ask_place(language))
    elif word == "/topic":
        _topic_button(turn, rest)
    elif word == HELPED:
        answered(turn, rest)
    elif word == LOOK_AGAIN:
        look_again(turn, rest)
    else:
        return True  # yes, no and form answers belong to the dialogue
    return False


def _topic_button(turn: Turn, topic: str) -> None:
    if topic == "consulate_contact":
        turn.say(contact(turn.ports, turn.location, None, turn.language, turn.now))
        return
    turn.say(answer(turn.ports, topic, turn.language) or dont_know(turn.language))


def _emergency_button(turn: Turn) -> None:
    """'I need help now' without a word of what happened: numbers, then one question."""
    turn.say(Reply("\n".join(_numbers(turn, "fire_or_disaster"))))
    turn.say(say("check.danger", turn.language, *yes_no(turn.language)))
    turn.conversation.pending = {"check": "medical_emergency", "text": ""}


def _location_shared(turn: Turn) -> bool:
    """A shared position: noted, and routed again if a case waits for it; the form may go on."""
    location = turn.location
    name = (location.name or location.country) if location else ""
    if location is None:  # at sea, or in a desert: only the officer has use for the degrees
        if turn.case is not None:
            _note_detail(turn, turn.case, f"{turn.incoming.lat:.5f}, {turn.incoming.lon:.5f}")
        turn.say(ask_place(turn.language, "say.location_unknown"))
        return False
    if turn.case is None:
        turn.say(say("say.location_noted", turn.language, place=name))
        turn.say(contact(turn.ports, location, None, turn.language, turn.now))
        return False
    _note_detail(turn, turn.case, name)
    turn.say(say("say.location_noted", turn.language, place=name))
    place_became_known(turn)
    return True


def _note_detail(turn: Turn, case: CaseRow, place: str) -> None:
    turn.uow.cases.record(case.id, EventKind.DETAIL, "citizen", {"slot": "place", "value": place}, turn.now)


def _foreign(turn: Turn, spoken: str) -> bool:
    """A language we do not speak: say so in it, show the number, offer the six languages."""
    directory = turn.ports.knowledge.directory
    excuse = EXCUSES.get(spoken) or Excuse(say("language.not_spoken", "en").text, "")
    own = lines_for(directory, turn.country, "emergency")[:1]
    lines = [excuse.not_spoken, ", ".join(language_name(code, code) for code in LANGUAGES)]
    lines += [f"{excuse.danger} {line.number}".strip() for line in own]
    lines += [f"{excuse.danger} {line.number} (EU)".strip() for line in european_emergency(directory) if not own]
    lines.append(call_centre_number(directory, turn.country))
    buttons = tuple(Button(language_name(code, code), f"/lang {code}") for code in ("en", "tr", "de", "fr", "ar"))
    turn.say(Reply("\n".join(lines), buttons))
    return False
