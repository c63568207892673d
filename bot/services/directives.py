"""What the dialogue engine decided, carried out: sentences from the catalogue, answers from content."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from bot.domain.cases import EventKind
from bot.domain.numbers import first_numbers
from bot.domain.places import Location
from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import LANGUAGES, language_name, text
from bot.i18n.texts import TEXTS
from bot.services import answers
from bot.services.cards import call_centre_number, number_lines, yes_no
from bot.services.cases import open_case, reroute
from bot.services.replies import MAX_BUTTONS, Button, Reply, button, say
from bot.services.routing import desk_name
from bot.services.status import case_status
from bot.services.turn import Turn
from bot.understanding.features import normalise

Directive = dict[str, Any]
STOP_QUESTIONS = "/stop_questions"
BUTTON_PAYLOADS = {
    "button.yes": "/yes",
    "button.no": "/no",
    "button.human": "/human",
    "button.location": "/location",
    "button.language": "/language",
    "button.status": "/status",
    "button.stop": STOP_QUESTIONS,
}


@cache
def _typed_buttons() -> dict[str, str]:
    titles = {(text(key, code), payload) for key, payload in BUTTON_PAYLOADS.items() for code in LANGUAGES}
    return {normalise(title): payload for title, payload in titles}


def payload_of(words: str) -> str:
    """What a typed button label stands for, in any language; '' for all other words."""
    return _typed_buttons().get(normalise(words), "") if len(words) < 60 else ""


def carry_out(turn: Turn, directives: list[Directive]) -> bool:
    """Do what each directive says. False if none of them said anything to the citizen."""
    before = len(turn.said)
    for directive in directives:
        handler = HANDLERS.get(str(directive.get("directive")))
        if handler is not None:
            handler(turn, directive)
    return len(turn.said) > before


def _say(turn: Turn, directive: Directive) -> None:
    key = directive.get("key", "")
    if key == "say.help":
        turn.say(answers.menu(turn.language))
    elif key == "intake.not_safe":
        number = first_number(turn)
        turn.say(say(key, turn.language, number=number))
    elif key in TEXTS:
        turn.say(Reply(text(key, turn.language)))


def _answer(turn: Turn, directive: Directive) -> None:
    found = answers.answer(turn.ports, str(directive.get("topic")), turn.language)
    turn.say(found or searched(turn))


def _contact(turn: Turn, directive: Directive) -> None:
    location = location_from(directive.get("place")) or turn.location
    weekday = directive.get("weekday")
    turn.say(answers.contact(turn.ports, location, weekday, turn.language, turn.now))


def _ask(turn: Turn, directive: Directive) -> None:
    key = str(directive.get("key"))
    if key not in TEXTS:
        return
    language = turn.language
    options = tuple(Button(str(option["title"]), str(option["value"])) for option in directive.get("options") or ())
    buttons = tuple(
        button(name, language, BUTTON_PAYLOADS[name])
        for name in directive.get("buttons") or ()
        if name in BUTTON_PAYLOADS
    )
    if key == "ask.safe":
        buttons = (*yes_no(language), *(b for b in buttons if b.payload not in ("/yes", "/no")))
    asks_place = directive.get("slot") == "place" and not options
    turn.say(Reply(text(key, language), (*options, *buttons), ask_location=asks_place))


def _detail(turn: Turn, directive: Directive) -> None:
    """A form answer becomes an event of the case; a place also routes it again."""
    case = turn.case
    slot, value = str(directive.get("slot")), directive.get("value")
    location = _known_better(turn, location_from(directive.get("place")))
    if slot == "place" and location is not None:
        turn.conversation.location = location.to_dict()
    if case is None:
        return
    data = {"slot": slot, "value": str(value)}
    turn.uow.cases.record(case.id, EventKind.DETAIL, "citizen", data, turn.now)
    if slot == "place" and location is not None:
        place_became_known(turn)


def place_became_known(turn: Turn) -> None:
    """Route again, and show the numbers of the country if they were missing so far."""
    case = turn.case
    if case is None:
        return
    before = Location.from_dict(case.location)
    countries_before = before.countries if before else ()
    decision = reroute(turn.uow, turn.ports, turn.conversation, case, turn.now)
    if decision is None:
        return
    language, directory = turn.language, turn.ports.knowledge.directory
    if turn.supposed and countries_before != turn.supposed.countries:
        taxonomy = turn.ports.knowledge.taxonomy
        lines = number_lines(taxonomy, directory, case.label, turn.country, language, turn.also)
        turn.say(Reply("\n".join(lines)))
    if decision.desk is not None:
        desk = desk_name(turn.uow, directory, case.desk_id, language)
        turn.say(say("card.passed_on", language, desk=desk))


def _search(turn: Turn, _directive: Directive) -> None:
    turn.say(searched(turn))


def searched(turn: Turn) -> Reply:
    """What content search answers to the citizen's words."""
    return answers.search(turn.ports, turn.incoming.text, turn.language, turn.understanding.probabilities)


