"""The outbox: what must be delivered over a network, in order per address, each row once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session, aliased

from bot.domain import drills
from bot.domain.alerting import ALERT
from bot.storage.inserts import insert_for
from bot.storage.tables import CaseRow, ConversationRow, OutboxRow

LEASE = timedelta(seconds=60)
NEAREST = 50  # rows
# Alerts leave before everything else, then emergency cards and what belongs to a case. One index has to give that
# order: so the time from which a row is available is told this much earlier, and the oldest goes first.
HEAD_STARTS = (timedelta(days=8000), timedelta(days=4000), timedelta())
BETWEEN = timedelta(days=2000)  # half the way from one lane to the next; nothing waits that long
ALERTS, CASES, REST = range(3)


def lane_of(dedup_key: str, case_id: int | None, *, first: bool = False) -> int:
    """Which head start a row has; `first`: it is an emergency card."""
    if dedup_key.startswith(ALERT):
        return ALERTS
    return CASES if first or case_id is not None else REST


def queue_of(channel: str, address: str, dedup_key: str) -> str:
    """Rows of one queue leave in order. Alerts have their own, in which none waits for another."""
    queue = f"{channel}:{address}"
    return f"{ALERT}{queue}" if dedup_key.startswith(ALERT) else queue


def _ahead(moment: datetime, lane: int) -> datetime:
    """A moment as the rows of a lane tell it."""
    return moment - HEAD_STARTS[lane]


def _lane_at(available_at: datetime, now: datetime) -> int:
    """The lane that a row's time lies in."""
    return next(lane for lane in (ALERTS, CASES, REST) if available_at < _ahead(now, lane) + BETWEEN or lane == REST)


def _by_lane(rows: Sequence[tuple[int, datetime]], at: datetime) -> dict[int, list[int]]:
    """The ids of rows that are due before a moment, by lane."""
    found: dict[int, list[int]] = {}
    for row_id, available_at in rows:
        lane = _lane_at(available_at, at)
        if available_at < _ahead(at, lane):
            found.setdefault(lane, []).append(row_id)
    return found


def _due(now: datetime, *lanes: int) -> ColumnElement[bool]:
    """Rows of these lanes that need not wait any longer."""
    at = OutboxRow.available_at
    each = (and_(at <= _ahead(now, lane), at > _ahead(now, lane) - BETWEEN) for lane in lanes)
    return and_(at <= _ahead(now, lanes[-1]), or_(*each))  # the first part is one range of the index


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
            "available_at": now - HEAD_STARTS[lane_of(dedup_key, case_id, first=first)],
            "attempts": 0,
            "state": "new",
        }
        self._session.execute(insert_for(self._session)(OutboxRow).values(row).on_conflict_do_nothing())

    def _is_only_a_drill(self, case_id: int, dedup_key: str) -> bool:
        """Here and not where pages are written: whatever is queued about a drill, nobody real is woken by mistake."""
        of_case = select(ConversationRow.address).join(CaseRow, CaseRow.conversation_id == ConversationRow.id)
        citizen = self._session.scalar(of_case.where(CaseRow.id == case_id, CaseRow.drill.is_(True)))
        return citizen is not None and not drills.leaves_the_house(citizen, dedup_key)

    def any_waiting(self, now: datetime, channels: tuple[str, ...], *, alerts: bool = False) -> bool:
        """Whether `claim` might find something; takes no lock."""
        lanes = (ALERTS,) if alerts else (ALERTS, CASES, REST)
        waiting = (OutboxRow.state == "new", _due(now, *lanes), OutboxRow.channel.in_(channels))
        return self._session.scalars(select(OutboxRow.id).where(*waiting).limit(1)).first() is not None

    def claim(self, now: datetime, channels: tuple[str, ...], *, alerts: bool = False) -> OutboxRow | None:
        """Take the first row whose queue has nothing older still waiting; `alerts`: only an alert."""
        lanes = (ALERTS,) if alerts else (ALERTS, CASES, REST)
        waiting = (OutboxRow.state == "new", _due(now, *lanes), OutboxRow.channel.in_(channels))
        # Most often one of the first few may go; only if not, all are looked at.
        row = self._first_in_line(waiting, NEAREST) or self._first_in_line(waiting, None)
        if row is None:
            return None
        row.lease = secrets.token_hex(8)
        row.available_at = _ahead(now + LEASE, _lane_at(row.available_at, now))
        row.attempts += 1
        self._session.flush()
        return row

    def _first_in_line(self, waiting: tuple[ColumnElement[bool], ...], among: int | None) -> OutboxRow | None:
        """Of the first waiting rows, the first whose queue has nothing older; locked. Alerts wait for nothing.

        Written so that PostgreSQL uses its indexes without knowing the table: the few by number, and the oldest of a
        queue as its smallest id. With NOT EXISTS it would read everything.
        """
        in_order = (OutboxRow.available_at, OutboxRow.id)
        older = aliased(OutboxRow)
        oldest = select(func.min(older.id)).where(older.order_key == OutboxRow.order_key, older.state == "new")
        free = or_(OutboxRow.dedup_key.startswith(ALERT), OutboxRow.id == oldest.scalar_subquery())
        query = select(OutboxRow).where(*waiting, free).order_by(*in_order).limit(1)
        if among is not None:
            nearest = select(OutboxRow.id).where(*waiting).order_by(OutboxRow.available_at).limit(among)
            query = query.where(OutboxRow.id.in_(list(self._session.scalars(nearest))))
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
        values: dict[str, Any] = {"available_at": _ahead(at, _lane_at(row.available_at, at)), "error": error}
        if not counts:
            values["attempts"] = row.attempts - 1
        if parts_sent:
            values["body"] = row.body | {"parts_sent": parts_sent}
        if self._finish(row, **values) and not row.dedup_key.startswith(ALERT):
            # What waits behind it cannot go earlier either, and would be looked at in vain by every claim until then.
            same_queue = (OutboxRow.order_key == row.order_key, OutboxRow.state == "new", OutboxRow.id > row.id)
            behind = self._session.execute(select(OutboxRow.id, OutboxRow.available_at).where(*same_queue).limit(500))
            for lane, ids in _by_lane([(found[0], found[1]) for found in behind], at).items():
                later = update(OutboxRow).where(OutboxRow.id.in_(ids), OutboxRow.state == "new")
                self._session.execute(later.values(available_at=_ahead(at, lane)))

    def _finish(self, row: OutboxRow, **values: Any) -> bool:
        result = self._session.execute(
            update(OutboxRow).where(OutboxRow.id == row.id, OutboxRow.lease == row.lease).values(**values)
        )
        assert isinstance(result, CursorResult)
        return result.rowcount == 1

    def late_alerts(self, before: datetime, limit: int = 200) -> list[OutboxRow]:
        """Alerts queued before a moment that have not left yet, oldest first."""
        waiting = (OutboxRow.state == "new", OutboxRow.available_at <= before - HEAD_STARTS[ALERTS] + BETWEEN)
        query = select(OutboxRow).where(*waiting, OutboxRow.created_at <= before)
        return list(self._session.scalars(query.order_by(OutboxRow.id).limit(limit)))

    def for_case(self, case_id: int) -> list[OutboxRow]:
        """Everything sent or waiting for one case, oldest first."""
        query = select(OutboxRow).where(OutboxRow.case_id == case_id).order_by(OutboxRow.id)
        return list(self._session.scalars(query))

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
