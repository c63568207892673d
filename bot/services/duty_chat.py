"""Duty in Telegram: what staff and their groups do there, handled before anybody is taken for a citizen.

It comes through the inbox like everything else, so a repeated update has no second effect.
"""

from __future__ import annotations

from datetime import datetime

from bot.i18n.catalogues import text
from bot.services.duty_chat_buttons import press
from bot.services.duty_chat_links import (
    connect_group,
    connect_person,
    desks_of_group,
    group_language,
    group_left,
    group_moved,
)
from bot.services.duty_chat_out import DUTY, tell
from bot.services.duty_chat_turn import Talk
from bot.services.duty_chat_words import heard
from bot.services.incoming import Incoming
from bot.services.ports import Ports
from bot.services.routing import desk_name
from bot.storage.unit_of_work import UnitOfWork


def concerns(uow: UnitOfWork, incoming: Incoming) -> bool:
    """Whether this may be somebody on duty; asked of every message, so it reads next to nothing."""
    duty = incoming.duty
    if not duty:
        return False
    if incoming.payload.startswith(DUTY) or "link" in duty or "event" in duty:
        return True
    if duty.get("group") or incoming.payload:
        return False
    return bool(duty.get("sender")) and uow.staff.by_telegram(str(duty["sender"])) is not None


def take(uow: UnitOfWork, ports: Ports, inbox_id: int, incoming: Incoming, now: datetime) -> set[int] | None:
    """Do it. Returns the conversations that changed, or None if this is a citizen's message after all."""
    duty = incoming.duty
    sender = str(duty.get("sender") or "")
    talk = Talk(uow, ports, inbox_id, incoming, now, uow.staff.by_telegram(sender) if sender else None)
    if "event" in duty:
        _group_event(talk, str(duty["event"]))
    elif "link" in duty:
        (_connect_group if talk.in_group else _connect_person)(talk, str(duty["link"]))
    elif incoming.payload.startswith(DUTY):
        press(talk)
    elif talk.staff is None or not heard(talk):
        return None
    return talk.changed


def _connect_person(talk: Talk, secret_hash: str) -> None:
    """The code of the console's page, brought by the person themselves."""
    key, staff = connect_person(talk.uow, talk.ports, secret_hash, talk.incoming.address, talk.now)
    talk.staff = staff or talk.staff
    talk.say(key, name=talk.staff.name if talk.staff else "")


def _connect_group(talk: Talk, secret_hash: str) -> None:
    """The code of a desk's page, written in its group by whoever has it."""
    group, by = talk.incoming.address, talk.staff.id if talk.staff else None
    desk = connect_group(talk.uow, secret_hash, group, by, talk.now)
    if desk is None:
        _to_the_group(talk, "duty_chat.link_wrong")
    else:
        _to_the_group(talk, "duty_chat.group_linked", desk=desk.id)


def _group_event(talk: Talk, event: str) -> None:
    group = talk.incoming.address
    if event == "moved":
        group_moved(talk.uow, group, str(talk.incoming.duty["to"]), talk.now)
    elif event == "left":
        group_left(talk.uow, talk.ports, group, f"duty:{talk.inbox_id}", talk.now)
    elif event == "desk":
        _to_the_group(talk, "duty_chat.group_how")
    elif desks_of_group(talk.uow, group):  # words that answer one of our alerts
        _to_the_group(talk, "duty_chat.not_in_groups")


def _to_the_group(talk: Talk, key: str, desk: str = "") -> None:
    group = talk.incoming.address
    language = group_language(talk.uow, group) if desks_of_group(talk.uow, group) else talk.language
    name = desk_name(talk.uow, talk.ports.knowledge.directory, desk, language) if desk else ""
    tell(talk.uow, group, text(key, language, desk=name), language, talk.now, key=f"duty:{talk.inbox_id}:group")
