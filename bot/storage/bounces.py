"""Addresses that refused a message for good, and which ways to people and desks are left."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.domain.mail import is_mail_address
from bot.storage.inserts import insert_for
from bot.storage.tables_alerts import BounceRow
from bot.storage.tables_staff import DeskRow, StaffRow


class BounceRepository:
    """Reads and writes bounces within one unit of work. `channel` is that of the outbox."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, channel: str, address: str, error: str, now: datetime) -> bool:
        """Remember that an address refuses. False if that was known."""
        row = {"channel": channel, "address": address, "at": now, "error": error}
        result = self._session.execute(insert_for(self._session)(BounceRow).values(row).on_conflict_do_nothing())
        assert isinstance(result, CursorResult)
        return result.rowcount == 1

    def clear(self, channel: str, address: str) -> None:
        """Something arrived there, or came from there: it counts again."""
        self._session.execute(delete(BounceRow).where(BounceRow.channel == channel, BounceRow.address == address))

    def all(self) -> dict[tuple[str, str], BounceRow]:
        """Every bounce by (channel, address)."""
        return {(row.channel, row.address): row for row in self._session.scalars(select(BounceRow))}


@dataclass(frozen=True)
class Reach:
    """Which ways lead anywhere: what is set up in this installation, and what has bounced."""

    telegram: bool
    email: bool
    bounced: Container[tuple[str, str]] = ()
    push: Container[int] = field(default=())  # people with a browser that takes push messages

    def to_person(self, staff: StaffRow) -> list[str]:
        """A person's own ways, best first. Only the first is used; the next one when it fails."""
        ways = []
        if self.telegram and staff.telegram_chat and ("telegram", staff.telegram_chat) not in self.bounced:
            ways.append("telegram")
        if staff.id in self.push:
            ways.append("push")
        if self.email and takes_mail(staff) and ("email", staff.email) not in self.bounced:
            ways.append("email")
        return ways

    def to_desk(self, desk: DeskRow) -> list[str]:
        """The ways to a desk as a whole. All of them are used."""
        addresses = desk_addresses(desk)
        on = {"webhook": True, "email": self.email, "telegram_group": self.telegram}
        return [way for way, target in addresses.items() if on[way] and target not in self.bounced]


def takes_mail(staff: StaffRow) -> bool:
    """Whether a person's sign-in address is one that mail can be sent to; a demo's is not."""
    return not staff.demo and is_mail_address(staff.email)


def desk_addresses(desk: DeskRow) -> dict[str, tuple[str, str]]:
    """The (channel, address) behind each way that a desk has."""
    found = {
        "webhook": ("webhook", desk.webhook_url or ""),
        "email": ("email", desk.email or ""),
        "telegram_group": ("telegram", desk.telegram_group or ""),
    }
    return {way: target for way, target in found.items() if target[1]}
