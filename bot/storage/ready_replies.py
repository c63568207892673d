"""Ready-made replies, in the order in which officers see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.tables_cases import ReadyReplyRow


class ReadyReplyRepository:
    """Reads and writes ready replies within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self, *, active: bool = False) -> list[ReadyReplyRow]:
        """Every ready reply, or only those that officers can take."""
        query = select(ReadyReplyRow).order_by(ReadyReplyRow.position, ReadyReplyRow.key)
        if active:
            query = query.where(ReadyReplyRow.active.is_(True))
        return list(self._session.scalars(query))

    def by_key(self, key: str) -> ReadyReplyRow | None:
        """The ready reply with this short name."""
        return self._session.scalars(select(ReadyReplyRow).where(ReadyReplyRow.key == key)).first()

    def put(self, key: str, now: datetime, **fields: Any) -> ReadyReplyRow:
        """Create or change one: texts, position, active, origin, updated_by."""
        row = self.by_key(key)
        if row is None:
            row = ReadyReplyRow(key=key, updated_at=now, **fields)
            self._session.add(row)
        else:
            for name, value in fields.items():
                setattr(row, name, value)
            row.updated_at = now
        self._session.flush()
        return row
