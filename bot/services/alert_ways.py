"""The ways by which an alert leaves: to one person, or to a desk as a whole. One small function each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.desks import COORDINATION
from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import text
from bot.i18n.texts import ALL_TEXTS
from bot.services import push as browser_push
from bot.services.duty_chat_out import ways_in
from bot.services.ports import Ports
from bot.storage.bounces import Reach, takes_mail
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
    people: int = 0  # in the case's incident by now, if it is in one

    @property
    def sentence(self) -> str:
        """The key of what it says; a case whose owner went off duty is not a new one."""
        return "alert.shift_ended" if self.again.startswith("shift:") else "alert.case"

    def key(self, way: str) -> str:
        """Unique per case, desk, occasion and way, so that nobody is paged twice for one thing."""
        return f"alert:{self.case.id}:{self.desk_id}:{self.again}:{way}"


def kind_name(label: str, language: str) -> str:
    """How a case's subject is called; topics are just questions here."""
    key = f"kind.{label}"
    return text(key if key in ALL_TEXTS else "kind.question", language)


def words(key: str, ports: Ports, case: CaseRow, language: str) -> str:
    """What an alert says: number, kind and severity of the case, nothing of what was written; a drill says so first."""
    alert = text(
        key,
        language,
        case=case.id,
        kind=kind_name(case.label, language),
        severity=text(f"severity.{Severity(case.severity)}", language),
        link=f"{ports.console_url}/cases/{case.id}",
    )
    return text("alert.drill", language, alert=alert) if case.drill else alert


def page_words(ports: Ports, page: Page, language: str) -> str:
    """What a page says: of its case, and how many others are in the same incident."""
    said, incident = words(page.sentence, ports, page.case, language), page.case.incident_id
    if incident is None:
        return said
    link = f"{ports.console_url}/incidents/{incident}"
    return f"{said}\n{text('alert.incident', language, incident=incident, people=page.people, link=link)}"


def mailbox_language(uow: UnitOfWork, desk_id: str) -> str:
    """A mailbox or group has no language of its own: that of most people at the desk, or Turkish."""
    spoken = Counter(staff.language for staff in uow.desks.members(desk_id))
    return max(sorted(spoken), key=lambda language: spoken[language], default="tr")


# --- to one person ---------------------------------------------------------------------------------
def telegram(uow: UnitOfWork, ports: Ports, page: Page, staff: StaffRow) -> bool:
    """To the person's private chat."""
    if not staff.telegram_chat or not ports.telegram:
        return False
    body: dict[str, Any] = {"text": page_words(ports, page, staff.language), "language": staff.language}
    body["buttons"] = ways_in(uow, page.case, staff)
    key = page.key(f"telegram:{staff.id}")
    uow.outbox.add("telegram", staff.telegram_chat, body, page.now, dedup_key=key, case_id=page.case.id)
    return True


def push(uow: UnitOfWork, ports: Ports, page: Page, staff: StaffRow) -> bool:
    """To the browsers the person has turned on; on a lock screen stands no kind of case."""
    sentence = words("alert.mail_subject", ports, page.case, staff.language)
    return browser_push.queue(uow, staff, page.case, sentence, page.now, page.key(f"push:{staff.id}"))


def tell(
    uow: UnitOfWork, ports: Ports, staff: StaffRow, case: CaseRow | None, sentence: str, key: str, now: datetime
) -> bool:
    """One sentence to one person, about a case if there is one, by the first of their ways.

    False: they have none, or may not sign in any more.
    """
    if not staff.active:
        return False
    case_id = case.id if case else None
    for name in uow.desks.reach(telegram=ports.telegram, email=ports.email).to_person(staff):
        if name == "telegram":
            body: dict[str, Any] = {"text": sentence, "language": staff.language}
            if case is not None and case.owner_id == staff.id:
                body["buttons"] = ways_in(uow, case, staff)
            uow.outbox.add("telegram", staff.telegram_chat or "", body, now, dedup_key=key, case_id=case_id)
        elif name == "email":
            subject = text("alert.case_subject" if case else "alert.notice_subject", staff.language, case=case_id)
            body = {"subject": subject, "text": sentence, "language": staff.language}
            uow.outbox.add("email", f"staff:{staff.id}", body, now, dedup_key=key, case_id=case_id)
        elif not browser_push.queue(uow, staff, case, sentence, now, key):
            continue
        return True
    return False


def personal_email(uow: UnitOfWork, ports: Ports, page: Page, staff: StaffRow) -> bool:
    """To the address the person signs in with."""
    if not ports.email or not takes_mail(staff):
        return False
    body = {
        "subject": words("alert.mail_subject", ports, page.case, staff.language),
        "text": page_words(ports, page, staff.language),
        "language": staff.language,
    }
    key = page.key(f"email:{staff.id}")
    uow.outbox.add("email", f"staff:{staff.id}", body, page.now, dedup_key=key, case_id=page.case.id)
    return True


def page_person(
    uow: UnitOfWork, ports: Ports, page: Page, staff: StaffRow, reach: Reach, *, after: str = ""
) -> list[str]:
    """Queue the first way of theirs that leads anywhere, of those after `after`: one page, and never two.

    Gives it as ['telegram:7'], or nothing. At the end of the chain a bounced address is tried all the same.
    """
    names = list(TO_A_PERSON)[list(TO_A_PERSON).index(after) + 1 :] if after else list(TO_A_PERSON)
    good = reach.to_person(staff) or (names if page.desk_id == COORDINATION else [])
    used = (name for name in names if name in good and TO_A_PERSON[name](uow, ports, page, staff))
    first = next(used, None)
    return [f"{first}:{staff.id}"] if first else []


# --- to a desk as a whole ------------------------------------------------------------------------------
def webhook(uow: UnitOfWork, ports: Ports, page: Page, desk: DeskRow) -> bool:
    """To the desk's partner system: numbers and a link, no more."""
    if not desk.webhook_url:
        return False
    case = page.case
    link = f"{ports.console_url}/cases/{case.id}"
    data: dict[str, Any] = {"case": case.id, "desk": desk.id, "severity": case.severity, "link": link}
    data |= {"drill": True} if case.drill else {}
    data |= {"incident": case.incident_id, "people": page.people} if case.incident_id else {}
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
        "text": page_words(ports, page, language),
        "language": language,
    }
    uow.outbox.add("email", desk.id, body, page.now, dedup_key=page.key("email"), case_id=page.case.id)
    return True


def telegram_group(uow: UnitOfWork, ports: Ports, page: Page, desk: DeskRow) -> bool:
    """To the desk's Telegram group."""
    if not desk.telegram_group or not ports.telegram:
        return False
    language = mailbox_language(uow, desk.id)
    body: dict[str, Any] = {"text": page_words(ports, page, language), "language": language}
    body["buttons"] = ways_in(uow, page.case, None, language)
    key = page.key("telegram_group")
    uow.outbox.add("telegram", desk.telegram_group, body, page.now, dedup_key=key, case_id=page.case.id)
    return True


# Best first: only one of a person's own ways is used, and the next one when it fails.
TO_A_PERSON: dict[str, Callable[[UnitOfWork, Ports, Page, StaffRow], bool]] = {
    "telegram": telegram,
    "push": push,
    "email": personal_email,
}
# All of a desk's ways are used.
TO_A_DESK: dict[str, Callable[[UnitOfWork, Ports, Page, DeskRow], bool]] = {
    "webhook": webhook,
    "email": email,
    "telegram_group": telegram_group,
}
