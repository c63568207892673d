"""Signing in: passwords, one-time links, and the brake on guessing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from bot.services.ports import Ports
from bot.storage.tables_staff import StaffRow

MIN_PASSWORD, MAX_PASSWORD = 12, 1000
FREE_ATTEMPTS = 5
LONGEST_LOCK = timedelta(minutes=15)
INVITATION = timedelta(days=7)
MAX_REMEMBERED = 2000
SEEN_EVERY = timedelta(minutes=1)

# One hash takes a quarter of a second and 64 MiB: more than two at once would starve the citizens' path.
_hashing = threading.BoundedSemaphore(2)
_hasher = PasswordHash((Argon2Hasher(),))


class SignInError(Exception):
    """A sign-in that did not work; `code` names the sentence for the person who tried."""

    def __init__(self, code: str, *, minutes: int = 0) -> None:
        super().__init__(code)
        self.code, self.minutes = code, minutes


def lock_after(failures: int) -> timedelta:
    """How long nobody may try after that many failures in a row: 1, 2, 4, 8, then 15 minutes."""
    if failures < FREE_ATTEMPTS:
        return timedelta(0)
    return min(timedelta(minutes=2 ** min(failures - FREE_ATTEMPTS, 10)), LONGEST_LOCK)


def hash_password(password: str) -> str:
    """The stored form of a password."""
    with _hashing:
        return _hasher.hash(password)


def _fits(password: str, stored: str) -> bool:
    with _hashing:
        return _hasher.verify(password, stored)


@cache
def _nobodys_hash() -> str:
    """Compared against when there is no such person, so that both answers take equally long."""
    return hash_password("no person has this password")


class _Strangers:
    """Failures for addresses nobody has: locked like real ones, so a lock tells nothing about who exists."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, tuple[int, datetime | None]] = OrderedDict()

    def locked_until(self, email: str) -> datetime | None:
        """Until when this address may not try."""
        with self._lock:
            return self._seen.get(email, (0, None))[1]

    def failed(self, email: str, now: datetime) -> None:
        """Count one more failure."""
        with self._lock:
            failures = self._seen.pop(email, (0, None))[0] + 1
            self._seen[email] = (failures, _locked(failures, now))
            while len(self._seen) > MAX_REMEMBERED:
                self._seen.popitem(last=False)


_strangers = _Strangers()


def sign_in(ports: Ports, email: str, password: str, old_secret: str = "") -> str:
    """A new session's secret; the browser's old session ends. Raises SignInError."""
    now, address = ports.clock(), email.strip().lower()
    with ports.database.read() as uow:
        known = uow.staff.by_email(address)
    _refuse_if_locked(known.locked_until if known else _strangers.locked_until(address), now)
    stored = (known.password_hash if known else None) or _nobodys_hash()
    fits = _fits(password[:MAX_PASSWORD], stored) and known is not None and bool(known.password_hash)
    # No transaction was open during the slow comparison, so what it was compared with is looked at again.
    with ports.database.write() as uow:
        staff = uow.staff.by_email(address)
        if staff is None:
            _strangers.failed(address, now)
            raise SignInError("wrong_password")
        _refuse_if_locked(staff.locked_until, now)
        if fits and staff.password_hash == stored:
            staff.failed_sign_ins, staff.locked_until = 0, None
            if old_secret:
                uow.staff.close_session(old_secret)
            uow.audit.record(staff.id, "sign_in", f"staff:{staff.id}", now)
            return uow.staff.open_session(staff.id, now)
        staff.failed_sign_ins += 1
        staff.locked_until = _locked(staff.failed_sign_ins, now)
        uow.audit.record(staff.id, "sign_in_failed", f"staff:{staff.id}", now)
    raise SignInError("wrong_password")


def _locked(failures: int, now: datetime) -> datetime | None:
    wait = lock_after(failures)
    return now + wait if wait else None


def _refuse_if_locked(until: datetime | None, now: datetime) -> None:
    if until is not None and until > now:
        raise SignInError("locked", minutes=-(-int((until - now).total_seconds()) // 60))


def invited_email(ports: Ports, token: str) -> str | None:
    """Whose one-time link this is, while it can be used. Looking does not use it up: mail scanners look too."""
    with ports.database.read() as uow:
        found = uow.staff.token(token, ports.clock())
        person = uow.staff.get(found.staff_id) if found else None
        return person.email if person and person.active else None


def welcome(ports: Ports, token: str, password: str, again: str) -> str:
    """Set a password with a one-time link; every other session ends. Raises SignInError."""
    if not invited_email(ports, token):
        raise SignInError("link_used")
    if len(password) < MIN_PASSWORD:
        raise SignInError("password_short")
    if len(password) > MAX_PASSWORD:
        raise SignInError("too_long")
    if password != again:
        raise SignInError("passwords_differ")
    stored = hash_password(password)
    now = ports.clock()
    with ports.database.write() as uow:
        found = uow.staff.token(token, now)
        if found is None:  # of two that came at once, the other was first
            raise SignInError("link_used")
        staff = uow.staff.get(found.staff_id)
        if not staff.active:
            raise SignInError("link_used")
        found.used_at = now
        staff.password_hash, staff.failed_sign_ins, staff.locked_until = stored, 0, None
        uow.staff.close_sessions_of(staff.id)
        uow.audit.record(staff.id, "password_set", f"staff:{staff.id}", now)
        return uow.staff.open_session(staff.id, now)


def sign_out(ports: Ports, secret: str) -> None:
    """End the session of a cookie."""
    with ports.database.write() as uow:
        uow.staff.close_session(secret)


def who_is(ports: Ports, secret: str) -> StaffRow | None:
    """The person behind a session's secret; notes at most once a minute that they were here."""
    now = ports.clock()
    with ports.database.read() as uow:
        session = uow.staff.session(secret, now)
        if session is None:
            return None
        staff = uow.staff.get(session.staff_id)
    if not staff.active:
        return None
    if now - session.seen_at >= SEEN_EVERY:
        with ports.database.write() as uow:
            again = uow.staff.session(secret, now)
            if again is None:
                return None
            again.seen_at = now
    return staff
