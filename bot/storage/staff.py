"""People who sign in, their sessions and one-time links. Secrets are stored as hashes only."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.storage.tables_staff import SignInTokenRow, StaffRow, StaffSessionRow

SESSION_LENGTH = timedelta(hours=12)


def hash_secret(secret: str) -> str:
    """SHA-256 of a random secret: enough, because the secret itself has 256 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


class StaffRepository:
    """Reads and writes people within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, email: str, name: str, role: str, now: datetime, *, demo: bool = False) -> StaffRow:
        """A new person, without a password yet."""
        row = StaffRow(email=email.strip().lower(), name=name, role=role, demo=demo, created_at=now)
        self._session.add(row)
        self._session.flush()
        return row

    def by_email(self, email: str) -> StaffRow | None:
        """The active person with this address."""
        query = select(StaffRow).where(StaffRow.email == email.strip().lower(), StaffRow.active.is_(True))
        return self._session.scalars(query).first()

    def by_telegram(self, chat: str) -> StaffRow | None:
        """The active person with this Telegram chat."""
        query = select(StaffRow).where(StaffRow.telegram_chat == chat, StaffRow.active.is_(True))
        return self._session.scalars(query).first()

    def give_chat(self, staff: StaffRow, chat: str) -> None:
        """Tie a Telegram chat to a person. Whoever left with it gets nothing there if they ever come back."""
        others = StaffRow.telegram_chat == chat, StaffRow.id != staff.id
        self._session.execute(update(StaffRow).where(*others).values(telegram_chat=None))
        staff.telegram_chat = chat

    def get(self, staff_id: int) -> StaffRow:
        """The person with this id. Raises LookupError."""
        row = self._session.get(StaffRow, staff_id)
        if row is None:
            raise LookupError(f"no person {staff_id}")
        return row

    def everyone(self) -> list[StaffRow]:
        """All people by name."""
        return list(self._session.scalars(select(StaffRow).order_by(StaffRow.name)))

    def count(self) -> int:
        """How many people there are."""
        return self._session.scalar(select(func.count()).select_from(StaffRow)) or 0

    def open_session(self, staff_id: int, now: datetime) -> str:
        """Start a session; returns the cookie's secret, which is not stored."""
        secret = secrets.token_urlsafe(32)
        self._session.add(
            StaffSessionRow(
                staff_id=staff_id,
                secret_hash=hash_secret(secret),
                created_at=now,
                seen_at=now,
                expires_at=now + SESSION_LENGTH,
            )
        )
        return secret

    def session(self, secret: str, now: datetime) -> StaffSessionRow | None:
        """The running session of a cookie."""
        query = select(StaffSessionRow).where(
            StaffSessionRow.secret_hash == hash_secret(secret), StaffSessionRow.expires_at > now
        )
        return self._session.scalars(query).first()

    def close_session(self, secret: str) -> None:
        """End the session of a cookie."""
        self._session.execute(delete(StaffSessionRow).where(StaffSessionRow.secret_hash == hash_secret(secret)))

    def close_sessions_of(self, staff_id: int) -> None:
        """End every session of a person, as after a new password."""
        self._session.execute(delete(StaffSessionRow).where(StaffSessionRow.staff_id == staff_id))

    def issue_token(self, staff_id: int, now: datetime, valid: timedelta) -> str:
        """A one-time sign-in secret; returns it, stores only its hash. Older ones of this person end."""
        self._session.execute(
            update(SignInTokenRow)
            .where(SignInTokenRow.staff_id == staff_id, SignInTokenRow.used_at.is_(None))
            .values(used_at=now)
        )
        secret = secrets.token_urlsafe(24)
        self._session.add(SignInTokenRow(staff_id=staff_id, secret_hash=hash_secret(secret), expires_at=now + valid))
        return secret

    def token(self, secret: str, now: datetime) -> SignInTokenRow | None:
        """An unused, unexpired one-time token."""
        query = (
            select(SignInTokenRow)
            .where(
                SignInTokenRow.secret_hash == hash_secret(secret),
                SignInTokenRow.used_at.is_(None),
                SignInTokenRow.expires_at > now,
            )
            .with_for_update()
        )
        return self._session.scalars(query).first()
