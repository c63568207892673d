"""Which cases a person may see, and a fingerprint of them that tells an open page to look again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

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
LAST_PAGE = 100_000
_SEVERITIES = [severity.value for severity in sorted(Severity, key=lambda severity: severity.rank)]
# One after the other; a word that nobody knows comes last, but it comes.
_GROUPS = (*(CaseRow.severity == severity for severity in _SEVERITIES), CaseRow.severity.not_in(_SEVERITIES))


def _visible(page: Page, uow: UnitOfWork) -> list[ColumnElement[bool]]:
    """Coordinators see every case; officers those of their desks and those they own."""
    if page.sees_everything:
        return []
    desks = uow.desks.of_staff(page.staff.id)
    return [or_(CaseRow.desk_id.in_(desks), CaseRow.owner_id == page.staff.id)]


def _in(page: Page, uow: UnitOfWork, statuses: Iterable[str], *columns: Any) -> Select[Any]:
    real = CaseRow.drill.is_(False)  # a drill's cases are opened by their links, and never stand among real ones
    return select(*columns).where(CaseRow.status.in_(list(statuses)), real, *_visible(page, uow))


@dataclass(frozen=True)
class Listed:
    """One page of the queue: its cases, how many there are in all, and of them how many that nobody has taken."""

    rows: list[CaseRow]
    total: int
    number: int
    waiting: int = 0

    @property
    def pulse(self) -> dict[str, Any]:
        """What an open page compares: changes when its cases do, or how many there are before and behind them."""
        columns = [(row.id, row.status, row.severity, row.desk_id, row.owner_id, row.due_at) for row in self.rows]
        return {
            "fingerprint": f"{self.number}-{fingerprint((columns, self.total, self.waiting))}",
            "waiting": self.waiting,
        }


def listed(page: Page, uow: UnitOfWork, closed: bool, number: int) -> Listed:
    """The page of this number, from 1: unaccepted first, then by severity and age; closed ones newest first."""
    skipped = (number - 1) * PAGE_SIZE
    if closed:
        query = _in(page, uow, (CaseStatus.CLOSED,), CaseRow).order_by(CaseRow.closed_at.desc(), CaseRow.id.desc())
        rows = list(uow.session.scalars(query.limit(PAGE_SIZE).offset(skipped)))
        return Listed(rows, _count(page, uow, CaseStatus.CLOSED), number)
    counts = {status: _count(page, uow, status) for status in OPEN_STATES}
    rows = _page_of(page, uow, counts, skipped)
    return Listed(rows, sum(counts.values()), number, counts[CaseStatus.OPEN])


def number_in(pulse: str) -> int:
    """Of which page of the queue a fingerprint is; the first if it is none."""
    number = pulse.partition("-")[0]
    return min(max(int(number), 1), LAST_PAGE) if number.isascii() and number.isdigit() and len(number) < 9 else 1


def _count(page: Page, uow: UnitOfWork, status: CaseStatus, *which: ColumnElement[bool]) -> int:
    return uow.session.scalar(_in(page, uow, (status,), func.count()).where(*which)) or 0


def _page_of(page: Page, uow: UnitOfWork, counts: Mapping[CaseStatus, int], skipped: int) -> list[CaseRow]:
    """Group after group in the order they are shown: each lies in an index like that, so that nothing is sorted.

    However long the queue is, only this page's cases are read; of those before it whole groups are counted.
    """
    rows: list[CaseRow] = []
    for status in OPEN_STATES:
        if skipped >= counts[status]:
            skipped -= counts[status]
            continue
        for group in _GROUPS:
            query = _in(page, uow, (status,), CaseRow).where(group).order_by(CaseRow.opened_at, CaseRow.id)
            found = list(uow.session.scalars(query.limit(PAGE_SIZE - len(rows)).offset(skipped)))
            rows += found
            if len(rows) == PAGE_SIZE:
                return rows
            skipped = skipped - _count(page, uow, status, group) if skipped and not found else 0
    return rows


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
