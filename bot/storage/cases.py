"""Cases and their events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import case as sql_case
from sqlalchemy import func, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.domain.cases import CaseStatus, EventKind
from bot.domain.taxonomy import Severity
from bot.storage.tables import CaseEventRow, CaseRow

_BY_SEVERITY = sql_case({severity.value: severity.rank for severity in Severity}, value=CaseRow.severity, else_=9)


class CaseRepository:
    """Reads and writes cases within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, case: CaseRow) -> CaseRow:
        """Store a new case and give it its id."""
        self._session.add(case)
        self._session.flush()
        return case

    def get(self, case_id: int) -> CaseRow:
        """The case with this id. Raises LookupError."""
        row = self._session.get(CaseRow, case_id)
        if row is None:
            raise LookupError(f"no case {case_id}")
        return row

    def record(self, case_id: int, kind: EventKind, actor: str, data: dict[str, Any], now: datetime) -> None:
        """Append an event. The case's row is locked first, so that two writers never take one number."""
        self._session.execute(select(CaseRow.id).where(CaseRow.id == case_id).with_for_update())
        last = self._session.scalar(select(func.max(CaseEventRow.seq)).where(CaseEventRow.case_id == case_id))
        self._session.add(CaseEventRow(case_id=case_id, seq=(last or 0) + 1, kind=kind, at=now, actor=actor, data=data))
        self._session.flush()

    def events(self, case_id: int) -> list[CaseEventRow]:
        """A case's events, oldest first."""
        query = select(CaseEventRow).where(CaseEventRow.case_id == case_id)
        return list(self._session.scalars(query.order_by(CaseEventRow.seq)))

    def take(self, case_id: int, staff_id: int, now: datetime) -> bool:
        """Make `staff_id` the owner if nobody is. Exactly one of two simultaneous callers gets True."""
        result = self._session.execute(
            update(CaseRow)
            .where(CaseRow.id == case_id, CaseRow.status == CaseStatus.OPEN)
            .values(status=CaseStatus.ACCEPTED, owner_id=staff_id, accepted_at=now, due_at=None)
        )
        assert isinstance(result, CursorResult)
        return result.rowcount == 1

    def overdue(self, now: datetime, limit: int = 50) -> list[CaseRow]:
        """Open cases whose acknowledgement is due, most severe and oldest first."""
        query = (
            select(CaseRow)
            .where(CaseRow.status == CaseStatus.OPEN, CaseRow.due_at <= now)
            .order_by(_BY_SEVERITY, CaseRow.due_at)
            .limit(limit)
        )
        return list(self._session.scalars(query))

    def claim_overdue(self, case_id: int, now: datetime) -> CaseRow | None:
        """The case, locked, if it is still overdue; None if somebody else was faster."""
        query = (
            select(CaseRow)
            .where(CaseRow.id == case_id, CaseRow.status == CaseStatus.OPEN, CaseRow.due_at <= now)
            .with_for_update(skip_locked=True)
        )
        return self._session.scalars(query).first()

    def queue(
        self,
        desk_ids: Iterable[str] | None,
        statuses: Iterable[str],
        limit: int = 50,
        offset: int = 0,
    ) -> list[CaseRow]:
        """Cases for a console page: unaccepted first, then by severity and age. None = every desk."""
        query = select(CaseRow).where(CaseRow.status.in_(list(statuses)))
        if desk_ids is not None:
            query = query.where(CaseRow.desk_id.in_(list(desk_ids)))
        query = query.order_by(CaseRow.status != CaseStatus.OPEN, _BY_SEVERITY, CaseRow.opened_at)
        return list(self._session.scalars(query.limit(limit).offset(offset)))

    def count(self, desk_ids: Iterable[str] | None, statuses: Iterable[str]) -> int:
        """How many cases `queue` would list in all."""
        query = select(func.count()).where(CaseRow.status.in_(list(statuses)))
        if desk_ids is not None:
            query = query.where(CaseRow.desk_id.in_(list(desk_ids)))
        return self._session.scalar(query) or 0
