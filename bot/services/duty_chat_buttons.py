"""What staff press in Telegram. Every button may be old: what holds now decides, and a second press changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.cases import CaseError, CaseStatus, EventKind
from bot.domain.desks import COORDINATION
from bot.i18n.catalogues import text
from bot.services import cases
from bot.services.access import may_handle, may_see
from bot.services.duty_chat_links import group_language
from bot.services.duty_chat_out import DUTY, button, payload, tell
from bot.services.duty_chat_story import send_conversation, send_story
from bot.services.duty_chat_turn import Talk
from bot.services.duty_chat_words import passed_on, save_note, send_words
from bot.services.handing_on import transfer
from bot.services.incoming import Incoming
from bot.storage.tables import CaseRow

MAX_DATA = 64  # bytes of a button's data: a desk with a longer name is found in the console
NEXT_DESKS = 6


def press(talk: Talk) -> None:
    """Do what a button asks for, or say why not."""
    verb, _, rest = talk.incoming.payload.removeprefix(DUTY).partition(":")
    number, _, argument = rest.partition(":")
    if talk.staff is None:
        talk.refuse("duty_chat.unknown")
        return
    case = _case(talk, number)
    handler = PRESSED.get(verb)
    if case is None or handler is None or (talk.in_group and verb not in IN_GROUPS):
        talk.refuse("duty_chat.no_such_case")
    elif not (may_see if verb == "talk" else may_handle)(talk.uow, talk.ports, talk.staff, case):
        talk.refuse("console.other_desk")
    else:
        handler(talk, case, argument)


def _case(talk: Talk, number: str) -> CaseRow | None:
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    return talk.uow.session.get(CaseRow, int(number))


# --- taking ------------------------------------------------------------------------------------------
def _accept(talk: Talk, case: CaseRow, _argument: str) -> None:
    before = case.owner_id
    try:
        case = cases.accept(talk.uow, talk.ports, case.id, talk.me, talk.now)
    except CaseError:
        talk.uow.session.refresh(case)
        talk.is_not_mine(case)
        return
    _mine_now(talk, case, changed=before is None)


def _take(talk: Talk, case: CaseRow, seen: str) -> None:
    before, expected = case.owner_id, int(seen) if seen.isdecimal() and len(seen) < 19 else None
    try:
        case = cases.take_over(talk.uow, talk.ports, case.id, talk.me, expected, talk.now)
    except CaseError:
        talk.uow.session.refresh(case)
        talk.is_not_mine(case)
        return
    _mine_now(talk, case, changed=before != talk.me.id)


def _mine_now(talk: Talk, case: CaseRow, *, changed: bool) -> None:
    """The story goes to the private chat; a group learns only who has it."""
    talk.changed.add(case.conversation_id)
    new = send_story(talk.uow, talk.ports, case, talk.me, talk.now)
    if not talk.in_group:
        talk.answer(*(() if new else ("duty_chat.nothing_new",)))
        return
    talk.answer("duty_chat.accepted", case=case.id)
    if changed:
        group = talk.incoming.address
        language = group_language(talk.uow, group)
        words = text("duty_chat.accepted_group", language, case=case.id, name=talk.me.name)
        tell(talk.uow, group, words, language, talk.now, key=f"duty:{talk.inbox_id}:group", case_id=case.id)


# --- reading -------------------------------------------------------------------------------------------
def _story(talk: Talk, case: CaseRow, _argument: str) -> None:
    if not talk.is_not_mine(case):
        new = send_story(talk.uow, talk.ports, case, talk.me, talk.now)
        talk.answer(*(() if new else ("duty_chat.nothing_new",)))


def _talk(talk: Talk, case: CaseRow, _argument: str) -> None:
    new = send_conversation(talk.uow, talk.ports, case, talk.me, talk.now)
    talk.answer(*(() if new else ("duty_chat.nothing_new",)))


# --- words that waited for their case ------------------------------------------------------------------------
def _say(talk: Talk, case: CaseRow, inbox_id: str) -> None:
    words = _kept(talk, inbox_id)
    if words is not None and not talk.is_not_mine(case):
        send_words(talk, case, words, int(inbox_id))
        talk.answer()


def _note(talk: Talk, case: CaseRow, inbox_id: str) -> None:
    words = _kept(talk, inbox_id)
    if words is not None:
        save_note(talk, case, words.removeprefix("/note").strip(), int(inbox_id))
        talk.answer()


def _kept(talk: Talk, inbox_id: str) -> str | None:
    """The words of an earlier message of this person's, if no case has them yet; else that is said."""
    row = talk.uow.inbox.get(int(inbox_id)) if inbox_id.isdecimal() and len(inbox_id) < 19 else None
    kept = Incoming.from_dict(row.body) if row is not None else None
    if kept is None or kept.duty.get("sender") != talk.incoming.duty.get("sender"):
        talk.refuse("duty_chat.no_such_case")
        return None
    if talk.uow.outbox.has(passed_on(int(inbox_id))):
        talk.refuse("duty_chat.used")
        return None
    return kept.text.strip()


