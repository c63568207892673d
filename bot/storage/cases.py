"""Cases and their events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, insert, or_, select, update
from sqlalchemy import case as sql_case
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.domain.cases import CaseStatus, EventKind
from bot.domain.chain import Link, broken_at, chained
from bot.domain.taxonomy import Severity
from bot.storage.inserts import is_sqlite, table_of
from bot.storage.tables import CaseEventRow, CaseRow, ChainHeadRow

_RUNNING = (CaseStatus.OPEN, CaseStatus.ACCEPTED)  # while a clock may run
_BY_SEVERITY = sql_case({severity.value: severity.rank for severity in Severity}, value=CaseRow.severity, else_=9)

# Built once: an event is added several times in the commit that answers a cry for help.
_HEADS = table_of(ChainHeadRow)
_HEAD = select(_HEADS.c.seq, _HEADS.c.hash).where(_HEADS.c.case_id == bindparam("of_case"))
_LAST_SEQ = select(func.max(CaseEventRow.seq)).where(CaseEventRow.case_id == bindparam("of_case"))
_NEW_HEAD = insert(_HEADS).values(case_id=bindparam("of_case"), seq=bindparam("to"), hash=bindparam("now_hash"))
_MOVE_HEAD = (
    update(_HEADS)
    .where(_HEADS.c.case_id == bindparam("of_case"))
    .values(seq=bindparam("to"), hash=bindparam("now_hash"))
)
_NEW_EVENT = insert(table_of(CaseEventRow))
_EVENTS = select(CaseEventRow).where(CaseEventRow.case_id == bindparam("of_case")).order_by(CaseEventRow.seq)


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

    def hold(self, case_id: int) -> None:
        """Lock a case's row until the unit ends; whoever wants to change it waits."""
        self._session.execute(select(CaseRow.id).where(CaseRow.id == case_id).with_for_update())

    def record(self, case_id: int, kind: EventKind, actor: str, data: dict[str, Any], now: datetime) -> None:
        """Append an event. The case's row is locked first, so that two writers never take one number."""
        if not is_sqlite(self._session):  # which has one writer anyway
            self.hold(case_id)
        head = self._session.execute(_HEAD, {"of_case": case_id}).first()
        seq, before = head or (self._session.scalar(_LAST_SEQ, {"of_case": case_id}) or 0, "")
        link = Link(seq + 1, kind, now, actor, data, "")
        after = chained(before, case_id, link)
        new_head = {"of_case": case_id, "to": link.seq, "now_hash": after}
        self._session.execute(_MOVE_HEAD if head else _NEW_HEAD, new_head)
        event = {"case_id": case_id, "seq": link.seq, "kind": kind, "at": now, "actor": actor, "data": data}
        self._session.execute(_NEW_EVENT, event | {"hash": after})

    def broken_at(self, case_id: int) -> int | None:
        """The first event of a case that somebody has tampered with, if any."""
        head = self._session.execute(_HEAD, {"of_case": case_id}).first()
        links = [Link(row.seq, row.kind, row.at, row.actor, row.data, row.hash) for row in self.events(case_id)]
        return broken_at(case_id, links, (head.seq, head.hash) if head else None)

    def with_events_since(self, moment: datetime, limit: int = 500) -> list[int]:
        """Cases to which something happened since a moment."""
        # Not `distinct`: SQLite would walk through all events ever, to have them by case.
        lately = select(CaseEventRow.case_id).where(CaseEventRow.at >= moment)
        return list(self._session.scalars(select(CaseRow.id).where(CaseRow.id.in_(lately)).limit(limit)))

    def events(self, case_id: int) -> list[CaseEventRow]:
        """A case's events, oldest first."""
        return list(self._session.scalars(_EVENTS, {"of_case": case_id}))

    def take(
        self, case_id: int, staff_id: int, now: datetime, reply_due: datetime, instead_of: int | None = None
    ) -> bool:
        """Make `staff_id` the owner if nobody is, or `instead_of` still is. One of two simultaneous callers gets True.

        `reply_due`: by when the citizen must have heard from them.
        """
        free = CaseRow.status == CaseStatus.OPEN
        if instead_of is not None:
            free = and_(CaseRow.status == CaseStatus.ACCEPTED, CaseRow.owner_id == instead_of)
        result = self._session.execute(
            update(CaseRow)
            .where(CaseRow.id == case_id, free)
            .values(
                status=CaseStatus.ACCEPTED, owner_id=staff_id, accepted_at=now, due_at=reply_due, snoozed_until=None
            )
        )
        assert isinstance(result, CursorResult)
        return result.rowcount == 1

    def overdue(self, now: datetime, limit: int = 50, offset: int = 0) -> list[CaseRow]:
        """Cases of which nobody, or only silence, has come in time; most severe and oldest first."""
        query = (
            select(CaseRow)
            .where(CaseRow.status.in_(_RUNNING), CaseRow.due_at <= now)
            .order_by(_BY_SEVERITY, CaseRow.due_at, CaseRow.id)
            .limit(limit)
            .offset(offset)
        )
        return list(self._session.scalars(query))

    def claim_overdue(self, case_id: int, now: datetime) -> CaseRow | None:
        """The case, locked, if it is still overdue; None if somebody else was faster."""
        query = (
            select(CaseRow)
            .where(CaseRow.id == case_id, CaseRow.status.in_(_RUNNING), CaseRow.due_at <= now)
            .with_for_update(skip_locked=True)
        )
        return self._session.scalars(query).first()

    def stalled(self, before: datetime, limit: int = 50) -> list[CaseRow]:
        """Open cases that no clock runs for, or whose clock ran out before a moment and nobody moved them."""
        query = select(CaseRow).where(
            CaseRow.status == CaseStatus.OPEN, or_(CaseRow.due_at.is_(None), CaseRow.due_at < before)
        )
        return list(self._session.scalars(query.order_by(CaseRow.id).limit(limit)))

    def queue(
        self,
        desk_ids: Iterable[str] | None,
        statuses: Iterable[str],
        limit: int = 50,
        offset: int = 0,
    ) -> list[CaseRow]:
        """Cases for a console page, drills left out: unaccepted first, then by severity and age. None = every desk."""
        query = select(CaseRow).where(CaseRow.status.in_(list(statuses)), CaseRow.drill.is_(False))
        if desk_ids is not None:
            query = query.where(CaseRow.desk_id.in_(list(desk_ids)))
        query = query.order_by(CaseRow.status != CaseStatus.OPEN, _BY_SEVERITY, CaseRow.opened_at)
        return list(self._session.scalars(query.limit(limit).offset(offset)))

    def owned_by(self, staff_id: int) -> list[CaseRow]:
        """The accepted cases of a person, most severe and oldest first."""
        query = select(CaseRow).where(CaseRow.status == CaseStatus.ACCEPTED, CaseRow.owner_id == staff_id)
        return list(self._session.scalars(query.order_by(_BY_SEVERITY, CaseRow.opened_at, CaseRow.id)))

    def waiting_at(self, desk_ids: Iterable[str], limit: int) -> list[CaseRow]:
        """Cases of these desks that nobody has taken, most severe and oldest first."""
        query = select(CaseRow).where(CaseRow.status == CaseStatus.OPEN, CaseRow.desk_id.in_(list(desk_ids)))
        return list(self._session.scalars(query.order_by(_BY_SEVERITY, CaseRow.opened_at, CaseRow.id).limit(limit)))

    def count(self, desk_ids: Iterable[str] | None, statuses: Iterable[str]) -> int:
        """How many cases `queue` would list in all."""
        query = select(func.count()).where(CaseRow.status.in_(list(statuses)), CaseRow.drill.is_(False))
        if desk_ids is not None:
            query = query.where(CaseRow.desk_id.in_(list(desk_ids)))
        return self._session.scalar(query) or 0
