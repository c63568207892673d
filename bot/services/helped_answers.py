"""What the citizen answers to 'did it help?': kept with the case, and after a 'no' a person again."""

from __future__ import annotations

from bot.domain.cases import CaseStatus, EventKind
from bot.domain.taxonomy import Severity
from bot.services.answers import menu
from bot.services.cards import number_lines
from bot.services.cases import open_case
from bot.services.directives import hand_over
from bot.services.replies import Button, Reply, button, say
from bot.services.routing import desk_name
from bot.services.turn import Turn
from bot.storage.tables import CaseRow

LOOK_AGAIN = "/look_again"
_WORDS = {"/yes": "yes", "/no": "no", "affirm": "yes", "deny": "no"}


def answered_in_words(turn: Turn) -> bool:
    """Take a 'yes' or 'no' typed right after the question; any other words end it. Whether it was an answer."""
    pending = turn.conversation.pending or {}
    if "helped" not in pending:
        return False
    understanding, payload = turn.understanding, turn.incoming.payload
    if payload:
        word = _WORDS.get(payload, "")
    else:
        turn.conversation.pending = None
        word = _WORDS.get(understanding.label, "") if understanding.crisis == "none" else ""
    if not word:
        return False
    answered(turn, f"{word} {pending['helped']}")
    return True


def answered(turn: Turn, words: str) -> None:
    """'yes 12' or 'no 12', from a button. The same answer again adds nothing; the other one corrects it."""
    word, _, number = words.partition(" ")
    case = _own_closed_case(turn, number)
    if case is None or word not in ("yes", "no"):
        turn.say(menu(turn.language))
        return
    if "helped" in (turn.conversation.pending or {}):
        turn.conversation.pending = None
    helped = word == "yes"
    if case.helped is not helped:
        case.helped = helped
        turn.uow.cases.record(case.id, EventKind.HELPED, "citizen", {"helped": helped}, turn.now)
    language = turn.language
    if helped:
        turn.say(say("helped.thanks_yes", language))
        return
    again = _again_button(turn, case)
    turn.say(say("helped.thanks_no", language, *again))


def _again_button(turn: Turn, case: CaseRow) -> tuple[Button, ...]:
    """None while a person has the conversation: they will read it themselves."""
    if turn.conversation.mode == "human":
        return ()
    return (button("button.look_again", turn.language, f"{LOOK_AGAIN} {case.id}"),)


def look_again(turn: Turn, number: str) -> None:
    """A person again: a new case at the same desk, which says which one it goes on from."""
    former = _own_closed_case(turn, number)
    if former is None or turn.case is not None:
        hand_over(turn, {"topic": None})  # there is an open case, or none that this citizen could mean
        return
    severity, language = Severity(former.severity), turn.language
    knowledge = turn.ports.knowledge
    if severity is Severity.LIFE:  # whoever asks again may be in danger again: nothing comes before the number
        known, also = turn.country, turn.also
        lines = number_lines(knowledge.taxonomy, knowledge.directory, former.label, known, language, also)
        turn.say(Reply("\n".join(lines)))
    desk = turn.uow.desks.row(former.desk_id)
    at_same_desk = former if desk is not None and desk.active else None
    message_id = turn.message.id if turn.message else None
    opened = open_case(
        turn.uow, turn.ports, turn.conversation, former.label, severity, turn.now, message_id, after=at_same_desk
    )
    status = button("button.status", language, "/status")
    name = desk_name(turn.uow, knowledge.directory, opened.case.desk_id, language)
    turn.say(say("helped.again", language, status, desk=name))


def _own_closed_case(turn: Turn, number: str) -> CaseRow | None:
    """The case with this number, if it is this citizen's and closed: a button's words can be typed by anybody."""
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    try:
        case = turn.uow.cases.get(int(number))
    except LookupError:
        return None
    own = case.conversation_id == turn.conversation.id
    return case if own and case.status == CaseStatus.CLOSED else None
