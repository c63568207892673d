"""Notifications in a person's own browsers: turning one on, what is sent to it, and the proof that a test arrived."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.domain.push import HASTE, are_keys, is_endpoint
from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import direction, text
from bot.services.people import PeopleError
from bot.storage.staff import hash_secret
from bot.storage.tables import CaseRow, OutboxRow
from bot.storage.tables_alerts import PushSubscriptionRow
from bot.storage.tables_staff import AuditRow, StaffRow
from bot.storage.unit_of_work import UnitOfWork

CHANNEL = "push"
MOST_BROWSERS = 20
HOME = "/console/me/alerts"


@dataclass(frozen=True)
class Browser:
    """One browser of a person, its newest test, and when a test last arrived there."""

    row: PushSubscriptionRow
    test: OutboxRow | None
    arrived_at: datetime | None

    @property
    def test_arrived(self) -> bool:
        """Whether it is the newest test that arrived."""
        return bool(self.test and self.arrived_at and self.arrived_at >= self.test.created_at)


def queue(uow: UnitOfWork, staff: StaffRow, case: CaseRow | None, sentence: str, now: datetime, key: str) -> bool:
    """One notification per browser of this person; a later one of the same case takes its place. False: no browser."""
    if case is not None:
        body = _body(staff, sentence, f"/console/cases/{case.id}", f"case-{case.id}", Severity(case.severity))
    else:
        body = _body(staff, sentence, "/console/cases", f"notice-{hash_secret(key)[:16]}", Severity.NORMAL)
    case_id = case.id if case else None
    browsers = uow.push_subscriptions.of(staff.id)
    for row in browsers:
        uow.outbox.add(CHANNEL, str(row.id), body, now, dedup_key=f"{key}:{row.id}", case_id=case_id)
    return bool(browsers)


def _body(staff: StaffRow, sentence: str, link: str, tag: str, severity: Severity) -> dict[str, Any]:
    """`message` is what the browser reads; the rest is for the way there. Nothing of what a citizen wrote."""
    language = staff.language
    message = {
        "title": text("push.title", language),
        "body": sentence,
        "link": link,  # a path: the service worker opens it at its own site and nowhere else
        "tag": tag,
        "lang": language,
        "dir": direction(language),
        "stay": severity is Severity.LIFE,  # until somebody has looked
    }
    haste = HASTE[severity]
    return {"message": message, "topic": tag, "urgency": haste.urgency, "ttl": haste.ttl, "staff": staff.id}


def turn_on(uow: UnitOfWork, staff: StaffRow, endpoint: str, p256dh: str, auth: str, now: datetime) -> None:
    """Take a browser's subscription. Raises PeopleError."""
    if not is_endpoint(endpoint) or not are_keys(p256dh, auth):
        raise PeopleError("push_wrong")
    others = [row for row in uow.push_subscriptions.of(staff.id) if row.endpoint != endpoint]
    if len(others) >= MOST_BROWSERS:
        raise PeopleError("push_too_many")
    row = uow.push_subscriptions.add(staff.id, endpoint, p256dh, auth, now)
    uow.audit.record(staff.id, "push_on", f"push:{row.id}", now)


def turn_off(uow: UnitOfWork, staff_id: int, subscription_id: int, now: datetime) -> None:
    """Forget one of a person's own browsers. Raises LookupError."""
    uow.push_subscriptions.remove(_own(uow, staff_id, subscription_id).id)
    uow.audit.record(staff_id, "push_off", f"push:{subscription_id}", now)


def send_test(uow: UnitOfWork, staff: StaffRow, subscription_id: int, now: datetime) -> None:
    """Queue a test with a secret that only the browser itself can read and give back. Raises LookupError."""
    row = _own(uow, staff.id, subscription_id)
    body = _body(staff, text("push.test", staff.language), HOME, "test", Severity.URGENT)
    nonce = secrets.token_urlsafe(16)
    body["message"] |= {"nonce": nonce}
    uow.outbox.add(CHANNEL, str(row.id), body, now, dedup_key=f"{_tests(row.id)}{nonce}")
    uow.audit.record(staff.id, "push_test", f"push:{row.id}", now)


def arrived(uow: UnitOfWork, staff_id: int, nonce: str, now: datetime) -> bool:
    """A browser has shown a test and gives its secret back. False: no test of this person has this secret."""
    for row in uow.push_subscriptions.of(staff_id) if nonce else ():
        test = uow.outbox.newest(CHANNEL, str(row.id), _tests(row.id))
        if test is None or not secrets.compare_digest(test.body["message"]["nonce"].encode(), nonce.encode()):
            continue
        last = _arrived_at(uow, row.id)
        if last is None or last < test.created_at:  # reported twice is arrived once
            uow.audit.record(staff_id, "push_arrived", f"push:{row.id}", now)
        return True
    return False


def browsers_of(uow: UnitOfWork, staff_id: int) -> list[Browser]:
    """What is known about each of a person's browsers."""
    return [
        Browser(row, uow.outbox.newest(CHANNEL, str(row.id), _tests(row.id)), _arrived_at(uow, row.id))
        for row in uow.push_subscriptions.of(staff_id)
    ]


def _own(uow: UnitOfWork, staff_id: int, subscription_id: int) -> PushSubscriptionRow:
    row = uow.push_subscriptions.get(subscription_id)
    if row is None or row.staff_id != staff_id:
        raise LookupError(f"no browser {subscription_id} of person {staff_id}")
    return row


def _tests(subscription_id: int) -> str:
    return f"push_test:{subscription_id}:"


def _arrived_at(uow: UnitOfWork, subscription_id: int) -> datetime | None:
    query = select(AuditRow.at).where(AuditRow.subject == f"push:{subscription_id}", AuditRow.action == "push_arrived")
    return uow.session.scalar(query.order_by(AuditRow.id.desc()).limit(1))
