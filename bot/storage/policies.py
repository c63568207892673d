"""The rules that an installation has set itself, one row each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.storage.tables_cases import PolicyRow
from bot.storage.tables_staff import MetaRow

REVISION = "policies_revision"


class PolicyRepository:
    """Reads and writes rules within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> dict[str, dict[str, Any]]:
        """Every rule's value by its key, such as 'chain:accident'."""
        rows = self._session.scalars(select(PolicyRow).order_by(PolicyRow.key))
        return {row.key: row.value for row in rows}

    def get(self, key: str) -> dict[str, Any] | None:
        """One rule's value; None where the shipped rule holds."""
        row = self._session.get(PolicyRow, key)
        return row.value if row else None

    def put(self, key: str, value: dict[str, Any], by: str, now: datetime) -> None:
        """Set a rule."""
        self._session.merge(PolicyRow(key=key, value=value, updated_at=now, updated_by=by))
        self._grow()

    def remove(self, key: str) -> None:
        """Back to the shipped rule."""
        self._session.execute(delete(PolicyRow).where(PolicyRow.key == key))
        self._grow()

    def revision(self) -> str:
        """Changes with every change of a rule: tells who keeps a copy that it is stale."""
        row = self._session.get(MetaRow, REVISION)
        return row.value if row else "0"

    def _grow(self) -> None:
        row = self._session.get(MetaRow, REVISION, with_for_update=True)
        self._session.merge(MetaRow(key=REVISION, value=str(int(row.value) + 1 if row else 1)))
        self._session.flush()
