"""The main flow: one stored message in, replies out, once.

    claim → understand → triage (card, case, commands; one commit) → dialogue (no transaction) → replies (one commit)

The crisis path ends in the first commit, so nothing that comes later can lose the card or the case.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.domain.places import Location
from bot.i18n.catalogues import LANGUAGES
from bot.services import duty_chat, open_questions, without_dialogue
from bot.services.cards import call_centre_number
from bot.services.directives import carry_out, payload_of
from bot.services.files import keep_files
from bot.services.incoming import Incoming
from bot.services.ports import DialogueAway, Ports
from bot.services.replies import say, send
from bot.services.triage import triage
from bot.services.turn import Turn
from bot.storage.tables import ConversationRow, InboxRow
from bot.storage.unit_of_work import UnitOfWork
from bot.understanding.understand import Understanding

log = structlog.get_logger()

MAX_ATTEMPTS = 4
DEFAULT_LANGUAGE = "tr"  # most citizens' first language, until they write or choose another


class LeaseLost(Exception):  # noqa: N818 - a state of the world, not a mistake
    """Another worker has taken the row over; this unit of work must leave no trace."""


def handle_next(ports: Ports, conversation_key: str | None = None, left_behind: timedelta = timedelta()) -> bool:
    """Handle the first message that waits, in one conversation or in any. False if none does.

    `left_behind`: only one that could have been handled so long ago, and that its own process has forgotten.
    """
    now = ports.clock()
    if conversation_key is None:
        with ports.database.read() as uow:  # a look first: taking the write lock for nothing would hold up the others
            if not uow.inbox.any_waiting(now - left_behind):
                return False

    def claim(uow: UnitOfWork) -> tuple[InboxRow | None, ConversationRow | None]:
        row = uow.inbox.claim(now, conversation_key, left_behind)
        return row, uow.conversations.by_key(row.conversation_key) if row else None

    row, conversation = ports.database.write_together(claim).result()
    if row is None:
        return False
    handle_claimed(ports, row, conversation)
    return True


def handle_claimed(ports: Ports, row: InboxRow, conversation: ConversationRow | None) -> None:
    """`handle`, with whatever may go wrong: the row stays, and the next ones of the conversation must go."""
    try:
        handle(ports, row, conversation)
    except LeaseLost:
        log.info("lease_lost", inbox=row.id)
    except Exception as error:
        _step_aside(ports, row, error)


def drain(ports: Ports, conversation_key: str) -> None:
    """Handle everything that waits in one conversation, in order."""
    while handle_next(ports, conversation_key):
        pass


def handle(ports: Ports, row: InboxRow, conversation: ConversationRow | None) -> None:
    """Take one claimed row through to its replies; `conversation` as it was then. Raises LeaseLost."""
    incoming = Incoming.from_dict(row.body)
    if _by_staff(ports, row, incoming):
        return
    if not incoming.payload:  # keyboards send a button's words, and people type them
        incoming = replace(incoming, payload=payload_of(incoming.text))
    language = conversation.language if conversation else _first_language(incoming)
    location = Location.from_dict(conversation.location) if conversation else None
    # "Help!" is a word of several languages: what the channel says of the person settles it
    previous = language if conversation or _named_language(incoming) else None
    known = location.country or None if location else None
    understanding = ports.understander.understand(incoming.text, previous, known)
    if row.state == "new":
        with ports.database.write() as uow:
            turn = _begin(ports, uow, row, incoming, understanding, language)
            needs_dialogue = triage(turn)
            _advance(uow, row, "triaged" if needs_dialogue else "done", turn.now)
        conversation = turn.conversation
        _announce(ports, conversation)
        if not needs_dialogue:
            return
        understanding = turn.understanding  # triage may have understood more: "yes" to the question about danger
    assert conversation is not None
    _converse(ports, row, incoming, understanding, conversation)


def _by_staff(ports: Ports, row: InboxRow, incoming: Incoming) -> bool:
    """Whether somebody on duty did this, and it is done. Raises LeaseLost."""
    if row.state != "new" or not incoming.duty:
        return False
    with ports.database.read() as uow:
        if not duty_chat.concerns(uow, incoming):
            return False
    with ports.database.write() as uow:
        now = ports.clock()
        changed = duty_chat.take(uow, ports, row.id, incoming, now)
        if changed is None:
            return False
        _advance(uow, row, "done", now)
    for topic in (*(f"conversation:{number}" for number in changed), "outbox"):
        ports.wakeup.notify(topic)
    return True


def _converse(
    ports: Ports, row: InboxRow, incoming: Incoming, understanding: Understanding, conversation: ConversationRow
) -> None:
    """Ask the dialogue engine what to do, with no transaction open, then do it in one commit."""
    metadata = _metadata(conversation, understanding)
    try:
        message = incoming.payload or incoming.text
        directives = ports.dialogue.turn(incoming.conversation_key, message, metadata)
    except DialogueAway as away:
        log.info("dialogue_away", reason=str(away))
        directives = None
    with ports.database.write() as uow:
        held = _held(uow, incoming.conversation_key)
        assert held is not None
        turn = Turn(ports, uow, held, incoming, understanding, ports.clock())
        turn.message = uow.conversations.of_inbox(held.id, row.id)
        # A person may have taken over while the engine was thinking: then the bot stays silent.
        if held.mode == "bot":
            if directives is not None:
                open_questions.after_dialogue(held, directives)
            if not (directives and carry_out(turn, directives)):
                without_dialogue.reply(turn)
        _advance(uow, row, "done", turn.now)
    _announce(ports, held)


def _held(uow: UnitOfWork, key: str) -> ConversationRow | None:
    """The conversation with its case held: whoever accepts it now waits for this commit, or was seen by it.

    The case first, as everyone who handles one does: two who lock in the same order never wait for each other.
    """
    conversation = uow.conversations.by_key(key)
    if conversation is not None and conversation.case_id is not None:
        uow.cases.hold(conversation.case_id)
        uow.session.refresh(conversation)
    return conversation


def _announce(ports: Ports, conversation: ConversationRow) -> None:
    """Wake the citizen's open page and the delivery."""
    ports.wakeup.notify(f"start:{conversation.key}")
    ports.wakeup.notify(f"conversation:{conversation.id}")
    ports.wakeup.notify("outbox")


