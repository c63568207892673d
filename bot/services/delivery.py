"""Delivering the outbox: claim, send with no transaction open, record. In order per address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from bot.domain.alerting import OTHER_WAYS, RETRIES
from bot.services import alert_failures
from bot.services.duty_chat_story import not_delivered
from bot.services.ports import Ports
from bot.storage.outbox import LANES
from bot.storage.tables import OutboxRow

log = structlog.get_logger()


class DeliveryError(Exception):
    """A delivery that did not work, and whether to try again."""

    def __init__(
        self,
        message: str,
        *,
        retryable: bool,
        after: float | None = None,
        done: int = 0,
        code: str = "",
        bounced: bool = False,
    ) -> None:
        super().__init__(message)
        # One word for people: a key of bot/i18n/texts_alerts.py, and free of addresses, which `message` may hold.
        self.code = code or ("no_connection" if retryable else "refused")
        self.bounced = bounced  # the address itself is no good, whatever is sent there
        self.retryable = retryable
        self.after = after  # seconds the other side asked us to wait
        self.done = done  # parts of the row that arrived all the same


class Transport(Protocol):
    """One way out of the house."""

    def deliver(self, row: OutboxRow, ports: Ports, now: datetime) -> str | None:
        """Hand one row to the other side; what it calls it from now on, if it says so. Raises DeliveryError."""
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
            raise DeliveryError("the desk has no webhook any more", retryable=False, code="no_address")
        self._sender.send(url, secret, f"msg_{row.id}", row.body, now)


def deliver_next(ports: Ports, transports: dict[str, Transport], lanes: Sequence[int] = LANES) -> bool:
    """Deliver the first waiting row of these lanes. False if none waits."""
    now = ports.clock()
    with ports.database.read() as uow:  # a look first: taking the write lock for nothing would hold up the others
        if not uow.outbox.any_waiting(now, tuple(transports), lanes):
            return False
    with ports.database.write() as uow:
        row = uow.outbox.claim(now, tuple(transports), lanes)
        if row is None:
            return False
        reason = alert_failures.pointless(uow, row)
        if reason:
            uow.outbox.skipped(row, reason)
            return True
        if row.attempts > 1:  # also after a worker died with it
            alert_failures.is_late(uow, ports, row, "no_connection", now, now)
    try:
        remote_id = transports[row.channel].deliver(row, ports, now)
    except DeliveryError as error:
        _not_delivered(ports, row, error)
    except Exception as error:  # a poisoned row steps aside; the next ones must go
        log.exception("delivery_broke", outbox=row.id)
        _not_delivered(ports, row, DeliveryError(repr(error), retryable=True))
    else:
        with ports.database.write() as uow:
            uow.outbox.sent(row, ports.clock(), remote_id)
            alert_failures.arrived(uow, row)
    return True


def _not_delivered(ports: Ports, row: OutboxRow, error: DeliveryError) -> None:
    now = ports.clock()
    with ports.database.write() as uow:
        asked_to_wait = error.after is not None
        policy = RETRIES.get(row.channel, OTHER_WAYS)
        if not error.retryable or now - row.created_at > policy.give_up:
            log.warning("delivery_failed", outbox=row.id, channel=row.channel, error=str(error))
            if uow.outbox.failed(row, str(error)[:500]):
                alert_failures.failed_for_good(uow, ports, row, error.code, now, bounced=error.bounced)
                not_delivered(uow, ports, row, now)
            return
        # Our own pauses have an upper end; one that the other side asks for is obeyed and is no failed attempt.
        again_at = now + (timedelta(seconds=error.after or 0) if asked_to_wait else policy.pause(row.attempts))
        uow.outbox.retry(row, again_at, str(error)[:500], counts=not asked_to_wait, parts_sent=error.done)
        alert_failures.is_late(uow, ports, row, error.code, now, again_at)