def hand_over(turn: Turn, directive: Directive) -> None:
    """A person is asked for: a case of normal severity, or the open one."""
    language, directory = turn.language, turn.ports.knowledge.directory
    case = turn.case
    topic = directive.get("topic")
    if case is None:
        known = topic in turn.ports.knowledge.taxonomy.labels
        label = str(topic) if known else "ask_human"
        opened = open_case(turn.uow, turn.ports, turn.conversation, label, Severity.NORMAL, turn.now)
        case = opened.case
        reachable = opened.decision.desk is not None
    else:
        reachable = True
    desk = desk_name(turn.uow, directory, case.desk_id, language)
    key = "human.passed_on" if reachable else "human.nobody_now"
    status = button("button.status", language, "/status")
    turn.say(say(key, language, status, desk=desk))


def _case_status(turn: Turn, _directive: Directive) -> None:
    turn.say(Reply(case_status(turn.uow, turn.ports, turn.conversation)))


def choose_language(turn: Turn, _directive: Directive) -> None:
    """The six languages as buttons, each in its own name."""
    first = [code for code in LANGUAGES if code != turn.language]
    buttons = tuple(Button(language_name(code, code), f"/lang {code}") for code in first)
    turn.say(Reply(text("language.choose", turn.language), buttons[:MAX_BUTTONS]))


def _note_location(turn: Turn, directive: Directive) -> None:
    location = _known_better(turn, location_from(directive.get("place"))) or turn.location
    if location is None:
        turn.say(answers.ask_place(turn.language, "say.location_unknown"))
        return
    turn.conversation.location = location.to_dict()
    turn.say(say("say.location_noted", turn.language, place=location.name or location.country))
    place_became_known(turn)


def _intake_done(turn: Turn, _directive: Directive) -> None:
    status = button("button.status", turn.language, "/status")
    turn.say(say("intake.done", turn.language, status))


def location_from(raw: Any) -> Location | None:
    """A directive's place as a location; None if it names none."""
    if not isinstance(raw, dict) or not raw.get("country"):
        return None
    fields: dict[str, Any] = {key: raw.get(key) for key in ("lat", "lon", "admin1", "admin2")}
    name = "" if raw.get("level") == "country" else str(raw.get("name") or "")
    return Location(country=str(raw["country"]), name=name, **fields)


def _known_better(turn: Turn, location: Location | None) -> Location | None:
    """The place as the conversation has it, if it is the same: a directive's knows neither city nor what is near."""
    known = turn.location
    if location is None or known is None:
        return location
    same = (location.country, location.name, location.lat, location.lon)
    return known if same == (known.country, known.name, known.lat, known.lon) else location


def first_number(turn: Turn) -> str:
    """The first number of the citizen's card, or the call centre's."""
    case = turn.case
    knowledge = turn.ports.knowledge
    if case is not None:
        numbers = first_numbers(knowledge.directory, knowledge.taxonomy, case.label, turn.country)
        if numbers:
            return numbers[0].number
    return call_centre_number(knowledge.directory, turn.country)


HANDLERS: dict[str, Callable[[Turn, Directive], None]] = {
    "say": _say,
    "answer": _answer,
    "contact": _contact,
    "ask": _ask,
    "detail": _detail,
    "search": _search,
    "hand_over": hand_over,
    "case_status": _case_status,
    "choose_language": choose_language,
    "note_location": _note_location,
    "intake_done": _intake_done,
}