def _begin(
    ports: Ports,
    uow: UnitOfWork,
    row: InboxRow,
    incoming: Incoming,
    understanding: Understanding,
    language: str,
) -> Turn:
    """Find or make the conversation, write the message into it, and follow the citizen's language."""
    now = ports.clock()
    conversation = _held(uow, incoming.conversation_key)
    if conversation is None:
        conversation = uow.conversations.create(
            incoming.conversation_key, incoming.channel, incoming.address, language, now
        )
    if incoming.text and not incoming.payload and understanding.language in LANGUAGES:
        conversation.language = understanding.language
    turn = Turn(ports, uow, conversation, incoming, understanding, now)
    turn.message = uow.conversations.say(
        conversation,
        "citizen",
        incoming.text,
        now,
        language=understanding.language if incoming.text else "",
        extra=_citizen_extra(incoming),
        inbox_id=row.id,
    )
    keep_files(uow, turn.message, incoming, now)
    return turn


def _citizen_extra(incoming: Incoming) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if incoming.client_message_id:
        extra["client_message_id"] = incoming.client_message_id
    if incoming.lat is not None and incoming.lon is not None:
        extra["location"] = {"lat": incoming.lat, "lon": incoming.lon}
    if incoming.unreadable:
        extra["unreadable"] = incoming.unreadable
    return extra


def _first_language(incoming: Incoming) -> str:
    """Before anyone has written a word: what the channel says, else Turkish."""
    return _named_language(incoming) or DEFAULT_LANGUAGE


def _named_language(incoming: Incoming) -> str | None:
    """The language the channel names, if it is one of ours."""
    code = incoming.language.split("-")[0].lower()
    return code if code in LANGUAGES else None


def _metadata(conversation: ConversationRow, understanding: Understanding) -> dict[str, Any]:
    """What the dialogue engine is told, so that no work is done twice; of the place only what is certain."""
    location = Location.from_dict(conversation.location)
    return {
        "understanding": understanding.to_dict(),
        "case": conversation.case_id,
        "location": replace(location, others=()).to_dict() if location and location.country else None,
        "language": conversation.language,
        "answered": open_questions.answered(conversation),
    }


def _advance(uow: UnitOfWork, row: InboxRow, state: str, now: datetime) -> None:
    if not uow.inbox.advance(row, state, now):
        raise LeaseLost
    row.state = state


def _step_aside(ports: Ports, row: InboxRow, error: Exception) -> None:
    """A row that keeps failing must not block the conversation: it is kept, and the citizen is told."""
    log.exception("message_failed", inbox=row.id, attempts=row.attempts)
    now = ports.clock()
    with ports.database.write() as uow:
        if row.attempts < MAX_ATTEMPTS:
            uow.inbox.release(row, now + timedelta(seconds=2**row.attempts), repr(error)[:500])
            return
        if not uow.inbox.advance(row, "failed", now, repr(error)[:500]):
            return
    try:
        _apologise(ports, Incoming.from_dict(row.body), now)
    except Exception:
        log.exception("apology_failed", inbox=row.id)


def _apologise(ports: Ports, incoming: Incoming, now: datetime) -> None:
    """Something broke on our side: say so, with a number that is answered."""
    with ports.database.write() as uow:
        conversation = uow.conversations.by_key(incoming.conversation_key)
        if conversation is None:
            language = _first_language(incoming)
            key, channel, address = incoming.conversation_key, incoming.channel, incoming.address
            conversation = uow.conversations.create(key, channel, address, language, now)
        # Also while a person has the conversation: they have not read it, and must not be thought to have.
        location = Location.from_dict(conversation.location)
        number = call_centre_number(ports.knowledge.directory, location.country if location else None)
        send(uow, conversation, say("say.something_broke", conversation.language, number=number), now)
    _announce(ports, conversation)
