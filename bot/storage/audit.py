"""Who did or read what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.tables_staff import AuditRow


class AuditRepository:
    """Appends to the audit trail within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def record(self, staff_id: int | None, action: str, subject: str, now: datetime, **detail: Any) -> None:
        """Note one action."""
        self._session.add(AuditRow(at=now, staff_id=staff_id, action=action, subject=subject, detail=detail))

    def of_action(self, action: str, limit: int = 300) -> list[AuditRow]:
        """The newest entries of one kind, newest first."""
        query = select(AuditRow).where(AuditRow.action == action).order_by(AuditRow.id.desc()).limit(limit)
        return list(self._session.scalars(query))

    def newest(self, limit: int = 100) -> list[AuditRow]:
        """The newest entries first."""
        return list(self._session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)))
