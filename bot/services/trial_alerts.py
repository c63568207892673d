"""Test alerts: whether the ways to a desk work is known before somebody needs help."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.i18n.catalogues import text
from bot.services.alert_ways import mailbox_language
from bot.services.people import PeopleError, the_desk
from bot.services.ports import Ports
from bot.services.routing import desk_name
from bot.storage.tables import OutboxRow
from bot.storage.tables_staff import DeskRow
from bot.storage.unit_of_work import UnitOfWork

WAYS = ("webhook", "email")


def ways_of(desk: DeskRow, ports: Ports) -> list[str]:
    """The ways of the desk itself by which an alert would leave now."""
    usable = {"webhook": bool(desk.webhook_url), "email": bool(desk.email and ports.email)}
    return [way for way in WAYS if usable[way]]


def send(uow: UnitOfWork, ports: Ports, desk_id: str, by: int, now: datetime) -> list[str]:
    """Queue one test message per way, and say which. Raises LookupError, and PeopleError where there is no way."""
    ways = ways_of(the_desk(uow, desk_id), ports)
    if not ways:
        raise PeopleError("no_way_to_test")
    bodies = {"webhook": _for_webhook, "email": _for_mailbox}
    for way in ways:
        body = bodies[way](uow, ports, desk_id, now)
        uow.outbox.add(way, desk_id, body, now, dedup_key=f"test:{desk_id}:{way}:{now.isoformat()}")
    uow.audit.record(by, "test_alert", f"desk:{desk_id}", now, ways=ways)
    return ways


def latest(uow: UnitOfWork, desk_id: str) -> list[OutboxRow]:
    """What became of the newest test by each way that was ever tested."""
    found = (uow.outbox.newest(way, desk_id, f"test:{desk_id}:") for way in WAYS)
    return [row for row in found if row is not None]


def _for_webhook(_uow: UnitOfWork, ports: Ports, desk_id: str, now: datetime) -> dict[str, Any]:
    data = {"desk": desk_id, "test": True, "link": ports.console_url}
    return {"type": "test.alert", "timestamp": now.isoformat(), "data": data}


def _for_mailbox(uow: UnitOfWork, ports: Ports, desk_id: str, _now: datetime) -> dict[str, Any]:
    language = mailbox_language(uow, desk_id)
    name = desk_name(uow, ports.knowledge.directory, desk_id, language)
    return {
        "subject": text("alert.test_subject", language, desk=name),
        "text": text("alert.test", language, desk=name),
        "language": language,
    }
