"""Pictures and other files that citizens send: only people look at them, and the citizen is told so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.services import alerts
from bot.services.incoming import Incoming
from bot.services.replies import button, say
from bot.services.turn import Turn
from bot.storage.tables import MessageRow
from bot.storage.unit_of_work import UnitOfWork

ONE_ALBUM = timedelta(minutes=1)  # a channel hands over ten pictures as ten messages


def keep_files(uow: UnitOfWork, message: MessageRow, incoming: Incoming, now: datetime) -> None:
    """Write down what came along with a message; the files themselves stay where they are."""
    for raw in incoming.attachments:
        uow.attachments.add(message.id, incoming.channel, now, **_fields(raw))


def _fields(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": str(raw.get("kind", "document")),
        "mime": str(raw.get("mime") or "")[:100],
        "size": int(raw.get("size") or 0),
        "name": str(raw.get("name") or "")[:200],
        "remote_id": raw.get("remote_id"),
    }


def tell_the_owner(turn: Turn) -> None:
    """The citizen of an open case has sent something."""
    if turn.case is not None and turn.message is not None:
        alerts.citizen_wrote(turn.uow, turn.ports, turn.case, turn.message.id, turn.now)


def acknowledge_files(turn: Turn) -> None:
    """Say who will see the files: once per case, and once per album. With a person the bot stays silent."""
    if not turn.incoming.attachments or turn.message is None or turn.conversation.mode == "human":
        return
    case, language = turn.case, turn.language
    since = case.opened_at if case is not None else turn.now - ONE_ALBUM
    if turn.uow.attachments.sent_before(turn.message, since):
        return
    if case is not None:
        turn.say(say("files.passed_on", language))
        return
    key = "files.only_people_too" if turn.incoming.text else "files.only_people"
    turn.say(say(key, language, button("button.human", language, "/human")))
