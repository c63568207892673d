"""The outbox: what must be delivered over a network, in order per address, each row once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from bot.domain import drills
from bot.storage.inserts import insert_for
from bot.storage.tables import CaseRow, ConversationRow, OutboxRow

LEASE = timedelta(seconds=60)


class OutboxRepository:
    """Reads and writes outbox rows within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        channel: str,
        address: str,
        body: dict[str, Any],
        now: datetime,
        *,
        dedup_key: str,
        case_id: int | None = None,
    ) -> None:
        """Queue one delivery. `dedup_key` is unique for ever: a second add with it has no effect.

        What belongs to a drill's case goes to the drill instead, with the way it would have gone as its address.
        """
        if case_id is not None and self._is_only_a_drill(case_id, dedup_key):
            channel, address = drills.CHANNEL, f"{channel}:{address}"
        row = {
            "channel": channel,
            "address": address,
            "order_key": f"{channel}:{address}",
            "body": body,
            "dedup_key": dedup_key,
            "case_id": case_id,
            "created_at": now,
            "available_at": now,
            "attempts": 0,
            "state": "new",
        }
        self._session.execute(insert_for(self._session)(OutboxRow).values(row).on_conflict_do_nothing())

    def _is_only_a_drill(self, case_id: int, dedup_key: str) -> bool:
        """Here and not where pages are written: whatever is queued about a drill, nobody real is woken by mistake."""
        of_case = select(ConversationRow.address).join(CaseRow, CaseRow.conversation_id == ConversationRow.id)
        citizen = self._session.scalar(of_case.where(CaseRow.id == case_id, CaseRow.drill.is_(True)))
        return citizen is not None and not drills.leaves_the_house(citizen, dedup_key)

    def any_waiting(self, now: datetime, channels: tuple[str, ...]) -> bool:
        """Whether `claim` might find something; takes no lock."""
        waiting = (OutboxRow.state == "new", OutboxRow.available_at <= now, OutboxRow.channel.in_(channels))
        return self._session.scalars(select(OutboxRow.id).where(*waiting).limit(1)).first() is not None

    def claim(self, now: datetime, channels: tuple[str, ...]) -> OutboxRow | None:
        """Take the oldest row whose address has nothing older still waiting."""
        earlier = aliased(OutboxRow)
        held_back = (
            select(earlier.id)
            .where(
                earlier.order_key == OutboxRow.order_key,
                earlier.state == "new",
                earlier.id < OutboxRow.id,
            )
            .exists()
        )
        row = self._session.scalars(
            select(OutboxRow)
            .where(
                OutboxRow.state == "new",
                OutboxRow.available_at <= now,
                OutboxRow.channel.in_(channels),
                ~held_back,
            )
            .order_by(OutboxRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        row.lease = secrets.token_hex(8)
        row.available_at = now + LEASE
        row.attempts += 1
        self._session.flush()
        return row

    def sent(self, row: OutboxRow, now: datetime) -> None:
        """The other side has it."""
        self._finish(row, state="sent", sent_at=now, error=None)

    def failed(self, row: OutboxRow, error: str) -> None:
        """It will never arrive; the row steps aside so that the next ones can go."""
        self._finish(row, state="failed", error=error)

    def retry(self, row: OutboxRow, at: datetime, error: str, *, counts: bool = True, parts_sent: int = 0) -> None:
        """Try again at `at`, from the part after `parts_sent` on."""
        values: dict[str, Any] = {"available_at": at, "error": error}
        if not counts:
            values["attempts"] = row.attempts - 1
        if parts_sent:
            values["body"] = row.body | {"parts_sent": parts_sent}
        self._finish(row, **values)

    def _finish(self, row: OutboxRow, **values: Any) -> None:
        self._session.execute(
            update(OutboxRow).where(OutboxRow.id == row.id, OutboxRow.lease == row.lease).values(**values)
        )

    def for_case(self, case_id: int) -> list[OutboxRow]:
        """Everything sent or waiting for one case, oldest first."""
        query = select(OutboxRow).where(OutboxRow.case_id == case_id).order_by(OutboxRow.id)
        return list(self._session.scalars(query))

    def newest(self, channel: str, address: str, keys_begin: str) -> OutboxRow | None:
        """The latest row to an address among those whose `dedup_key` begins like this."""
        query = select(OutboxRow).where(
            OutboxRow.order_key == f"{channel}:{address}", OutboxRow.dedup_key.startswith(keys_begin, autoescape=True)
        )
        return self._session.scalars(query.order_by(OutboxRow.id.desc()).limit(1)).first()

    def counts(self) -> dict[str, int]:
        """Rows per state, drills left out."""
        real = OutboxRow.channel != drills.CHANNEL
        query = select(OutboxRow.state, func.count()).where(real).group_by(OutboxRow.state)
        return {row.state: row[1] for row in self._session.execute(query)}
