"""Test alerts: whether the ways to a desk or a person work is known before somebody needs help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.i18n.catalogues import text
from bot.services.alert_ways import mailbox_language
from bot.services.people import PeopleError, the_desk
from bot.services.ports import Ports
from bot.services.routing import desk_name
from bot.storage.bounces import desk_addresses, takes_mail
from bot.storage.tables import OutboxRow
from bot.storage.tables_alerts import BounceRow
from bot.storage.tables_staff import DeskRow, StaffRow
from bot.storage.unit_of_work import UnitOfWork

WAYS = ("webhook", "email", "telegram_group")
WAYS_TO_A_PERSON = ("telegram", "email")  # a browser is tested from the page of the person who sits before it


@dataclass(frozen=True)
class Trial:
    """The newest test by one way, and what became of it."""

    way: str
    row: OutboxRow


@dataclass(frozen=True)
class Bounced:
    """A way that leads nowhere since a moment."""

    way: str
    since: datetime


def ways_of(desk: DeskRow, ports: Ports) -> list[str]:
    """The ways of the desk itself by which an alert would leave now, bounced or not."""
    on = {"webhook": True, "email": ports.email, "telegram_group": ports.telegram}
    return [way for way in desk_addresses(desk) if on[way]]


def ways_to(staff: StaffRow, ports: Ports) -> list[str]:
    """The ways of a person that can be tested for them, bounced or not."""
    on = {"telegram": bool(staff.telegram_chat) and ports.telegram, "email": ports.email and takes_mail(staff)}
    return [way for way in WAYS_TO_A_PERSON if on[way]]


def send(uow: UnitOfWork, ports: Ports, desk_id: str, by: int, now: datetime) -> list[str]:
    """Queue one test message per way, and say which. Raises LookupError, and PeopleError where there is no way."""
    desk = the_desk(uow, desk_id)
    ways = ways_of(desk, ports)
    if not ways:
        raise PeopleError("no_way_to_test")
    for way in ways:
        body = _for_webhook(ports, desk_id, now) if way == "webhook" else _for_readers(uow, ports, desk_id)
        _queue(uow, f"test:{desk_id}:{way}", *_of_desk(desk, way), body, now)
    uow.audit.record(by, "test_alert", f"desk:{desk_id}", now, ways=ways)
    return ways


def send_to_person(uow: UnitOfWork, ports: Ports, staff_id: int, by: int, now: datetime) -> list[str]:
    """The same for one person. Raises LookupError, PeopleError."""
    staff = uow.staff.get(staff_id)
    ways = ways_to(staff, ports)
    if not ways:
        raise PeopleError("no_way_to_person")
    language = staff.language
    body = {
        "subject": text("alert.test_person_subject", language),
        "text": text("alert.test_person", language),
        "language": language,
    }
    for way in ways:
        _queue(uow, f"test:staff-{staff.id}:{way}", *_of_person(staff, way), body, now)
    uow.audit.record(by, "test_alert", f"staff:{staff.id}", now, ways=ways)
    return ways


def latest(uow: UnitOfWork, desk: DeskRow) -> list[Trial]:
    """What became of the newest test by each way that was ever tested."""
    return _newest(uow, [(f"test:{desk.id}:{way}:", way, *_of_desk(desk, way)) for way in WAYS])


def latest_to(uow: UnitOfWork, staff: StaffRow) -> list[Trial]:
    """The same for one person."""
    keys = [(f"test:staff-{staff.id}:{way}:", way, *_of_person(staff, way)) for way in WAYS_TO_A_PERSON]
    return _newest(uow, keys)


def bounced(desk: DeskRow, bounces: dict[tuple[str, str], BounceRow]) -> list[Bounced]:
    """The ways of a desk that refuse messages."""
    found = ((way, bounces.get(target)) for way, target in desk_addresses(desk).items())
    return [Bounced(way, bounce.at) for way, bounce in found if bounce]


def bounced_to(staff: StaffRow, bounces: dict[tuple[str, str], BounceRow]) -> list[Bounced]:
    """The ways of a person that refuse messages."""
    targets = {"telegram": ("telegram", staff.telegram_chat or ""), "email": ("email", staff.email)}
    found = ((way, bounces.get(target)) for way, target in targets.items())
    return [Bounced(way, bounce.at) for way, bounce in found if bounce]


def _of_desk(desk: DeskRow, way: str) -> tuple[str, str]:
    """Channel and address of the outbox."""
    return ("telegram", desk.telegram_group or "") if way == "telegram_group" else (way, desk.id)


def _of_person(staff: StaffRow, way: str) -> tuple[str, str]:
    return ("telegram", staff.telegram_chat or "") if way == "telegram" else (way, f"staff:{staff.id}")


def _queue(uow: UnitOfWork, key: str, channel: str, address: str, body: dict[str, Any], now: datetime) -> None:
    uow.outbox.add(channel, address, body, now, dedup_key=f"{key}:{now.isoformat()}", first=True)


def _newest(uow: UnitOfWork, keys: list[tuple[str, str, str, str]]) -> list[Trial]:
    found = ((way, uow.outbox.newest(channel, address, key)) for key, way, channel, address in keys)
    return [Trial(way, row) for way, row in found if row is not None]


def _for_webhook(ports: Ports, desk_id: str, now: datetime) -> dict[str, Any]:
    data = {"desk": desk_id, "test": True, "link": ports.console_url}
    return {"type": "test.alert", "timestamp": now.isoformat(), "data": data}


def _for_readers(uow: UnitOfWork, ports: Ports, desk_id: str) -> dict[str, Any]:
    language = mailbox_language(uow, desk_id)
    name = desk_name(uow, ports.knowledge.directory, desk_id, language)
    return {
        "subject": text("alert.test_subject", language, desk=name),
        "text": text("alert.test", language, desk=name),
        "language": language,
    }
