"""One-time codes that tie a Telegram chat to a person, or a group to a desk. Only their hashes are stored."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from bot.storage.staff import hash_secret
from bot.storage.tables_alerts import TelegramLinkRow

VALID = timedelta(minutes=30)


class TelegramLinkRepository:
    """Reads and writes codes within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def issue(self, now: datetime, *, staff_id: int | None = None, desk_id: str | None = None) -> str:
        """A new code for a person or for a desk; older ones for the same end."""
        mine = TelegramLinkRow.staff_id == staff_id if staff_id is not None else TelegramLinkRow.desk_id == desk_id
        self._session.execute(
            update(TelegramLinkRow).where(mine, TelegramLinkRow.used_at.is_(None)).values(used_at=now)
        )
        code = secrets.token_hex(10)  # letters and digits only: it travels in an address, and people type it
        row = TelegramLinkRow(secret_hash=hash_secret(code), staff_id=staff_id, desk_id=desk_id, expires_at=now + VALID)
        self._session.add(row)
        return code

    def take(self, secret_hash: str, now: datetime, *, for_a_desk: bool) -> TelegramLinkRow | None:
        """Use up a code. None if there is no such code, it is too old, or somebody was faster."""
        wanted = TelegramLinkRow.desk_id if for_a_desk else TelegramLinkRow.staff_id
        unused = (
            TelegramLinkRow.secret_hash == secret_hash,
            TelegramLinkRow.used_at.is_(None),
            TelegramLinkRow.expires_at > now,
            wanted.is_not(None),
        )
        result = self._session.execute(update(TelegramLinkRow).where(*unused).values(used_at=now))
        assert isinstance(result, CursorResult)
        if result.rowcount != 1:
            return None
        return self._session.scalars(select(TelegramLinkRow).where(TelegramLinkRow.secret_hash == secret_hash)).one()
