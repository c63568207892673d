"""The inbox: every message as it arrived, claimed by one worker at a time, in order per conversation."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, func, select, update
from sqlalchemy.orm import Session, aliased

from bot.domain import drills
from bot.storage.inserts import insert_for
from bot.storage.tables import InboxRow

LEASE = timedelta(seconds=30)  # longer than any turn; a dead worker's rows come free after it
WAITING = ("new", "triaged")
NEAREST = 50  # rows
URGENT, REST = LANES = range(2)  # what sounds like a cry for help goes before everything else


class InboxRepository:
    """Reads and writes inbox rows within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, channel: str, external_id: str, key: str, body: dict[str, Any], now: datetime, lane: int = REST
    ) -> int | None:
        """Store a message once. Returns its id, or None if it was already there."""
        row = {
            "channel": channel,
            "external_id": external_id,
            "conversation_key": key,
            "body": body,
            "received_at": now,
            "available_at": now,
            "lane": lane,
            "attempts": 0,
            "state": "new",
        }
        statement = insert_for(self._session)(InboxRow).values(row).on_conflict_do_nothing().returning(InboxRow.id)
        row_id = self._session.execute(statement).scalar_one_or_none()
        if row_id is not None and lane == URGENT:
            # What this person wrote before goes with it: the order is kept, and a greeting holds no cry for help back.
            before = (InboxRow.conversation_key == key, InboxRow.state.in_(WAITING), InboxRow.lane == REST)
            free = select(InboxRow.id).where(*before).with_for_update(skip_locked=True)
            self._session.execute(update(InboxRow).where(InboxRow.id.in_(free)).values(lane=URGENT))
        return row_id

    def any_waiting(self, now: datetime, conversation_key: str | None = None, *, urgent: bool = False) -> bool:
        """Whether `claim` might find something; takes no lock."""
        query = select(InboxRow.id).where(*_waiting(now, conversation_key, (URGENT,) if urgent else LANES))
        return self._session.scalars(query.limit(1)).first() is not None

    def claim(self, now: datetime, conversation_key: str | None = None, *, urgent: bool = False) -> InboxRow | None:
        """Take the first waiting row that no earlier row of its conversation holds back; cries for help before others.

        With a key only that conversation is looked at, in order. The claim is a lease: it expires with its claimer.
        """
        if conversation_key is not None:
            row = self._first(_waiting(now, conversation_key, LANES))
        else:
            row = next(filter(None, (self._of_lane(now, lane) for lane in ((URGENT,) if urgent else LANES))), None)
        if row is None:
            return None
        row.lease = secrets.token_hex(8)
        row.available_at = now + LEASE
        row.attempts += 1
        self._session.flush()
        return row

    def _of_lane(self, now: datetime, lane: int) -> InboxRow | None:
        """Most often one of the first few may go; only if not, all are looked at: thousands may wait in a surge."""
        waiting = _waiting(now, None, (lane,))
        nearest = select(InboxRow.id).where(*waiting).order_by(InboxRow.available_at).limit(NEAREST)
        ids = list(self._session.scalars(nearest))
        if not ids:
            return None
        return self._first((*waiting, InboxRow.id.in_(ids))) or self._first(waiting)

    def _first(self, waiting: tuple[ColumnElement[bool], ...]) -> InboxRow | None:
        """The oldest of these that no earlier row of its conversation holds back; locked."""
        earlier = aliased(InboxRow)
        held_back = (
            select(earlier.id)
            .where(
                earlier.conversation_key == InboxRow.conversation_key,
                earlier.state.in_(WAITING),
                earlier.id < InboxRow.id,
            )
            .exists()
        )
        query = select(InboxRow).where(*waiting, ~held_back).order_by(InboxRow.id).limit(1)
        return self._session.scalars(query.with_for_update(skip_locked=True)).first()

    def get(self, row_id: int) -> InboxRow | None:
        """One stored message, whatever became of it."""
        return self._session.get(InboxRow, row_id)

    def advance(self, row: InboxRow, state: str, now: datetime, error: str | None = None) -> bool:
        """Move a claimed row on. False if the lease was lost: then the whole unit must be dropped."""
        result = self._session.execute(
            update(InboxRow).where(InboxRow.id == row.id, InboxRow.lease == row.lease).values(state=state, error=error)
        )
        assert isinstance(result, CursorResult)
        return result.rowcount == 1

    def release(self, row: InboxRow, at: datetime, error: str) -> None:
        """Give a row back to be tried again at `at`."""
        self._session.execute(
            update(InboxRow)
            .where(InboxRow.id == row.id, InboxRow.lease == row.lease)
            .values(available_at=at, error=error)
        )

    def waiting(self) -> int:
        """How many rows are not finished, drills left out."""
        query = select(func.count()).where(InboxRow.state.in_(WAITING), InboxRow.channel != drills.CHANNEL)
        return self._session.scalar(query) or 0


def _waiting(now: datetime, conversation_key: str | None, lanes: Iterable[int]) -> tuple[ColumnElement[bool], ...]:
    waiting = (InboxRow.state.in_(WAITING), InboxRow.lane.in_(list(lanes)), InboxRow.available_at <= now)
    return waiting if conversation_key is None else (*waiting, InboxRow.conversation_key == conversation_key)
