"""Delivering the outbox: claim, send with no transaction open, record. In order per address."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from bot.services.ports import Ports
from bot.storage.tables import OutboxRow

log = structlog.get_logger()

GIVE_UP_AFTER = timedelta(hours=24)  # longer than any outage that a person would wait through
LONGEST_WAIT = timedelta(seconds=30)  # what waits behind a row may be urgent


class DeliveryError(Exception):
    """A delivery that did not work, and whether to try again."""

    def __init__(self, message: str, *, retryable: bool, after: float | None = None, done: int = 0) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.after = after  # seconds the other side asked us to wait
        self.done = done  # parts of the row that arrived all the same


class Transport(Protocol):
    """One way out of the house."""

    def deliver(self, row: OutboxRow, ports: Ports, now: datetime) -> None:
        """Hand one row to the other side. Raises DeliveryError."""
        ...


class WebhookTransport:
    """Rows for a desk's partner system: address and secret are looked up at delivery time."""

    def __init__(self, sender: Any) -> None:
        self._sender = sender

    def deliver(self, row: OutboxRow, ports: Ports, now: datetime) -> None:
        """Post the signed body. Raises DeliveryError."""
        with ports.database.read() as uow:
            desk = uow.desks.row(row.address)
            target = (desk.webhook_url, desk.webhook_secret) if desk else (None, None)
        url, secret = target
        if not url or not secret:
            raise DeliveryError("the desk has no webhook any more", retryable=False)
        self._sender.send(url, secret, f"msg_{row.id}", row.body, now)


def deliver_next(ports: Ports, transports: dict[str, Transport]) -> bool:
    """Deliver the oldest waiting row. False if none waits."""
    now = ports.clock()
    with ports.database.read() as uow:  # a look first: taking the write lock for nothing would hold up the others
        if not uow.outbox.any_waiting(now, tuple(transports)):
            return False
    with ports.database.write() as uow:
        row = uow.outbox.claim(now, tuple(transports))
    if row is None:
        return False
    try:
        transports[row.channel].deliver(row, ports, now)
    except DeliveryError as error:
        _not_delivered(ports, row, error)
    except Exception as error:  # a poisoned row steps aside; the next ones must go
        log.exception("delivery_broke", outbox=row.id)
        _not_delivered(ports, row, DeliveryError(repr(error), retryable=True))
    else:
        with ports.database.write() as uow:
            uow.outbox.sent(row, ports.clock())
    return True


def _not_delivered(ports: Ports, row: OutboxRow, error: DeliveryError) -> None:
    now = ports.clock()
    with ports.database.write() as uow:
        asked_to_wait = error.after is not None
        if not error.retryable or now - row.created_at > GIVE_UP_AFTER:
            uow.outbox.failed(row, str(error)[:500])
            log.warning("delivery_failed", outbox=row.id, channel=row.channel, error=str(error))
            return
        # Our own pauses have an upper end; one that the other side asks for is obeyed and is no failed attempt.
        wait = timedelta(seconds=error.after or 0) if asked_to_wait else min(_backoff(row.attempts), LONGEST_WAIT)
        uow.outbox.retry(row, now + wait, str(error)[:500], counts=not asked_to_wait, parts_sent=error.done)


def _backoff(attempts: int) -> timedelta:
    return timedelta(seconds=2 ** min(attempts, 20))
