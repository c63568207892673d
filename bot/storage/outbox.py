"""The outbox: what must be delivered over a network, in order per address, each row once."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session, aliased

from bot.domain import drills
from bot.domain.alerting import ALERT
from bot.storage.inserts import insert_for
from bot.storage.tables import CaseRow, ConversationRow, OutboxRow

NEAREST = 50  # rows
ALERTS, CASES, REST = LANES = range(3)  # alerts leave before everything else, then cards and what belongs to a case
LEASES = {ALERTS: timedelta(seconds=20)}  # what a worker had in hand when it died waits so long
LEASE = timedelta(seconds=60)


def lane_of(dedup_key: str, case_id: int | None, *, first: bool = False) -> int:
    """How urgent a row is; `first`: it is an emergency card."""
    if dedup_key.startswith(ALERT):
        return ALERTS
    return CASES if first or case_id is not None else REST


def queue_of(channel: str, address: str, dedup_key: str) -> str:
    """Rows of one queue leave in order. Alerts have their own, in which none waits for another."""
    queue = f"{channel}:{address}"
    return f"{ALERT}{queue}" if dedup_key.startswith(ALERT) else queue


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
        first: bool = False,
    ) -> None:
        """Queue one delivery. `dedup_key` is unique for ever: a second add with it has no effect.

        `first`: an emergency card, which leaves before ordinary rows even where there is no case yet.

        What belongs to a drill's case goes to the drill instead, with the way it would have gone as its address.
        """
        if case_id is not None and self._is_only_a_drill(case_id, dedup_key):
            channel, address = drills.CHANNEL, f"{channel}:{address}"
        row = {
            "channel": channel,
            "address": address,
            "order_key": queue_of(channel, address, dedup_key),
            "body": body,
            "dedup_key": dedup_key,
            "case_id": case_id,
            "created_at": now,
            "available_at": now,
            "lane": lane_of(dedup_key, case_id, first=first),
            "attempts": 0,
            "state": "new",
        }
        self._session.execute(insert_for(self._session)(OutboxRow).values(row).on_conflict_do_nothing())
        if row["lane"] == CASES:
            # What goes before it in its queue goes with it, or a card would wait behind a greeting's turn.
            behind = (OutboxRow.order_key == row["order_key"], OutboxRow.state == "new", OutboxRow.lane == REST)
            free = select(OutboxRow.id).where(*behind).with_for_update(skip_locked=True)
            self._session.execute(update(OutboxRow).where(OutboxRow.id.in_(free)).values(lane=CASES))

    def _is_only_a_drill(self, case_id: int, dedup_key: str) -> bool:
        """Here and not where pages are written: whatever is queued about a drill, nobody real is woken by mistake."""
        of_case = select(ConversationRow.address).join(CaseRow, CaseRow.conversation_id == ConversationRow.id)
        citizen = self._session.scalar(of_case.where(CaseRow.id == case_id, CaseRow.drill.is_(True)))
        return citizen is not None and not drills.leaves_the_house(citizen, dedup_key)

    def any_waiting(self, now: datetime, channels: tuple[str, ...], lanes: Sequence[int] = LANES) -> bool:
        """Whether `claim` might find something; takes no lock."""
        waiting = (OutboxRow.state == "new", OutboxRow.available_at <= now, OutboxRow.channel.in_(channels))
        query = select(OutboxRow.id).where(*waiting, OutboxRow.lane.in_(lanes))
        return self._session.scalars(query.limit(1)).first() is not None

    def claim(self, now: datetime, channels: tuple[str, ...], lanes: Sequence[int] = LANES) -> OutboxRow | None:
        """Take the first row of these lanes whose queue has nothing older still waiting."""
        waiting = (OutboxRow.state == "new", OutboxRow.available_at <= now, OutboxRow.channel.in_(channels))
        for lane in lanes:
            in_lane = (*waiting, OutboxRow.lane == lane)
            # Most often one of the first few may go; only if not, all are looked at.
            row = self._first_in_line(in_lane, NEAREST) or self._first_in_line(in_lane, None)
            if row is not None:
                row.lease = secrets.token_hex(8)
                row.available_at = now + LEASES.get(lane, LEASE)
                row.attempts += 1
                self._session.flush()
                return row
        return None

    def _first_in_line(self, waiting: tuple[ColumnElement[bool], ...], among: int | None) -> OutboxRow | None:
        """Of the first waiting rows, the first whose queue has nothing older; locked. Alerts wait for nothing.

        Written so that PostgreSQL uses its indexes without knowing the table: the few by number, and the oldest of a
        queue as its smallest id. With NOT EXISTS it would read everything.
        """
        in_order = (OutboxRow.available_at, OutboxRow.id)
        older = aliased(OutboxRow)
        oldest = select(func.min(older.id)).where(older.order_key == OutboxRow.order_key, older.state == "new")
        free = or_(OutboxRow.lane == ALERTS, OutboxRow.id == oldest.scalar_subquery())
        query = select(OutboxRow).where(*waiting, free).order_by(*in_order).limit(1)
        if among is not None:
            nearest = select(OutboxRow.id).where(*waiting).order_by(OutboxRow.available_at).limit(among)
            found = list(self._session.scalars(nearest))
            if not found:
                return None
            query = query.where(OutboxRow.id.in_(found))
        return self._session.scalars(query.with_for_update(skip_locked=True)).first()

    def sent(self, row: OutboxRow, now: datetime, remote_id: str | None = None) -> None:
        """The other side has it, and calls it `remote_id`."""
        self._finish(row, state="sent", sent_at=now, error=None, remote_id=remote_id)

    def failed(self, row: OutboxRow, error: str) -> bool:
        """It will never arrive and steps aside, so that the next ones can go. False if another worker has it now."""
        return self._finish(row, state="failed", error=error)

    def skipped(self, row: OutboxRow, reason: str) -> None:
        """Nobody needs it any more: it is not sent."""
        self._finish(row, state="skipped", error=reason)

    def retry(self, row: OutboxRow, at: datetime, error: str, *, counts: bool = True, parts_sent: int = 0) -> None:
        """Try again at `at`, from the part after `parts_sent` on."""
        values: dict[str, Any] = {"available_at": at, "error": error}
        if not counts:
            values["attempts"] = row.attempts - 1
        if parts_sent:
            values["body"] = row.body | {"parts_sent": parts_sent}
        if self._finish(row, **values) and row.lane != ALERTS:
            # What waits behind it cannot go earlier either, and would be looked at in vain by every claim until then.
            behind = (OutboxRow.order_key == row.order_key, OutboxRow.state == "new", OutboxRow.id > row.id)
            self._session.execute(update(OutboxRow).where(*behind, OutboxRow.available_at < at).values(available_at=at))

    def _finish(self, row: OutboxRow, **values: Any) -> bool:
        result = self._session.execute(
            update(OutboxRow).where(OutboxRow.id == row.id, OutboxRow.lease == row.lease).values(**values)
        )
        assert isinstance(result, CursorResult)
        return result.rowcount == 1

    def late_alerts(self, before: datetime, limit: int = 200) -> list[OutboxRow]:
        """Alerts queued before a moment that have not left yet, oldest first."""
        query = select(OutboxRow).where(
            OutboxRow.state == "new", OutboxRow.lane == ALERTS, OutboxRow.created_at <= before
        )
        return list(self._session.scalars(query.order_by(OutboxRow.id).limit(limit)))

    def for_case(self, case_id: int) -> list[OutboxRow]:
        """Everything sent or waiting for one case, oldest first."""
        query = select(OutboxRow).where(OutboxRow.case_id == case_id).order_by(OutboxRow.id)
        return list(self._session.scalars(query))

    def alerts_of_incident(self, incident_id: int, since: datetime, states: Iterable[str]) -> list[OutboxRow]:
        """Alerts about the cases of an incident queued since a moment, in some states."""
        query = (
            select(OutboxRow)
            .join(CaseRow, CaseRow.id == OutboxRow.case_id)
            .where(
                CaseRow.incident_id == incident_id,
                OutboxRow.lane == ALERTS,
                OutboxRow.created_at >= since,
                OutboxRow.state.in_(list(states)),
            )
        )
        return list(self._session.scalars(query.order_by(OutboxRow.id)))

    def by_remote(self, channel: str, address: str, remote_id: str) -> OutboxRow | None:
        """What the other side calls `remote_id` in this chat."""
        query = select(OutboxRow).where(
            OutboxRow.order_key.in_((f"{channel}:{address}", f"{ALERT}{channel}:{address}")),
            OutboxRow.remote_id == remote_id,
        )
        return self._session.scalars(query.order_by(OutboxRow.id.desc()).limit(1)).first()

    def move(self, channel: str, old: str, new: str) -> None:
        """What waits for an address waits for another from now on, alerts included."""
        for key in ("", ALERT):
            waiting = (OutboxRow.order_key == queue_of(channel, old, key), OutboxRow.state == "new")
            moved = {"address": new, "order_key": queue_of(channel, new, key)}
            self._session.execute(update(OutboxRow).where(*waiting).values(moved))

    def has(self, dedup_key: str) -> bool:
        """Whether this was queued before."""
        return self._session.scalar(select(OutboxRow.id).where(OutboxRow.dedup_key == dedup_key)) is not None

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
