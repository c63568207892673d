"""The ways by which an alert leaves: to one person, or to a desk as a whole. One small function each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import text
from bot.i18n.texts import ALL_TEXTS
from bot.services.ports import Ports
from bot.storage.tables import CaseRow
from bot.storage.tables_staff import DeskRow, StaffRow
from bot.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Page:
    """One alert about to leave: which case, to which desk, on which occasion ("" for the first)."""

    case: CaseRow
    desk_id: str
    again: str
    now: datetime

    def key(self, way: str) -> str:
        """Unique per case, desk, occasion and way, so that nobody is paged twice for one thing."""
        return f"alert:{self.case.id}:{self.desk_id}:{self.again}:{way}"


def kind_name(label: str, language: str) -> str:
    """How a case's subject is called; topics are just questions here."""
    key = f"kind.{label}"
    return text(key if key in ALL_TEXTS else "kind.question", language)


def words(key: str, ports: Ports, case: CaseRow, language: str) -> str:
    """What an alert says: number, kind and severity of the case, nothing of what was written."""
    return text(
        key,
        language,
        case=case.id,
        kind=kind_name(case.label, language),
        severity=text(f"severity.{Severity(case.severity)}", language),
        link=f"{ports.console_url}/cases/{case.id}",
    )


def mailbox_language(uow: UnitOfWork, desk_id: str) -> str:
    """A mailbox or group has no language of its own: that of most people at the desk, or Turkish."""
    spoken = Counter(staff.language for staff in uow.desks.members(desk_id))
    return max(sorted(spoken), key=lambda language: spoken[language], default="tr")


# --- to one person ---------------------------------------------------------------------------------
def telegram(uow: UnitOfWork, ports: Ports, page: Page, staff: StaffRow) -> bool:
    """To the person's private chat."""
    if not staff.telegram_chat or not ports.telegram:
        return False
    body = {"text": words("alert.case", ports, page.case, staff.language), "language": staff.language}
    key = page.key(f"telegram:{staff.id}")
    uow.outbox.add("telegram", staff.telegram_chat, body, page.now, dedup_key=key, case_id=page.case.id)
    return True


# --- to a desk as a whole ------------------------------------------------------------------------------
def webhook(uow: UnitOfWork, ports: Ports, page: Page, desk: DeskRow) -> bool:
    """To the desk's partner system: numbers and a link, no more."""
    if not desk.webhook_url:
        return False
    case = page.case
    link = f"{ports.console_url}/cases/{case.id}"
    data: dict[str, Any] = {"case": case.id, "desk": desk.id, "severity": case.severity, "link": link}
    body = {"type": "case.alert", "timestamp": page.now.isoformat(), "data": data}
    uow.outbox.add("webhook", desk.id, body, page.now, dedup_key=page.key("webhook"), case_id=case.id)
    return True


def email(uow: UnitOfWork, ports: Ports, page: Page, desk: DeskRow) -> bool:
    """To the desk's mailbox."""
    if not desk.email or not ports.email:
        return False
    language = mailbox_language(uow, desk.id)
    body = {
        "subject": words("alert.mail_subject", ports, page.case, language),
        "text": words("alert.case", ports, page.case, language),
        "language": language,
    }
    uow.outbox.add("email", desk.id, body, page.now, dedup_key=page.key("email"), case_id=page.case.id)
    return True


def telegram_group(uow: UnitOfWork, ports: Ports, page: Page, desk: DeskRow) -> bool:
    """To the desk's Telegram group."""
    if not desk.telegram_group or not ports.telegram:
        return False
    language = mailbox_language(uow, desk.id)
    body = {"text": words("alert.case", ports, page.case, language), "language": language}
    key = page.key("telegram_group")
    uow.outbox.add("telegram", desk.telegram_group, body, page.now, dedup_key=key, case_id=page.case.id)
    return True


TO_A_PERSON: dict[str, Callable[[UnitOfWork, Ports, Page, StaffRow], bool]] = {"telegram": telegram}
TO_A_DESK: dict[str, Callable[[UnitOfWork, Ports, Page, DeskRow], bool]] = {
    "webhook": webhook,
    "email": email,
    "telegram_group": telegram_group,
}
