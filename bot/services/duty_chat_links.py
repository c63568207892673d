"""Connecting Telegram: a person's private chat, a desk's group; and what becomes of a group."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bot.domain.desks import COORDINATION
from bot.i18n.catalogues import text
from bot.services.alert_ways import mailbox_language
from bot.services.duty_chat_out import tell
from bot.services.ports import Ports
from bot.services.routing import desk_name
from bot.storage.tables_staff import AuditRow, DeskRow, StaffRow
from bot.storage.unit_of_work import UnitOfWork

LINKED, UNLINKED, LOST = "telegram_group_linked", "telegram_group_unlinked", "telegram_group_lost"


def connect_person(
    uow: UnitOfWork, ports: Ports, secret_hash: str, chat: str, now: datetime
) -> tuple[str, StaffRow | None]:
    """Tie a private chat to the person whose code it brings. Returns the sentence's key, and who it is now.

    A chat of theirs that is replaced hears of it: somebody else may have sat at their console.
    """
    link = uow.telegram_links.take(secret_hash, now, for_a_desk=False)
    staff = uow.staff.get(link.staff_id) if link is not None and link.staff_id else None
    if staff is None or not staff.active:
        return "duty_chat.link_wrong", None
    other = uow.staff.by_telegram(chat)
    if other is not None and other.id != staff.id:
        return "duty_chat.link_taken", None
    if staff.telegram_chat and staff.telegram_chat != chat:
        page = f"{ports.console_url}/me/telegram"
        words = text("duty_chat.linked_elsewhere", staff.language, link=page)
        tell(uow, staff.telegram_chat, words, staff.language, now, key=f"relinked:{secret_hash}")
    uow.staff.give_chat(staff, chat)
    uow.audit.record(staff.id, "telegram_linked", f"staff:{staff.id}", now)
    return "duty_chat.linked", staff


def disconnect_person(uow: UnitOfWork, staff_id: int, now: datetime) -> None:
    """Nothing goes to this person's chat any more."""
    uow.staff.get(staff_id).telegram_chat = None
    uow.audit.record(staff_id, "telegram_unlinked", f"staff:{staff_id}", now)


def connect_group(uow: UnitOfWork, secret_hash: str, chat: str, by: int | None, now: datetime) -> DeskRow | None:
    """Tie a group to the desk whose code was written there. None if the code does not work."""
    link = uow.telegram_links.take(secret_hash, now, for_a_desk=True)
    desk = uow.desks.row(link.desk_id) if link is not None and link.desk_id else None
    if desk is None:
        return None
    desk.telegram_group = chat
    uow.audit.record(by, LINKED, f"desk:{desk.id}", now)
    return desk


def disconnect_group(uow: UnitOfWork, desk_id: str, by: int, now: datetime) -> None:
    """Nothing goes to this desk's group any more. Raises LookupError."""
    desk = uow.desks.row(desk_id)
    if desk is None:
        raise LookupError(desk_id)
    desk.telegram_group = None
    uow.audit.record(by, UNLINKED, f"desk:{desk_id}", now)


def desks_of_group(uow: UnitOfWork, chat: str) -> list[DeskRow]:
    """The desks whose alerts go to this group."""
    return [desk for desk in uow.desks.rows() if desk.telegram_group == chat]


def group_moved(uow: UnitOfWork, old: str, new: str, now: datetime) -> None:
    """A group became a supergroup and has a new number: the desk and what waits for it follow."""
    for desk in desks_of_group(uow, old):
        desk.telegram_group = new
        uow.audit.record(None, "telegram_group_moved", f"desk:{desk.id}", now)
    uow.outbox.move("telegram", old, new)


def group_left(uow: UnitOfWork, ports: Ports, chat: str, key: str, now: datetime) -> None:
    """We were removed from a group: its desks have none any more, and the coordinators hear of it, once per `key`."""
    for desk in desks_of_group(uow, chat):
        desk.telegram_group = None
        uow.audit.record(None, LOST, f"desk:{desk.id}", now)
        for staff in uow.desks.members(COORDINATION):
            if staff.telegram_chat and ports.telegram:
                name = desk_name(uow, ports.knowledge.directory, desk.id, staff.language)
                words = text("duty_chat.group_lost", staff.language, desk=name)
                tell(uow, staff.telegram_chat, words, staff.language, now, key=f"{key}:{desk.id}:{staff.id}")


def group_lost_at(uow: UnitOfWork, desk_id: str) -> datetime | None:
    """When we were removed from the desk's group, if nobody has set up another since."""
    query = select(AuditRow).where(AuditRow.subject == f"desk:{desk_id}", AuditRow.action.in_((LINKED, UNLINKED, LOST)))
    newest = uow.session.scalars(query.order_by(AuditRow.id.desc()).limit(1)).first()
    return newest.at if newest is not None and newest.action == LOST else None


def group_language(uow: UnitOfWork, chat: str) -> str:
    """What is spoken at the first desk of a group."""
    desks = desks_of_group(uow, chat)
    return mailbox_language(uow, desks[0].id) if desks else "tr"
