"""The part of an update that matters when its sender may be staff, and everything that happens in groups."""

from __future__ import annotations

from typing import Any

from telegram import Message, Update

from bot.services.duty_chat_out import DUTY
from bot.services.incoming import Incoming
from bot.storage.staff import hash_secret

GONE = ("left", "kicked")  # of the bot itself: it can no longer write there


def duty_of(update: Update) -> dict[str, Any]:
    """Who sent it, which message it answers, which button it presses, and the hash of a code that it brings."""
    user, query = update.effective_user, update.callback_query
    found: dict[str, Any] = {"sender": str(user.id) if user else ""}
    if query is not None:
        return found | {"query": query.id}
    message = update.message or update.edited_message
    if message is None:
        return found
    if message.reply_to_message is not None:
        found["reply_to"] = str(message.reply_to_message.message_id)
    code = _code(message, "/start", "link_")
    return found | ({"link": code} if code else {})


def in_a_group(update: Update, bot_id: str, fields: dict[str, Any]) -> Incoming | None:
    """A press, a command or a change of the group itself. A group must not be answered at every word."""
    duty = fields["duty"] | {"group": True}
    fields = fields | {"duty": duty}
    query, member, message = update.callback_query, update.my_chat_member, update.message
    if member is not None:
        duty["event"] = "left"
        return Incoming(**fields) if member.new_chat_member.status in GONE else None
    if query is not None:
        pressed = query.data or ""
        return Incoming(**fields, payload=pressed) if pressed.startswith(DUTY) else None
    if message is None:
        return None
    if message.migrate_to_chat_id is not None:
        duty |= {"event": "moved", "to": str(message.migrate_to_chat_id)}
        return Incoming(**fields)
    if (message.text or "").startswith("/"):
        code = _code(message, "/desk", "") or _code(message, "/start", "desk_")
        if code:
            duty["link"] = code
        elif (message.text or "").split()[0].split("@")[0] == "/desk":
            duty["event"] = "desk"
        return Incoming(**fields, unreadable="group")
    if _answers_us(message, bot_id):
        duty["event"] = "answer"  # its words stay in the group: they are not even stored
        return Incoming(**fields)
    return None


def _code(message: Message, command: str, begins: str) -> str:
    """The hash of the code that follows a command, or nothing: the code itself is never stored."""
    words = (message.text or "").split()
    if len(words) < 2 or words[0].split("@")[0] != command or not words[1].startswith(begins):
        return ""
    return hash_secret(words[1].removeprefix(begins).lower())


def _answers_us(message: Message, bot_id: str) -> bool:
    original = message.reply_to_message
    author = original.from_user if original is not None else None
    return author is not None and str(author.id) == bot_id
