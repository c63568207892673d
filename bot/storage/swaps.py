"""Requests to stand in for somebody."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from bot.storage.tables_duty import SwapRow


class SwapRepository:
    """Reads and writes swaps within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: SwapRow) -> SwapRow:
        """Store a new request and give it its id."""
        self._session.add(row)
        self._session.flush()
        return row

    def get(self, swap_id: int) -> SwapRow:
        """The request with this id. Raises LookupError."""
        row = self._session.get(SwapRow, swap_id)
        if row is None:
            raise LookupError(f"no swap {swap_id}")
        return row

    def open(self, now: datetime, *, asked_by: int) -> list[SwapRow]:
        """What a person has asked for and nobody has answered, as long as the shift has not begun."""
        query = select(SwapRow).where(SwapRow.asked_by == asked_by, SwapRow.state == "asked", SwapRow.starts_at > now)
        return list(self._session.scalars(query.order_by(SwapRow.id)))

    def answer(self, row: SwapRow, state: str, now: datetime) -> bool:
        """Settle a request that is still open. Of two answers at once one gets True; `row` shows what holds."""
        result = self._session.execute(
            update(SwapRow)
            .where(SwapRow.id == row.id, SwapRow.state == "asked", SwapRow.starts_at > now)
            .values(state=state, answered_at=now)
        )
        self._session.refresh(row)
        assert isinstance(result, CursorResult)
        return result.rowcount == 1

    def of_person(self, staff_id: int, since: datetime, limit: int = 40) -> list[SwapRow]:
        """What a person asked or was asked for shifts that end after a moment, newest first."""
        query = select(SwapRow).where(
            or_(SwapRow.asked_by == staff_id, SwapRow.asked_of == staff_id), SwapRow.ends_at > since
        )
        return list(self._session.scalars(query.order_by(SwapRow.id.desc()).limit(limit)))
