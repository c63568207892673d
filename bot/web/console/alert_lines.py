"""What became of each alert, in words: to whom, by which way, when, or why not and what was tried instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.alerting import read_key
from bot.domain.cases import EventKind
from bot.i18n.texts import ALL_TEXTS
from bot.services.alert_failures import TO_CITIZENS
from bot.services.routing import desk_name
from bot.storage.tables import CaseEventRow, OutboxRow
from bot.storage.unit_of_work import UnitOfWork
from bot.web.console.pages import View

WAYS = ("telegram", "telegram_group", "email", "webhook", "push", "console")


@dataclass(frozen=True)
class DeliveryLine:
    """One delivery: to whom and by which way, how it stands, and what else there is to say."""

    at: datetime
    receiver: str
    way: str
    status: str
    detail: str = ""


def way_name(view: View, way: str) -> str:
    """'telegram:7' and 'telegram' are called Telegram; a way we have no word for keeps its own."""
    name = way.split(":")[0]
    return view.t(f"alert_way.{name}") if name in WAYS else name


def error_words(view: View, code: str) -> str:
    """Why something did not arrive, without addresses."""
    key = f"alert_error.{code}"
    return view.t(key if key in ALL_TEXTS else "alert_error.refused")


def failure_words(view: View, uow: UnitOfWork, data: dict[str, Any]) -> tuple[str, str]:
    """The sentence and the detail of an ALERT_FAILED event."""
    receiver = data.get("name") or desk_name(uow, view.ports.knowledge.directory, data["desk"], view.language)
    key = "event.alert_late" if data.get("late") else "event.alert_failed"
    words = {"receiver": receiver, "way": way_name(view, data["way"]), "error": error_words(view, data["error"])}
    return view.t(key, **words), _instead(view, data)


def delivery_lines(
    view: View, uow: UnitOfWork, rows: Iterable[OutboxRow], events: Iterable[CaseEventRow], zone: str
) -> list[DeliveryLine]:  # fmt: skip
    """Everything that left, or should have left, because of a case; never a number or an address."""
    failures = {event.data.get("row"): event.data for event in events if event.kind == EventKind.ALERT_FAILED}
    return [_line(view, uow, row, failures.get(row.id), zone) for row in rows]


def _line(view: View, uow: UnitOfWork, row: OutboxRow, failure: dict[str, Any] | None, zone: str) -> DeliveryLine:
    alert = read_key(row.dedup_key)
    if alert is None:
        key = "to_citizen" if row.dedup_key.startswith(TO_CITIZENS) else "notice"
        receiver, way = view.t(f"console.delivery.{key}"), row.channel
    elif alert.staff_id is not None:
        receiver, way = uow.staff.get(alert.staff_id).name, alert.way
    else:
        receiver, way = desk_name(uow, view.ports.knowledge.directory, alert.desk_id, view.language), alert.way
    status = view.t(f"console.delivery.{row.state}")
    if row.state == "sent" and row.sent_at is not None:
        status = view.t("console.delivery.arrived", time=view.at(row.sent_at, zone))
    details = []
    if row.state == "new" and row.attempts > 1:
        details.append(view.t("console.delivery.tries", n=row.attempts))
    if failure is not None and row.state != "sent":
        details += [error_words(view, failure["error"]), _instead(view, failure)]
    return DeliveryLine(row.created_at, receiver, way_name(view, way), status, ". ".join(details))


def _instead(view: View, data: dict[str, Any]) -> str:
    ways = ", ".join(way_name(view, way) for way in data["instead"])
    return view.t("alert.instead", ways=ways) if ways else view.t("alert.no_other_way")
