"""Signs of life of the worker's jobs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.storage.tables import HeartbeatRow


class HeartbeatRepository:
    """Reads and writes heartbeats within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def beat(self, name: str, now: datetime) -> None:
        """A job came round."""
        self._session.merge(HeartbeatRow(name=name, at=now))

    def keep_only(self, names: Collection[str]) -> None:
        """Forget jobs that there are no more: their silence is no alarm."""
        self._session.execute(delete(HeartbeatRow).where(HeartbeatRow.name.not_in(names)))

    def all(self) -> dict[str, datetime]:
        """When each job last came round."""
        return {row.name: row.at for row in self._session.scalars(select(HeartbeatRow))}
