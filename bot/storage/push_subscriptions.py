"""The browsers of our people that take Web Push messages."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Text, cast, delete, select
from sqlalchemy.orm import Session

from bot.storage.tables_alerts import BounceRow, PushSubscriptionRow


class PushRepository:
    """Reads and writes push subscriptions within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, staff_id: int, endpoint: str, p256dh: str, auth: str, now: datetime) -> PushSubscriptionRow:
        """A browser that is turned on. Whoever had the same endpoint before has it no more: it is one browser."""
        self._session.execute(delete(PushSubscriptionRow).where(PushSubscriptionRow.endpoint == endpoint))
        # Drawn, not counted: SQLite gives a removed row's number away again, and with it whatever still waits for it.
        row = PushSubscriptionRow(
            id=secrets.randbelow(2**31 - 1) + 1,
            staff_id=staff_id,
            endpoint=endpoint,
            p256dh=p256dh,
            auth=auth,
            created_at=now,
        )
        self._session.add(row)
        self._session.flush()
        return row

    def get(self, subscription_id: int) -> PushSubscriptionRow | None:
        """One browser."""
        return self._session.get(PushSubscriptionRow, subscription_id)

    def of(self, staff_id: int) -> list[PushSubscriptionRow]:
        """A person's browsers, newest first."""
        newest_first = PushSubscriptionRow.created_at.desc(), PushSubscriptionRow.id
        query = select(PushSubscriptionRow).where(PushSubscriptionRow.staff_id == staff_id).order_by(*newest_first)
        return list(self._session.scalars(query))

    def people(self) -> set[int]:
        """Everybody with a browser that is turned on and that its push service has not refused."""
        refused = select(BounceRow.address).where(
            BounceRow.channel == "push", BounceRow.address == cast(PushSubscriptionRow.id, Text)
        )
        return set(self._session.scalars(select(PushSubscriptionRow.staff_id).where(~refused.exists()).distinct()))

    def remove(self, subscription_id: int) -> None:
        """Forget a browser, and what was held against it."""
        self._session.execute(
            delete(BounceRow).where(BounceRow.channel == "push", BounceRow.address == str(subscription_id))
        )
        self._session.execute(delete(PushSubscriptionRow).where(PushSubscriptionRow.id == subscription_id))