# --- closing and handing on -----------------------------------------------------------------------------
def _close(talk: Talk, case: CaseRow, _argument: str) -> None:
    if talk.is_not_mine(case):
        return
    buttons = [
        button(f"console.outcome.{outcome}", talk.language, payload("done", case.id, outcome))
        for outcome in cases.OUTCOMES
    ]
    talk.say("duty_chat.outcome", case_id=case.id, buttons=buttons, case=case.id)
    talk.answer()


def _done(talk: Talk, case: CaseRow, outcome: str) -> None:
    if case.status == CaseStatus.CLOSED and case.owner_id == talk.me.id and case.outcome == outcome:
        talk.answer()  # a double click: already done
        return
    if outcome not in cases.OUTCOMES or talk.is_not_mine(case):
        talk.answer()
        return
    cases.close(talk.uow, talk.ports, case.id, talk.me, outcome, talk.now)
    talk.changed.add(case.conversation_id)
    words = text(f"console.outcome.{outcome}", talk.language)
    talk.say("duty_chat.closed_now", case_id=case.id, case=case.id, outcome=words)
    talk.answer()


def _transfer(talk: Talk, case: CaseRow, _argument: str) -> None:
    if talk.is_not_mine(case):
        return
    buttons = [
        {"title": talk.desk_name(desk_id), "payload": payload("to", case.id, desk_id)}
        for desk_id in _next_desks(talk, case)
    ]
    link = f"{talk.link}/{case.id}"
    talk.say("duty_chat.to_which", case_id=case.id, buttons=buttons, case=case.id, link=link)
    talk.answer()


def _next_desks(talk: Talk, case: CaseRow) -> list[str]:
    """The other desks of the newest chain, nearest first, and the coordinators at its end."""
    routed = [event for event in talk.uow.cases.events(case.id) if event.kind == EventKind.ROUTED]
    chain = [step["desk"] for step in routed[-1].data["chain"]] if routed else []
    others = {desk.id for desk in talk.uow.desks.rows() if desk.active} - {case.desk_id}
    found = [desk_id for desk_id in dict.fromkeys([*chain, COORDINATION]) if desk_id in others]
    fits = [desk_id for desk_id in found if len(payload("sure", case.id, desk_id).encode()) <= MAX_DATA]
    return fits[:NEXT_DESKS]


def _to(talk: Talk, case: CaseRow, desk_id: str) -> None:
    """Which desk is chosen; a slip of the thumb must not hand a case away."""
    if talk.is_not_mine(case):
        return
    buttons = [button("duty_chat.yes_transfer", talk.language, payload("sure", case.id, desk_id))]
    talk.say("duty_chat.sure", case_id=case.id, buttons=buttons, case=case.id, desk=talk.desk_name(desk_id))
    talk.answer()


def _sure(talk: Talk, case: CaseRow, desk_id: str) -> None:
    if talk.is_not_mine(case):
        return
    try:
        transfer(talk.uow, talk.ports, case.id, talk.me, desk_id, "", talk.now)
    except CaseError as error:
        talk.refuse(f"console.{error.code}")  # no such desk any more, or it is there already
        return
    talk.changed.add(case.conversation_id)
    talk.say("duty_chat.transferred", case_id=case.id, case=case.id, desk=talk.desk_name(desk_id))
    talk.answer()


IN_GROUPS = ("accept", "take")
PRESSED: dict[str, Callable[[Talk, CaseRow, str], None]] = {
    "accept": _accept,
    "take": _take,
    "story": _story,
    "talk": _talk,
    "say": _say,
    "note": _note,
    "close": _close,
    "done": _done,
    "transfer": _transfer,
    "to": _to,
    "sure": _sure,
}
