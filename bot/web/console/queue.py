"""Which cases a person may see, and a fingerprint of them that tells an open page to look again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy import case as sql_case

from bot.domain.cases import CaseStatus
from bot.domain.taxonomy import Severity
from bot.services.access import may_see
from bot.storage.tables import CaseRow
from bot.storage.tables_staff import AuditRow
from bot.storage.unit_of_work import UnitOfWork
from bot.web.console.pages import Page, Refused

PAGE_SIZE = 50
OPEN_STATES = (CaseStatus.OPEN, CaseStatus.ACCEPTED)
READ_AGAIN_AFTER = timedelta(minutes=10)
_BY_SEVERITY = sql_case({severity.value: severity.rank for severity in Severity}, value=CaseRow.severity, else_=9)


def _visible(page: Page, uow: UnitOfWork) -> list[ColumnElement[bool]]:
    """Coordinators see every case; officers those of their desks and those they own."""
    if page.sees_everything:
        return []
    desks = uow.desks.of_staff(page.staff.id)
    return [or_(CaseRow.desk_id.in_(desks), CaseRow.owner_id == page.staff.id)]


def _in(page: Page, uow: UnitOfWork, statuses: Iterable[str], *columns: Any) -> Select[Any]:
    real = CaseRow.drill.is_(False)  # a drill's cases are opened by their links, and never stand among real ones
    return select(*columns).where(CaseRow.status.in_(list(statuses)), real, *_visible(page, uow))


def listed(page: Page, uow: UnitOfWork, closed: bool, offset: int) -> tuple[list[CaseRow], int]:
    """One page of the queue and how many cases there are in all."""
    statuses = (CaseStatus.CLOSED,) if closed else OPEN_STATES
    order = (
        (CaseRow.closed_at.desc(),) if closed else (CaseRow.status != CaseStatus.OPEN, _BY_SEVERITY, CaseRow.opened_at)
    )
    query = _in(page, uow, statuses, CaseRow).order_by(*order, CaseRow.id)
    rows = uow.session.scalars(query.limit(PAGE_SIZE).offset(offset))
    total = uow.session.scalar(_in(page, uow, statuses, func.count(CaseRow.id))) or 0
    return list(rows), total


def pulse(page: Page, uow: UnitOfWork) -> dict[str, Any]:
    """What the queue is now, as a fingerprint, and how many cases nobody has taken."""
    columns = (
        CaseRow.id, CaseRow.status, CaseRow.severity, CaseRow.desk_id, CaseRow.owner_id, CaseRow.due_at,
    )  # fmt: skip
    rows = uow.session.execute(_in(page, uow, OPEN_STATES, *columns).order_by(CaseRow.id)).all()
    waiting = [row for row in rows if row.status == CaseStatus.OPEN]
    newest = max((row.id for row in waiting), default=0)
    return {"fingerprint": fingerprint(rows), "waiting": len(waiting), "newest": newest}


def fingerprint(what: object) -> str:
    """A short print of values that print the same when they are the same."""
    return hashlib.sha256(repr(what).encode()).hexdigest()[:16]


def visible_case(page: Page, uow: UnitOfWork, case_id: int) -> CaseRow:
    """The case, if this person may see it. Raises LookupError, Refused."""
    case = uow.cases.get(case_id)
    if not may_see(uow, page.ports, page.staff, case):
        raise Refused(403, "console.other_desk")
    return case


def note_reading(page: Page, case_id: int) -> None:
    """Who has read a case is written down, at most every ten minutes: an open page looks all the time."""
    subject = f"case:{case_id}"
    recent = select(AuditRow.id).where(
        AuditRow.staff_id == page.staff.id,
        AuditRow.action == "read",
        AuditRow.subject == subject,
        AuditRow.at > page.now - READ_AGAIN_AFTER,
    )
    with page.ports.database.read() as uow:
        if uow.session.scalar(recent.limit(1)) is not None:
            return
    with page.ports.database.write() as uow:
        uow.audit.record(page.staff.id, "read", subject, page.now)
