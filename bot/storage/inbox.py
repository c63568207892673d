"""The inbox: every message as it arrived, claimed by one worker at a time, in order per conversation.

The statements are built once and use the table, not the mapped class: this is the path of every message.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, ScalarSelect, bindparam, func, select, update
from sqlalchemy.orm import Session

from bot.domain import drills
from bot.storage.inserts import insert_once, table_of
from bot.storage.tables import InboxRow

LEASE = timedelta(seconds=30)  # longer than any turn; a dead worker's rows come free after it
FIRST_LEASE = timedelta(seconds=5)  # for a row that is taken in the commit that stores it, and begun very soon
WAITING = ("new", "triaged")
NEAREST = 50  # rows
URGENT, REST = LANES = range(2)  # what sounds like a cry for help goes before everything else

_TABLE = table_of(InboxRow)
_EARLIER = _TABLE.alias("earlier")
_HELD_BACK = (
    select(_EARLIER.c.id)
    .where(
        _EARLIER.c.conversation_key == _TABLE.c.conversation_key,
        _EARLIER.c.state.in_(WAITING),
        _EARLIER.c.id < _TABLE.c.id,
    )
    .exists()
)
_WAITING = (_TABLE.c.state.in_(WAITING), _TABLE.c.available_at <= bindparam("before"))
_OF_LANE = (*_WAITING, _TABLE.c.lane == bindparam("lane_wanted"))
_OF_KEY = (*_WAITING, _TABLE.c.conversation_key == bindparam("key"))
_NEAREST = select(_TABLE.c.id).where(*_OF_LANE).order_by(_TABLE.c.available_at).limit(NEAREST)


def _first(*conditions: Any) -> ScalarSelect[int]:
    """The oldest of these that no earlier row of its conversation holds back; locked."""
    query = select(_TABLE.c.id).where(*conditions, ~_HELD_BACK).order_by(_TABLE.c.id).limit(1)
    return query.with_for_update(skip_locked=True).scalar_subquery()


def _lease(which: ScalarSelect[int]) -> Any:
    """Take one row: its lease, and its attempts counted."""
    values = {"lease": bindparam("new_lease"), "available_at": bindparam("until"), "attempts": _TABLE.c.attempts + 1}
    return update(_TABLE).where(_TABLE.c.id == which).values(values).returning(*_TABLE.c)


_LEASE_OF_KEY = _lease(_first(*_OF_KEY))
_LEASE_OF_ID = _lease(_first(*_WAITING, _TABLE.c.id == bindparam("wanted")))
_LEASE_OF_LANE = _lease(_first(*_OF_LANE))
_LEASE_AMONG = _lease(_first(*_OF_LANE, _TABLE.c.id.in_(bindparam("nearest", expanding=True))))
_ANY = select(_TABLE.c.id).where(*_WAITING, _TABLE.c.lane.in_(LANES)).limit(1)
_MINE = (_TABLE.c.id == bindparam("which"), _TABLE.c.lease == bindparam("my_lease"))
_ADVANCE = (
    update(_TABLE)
    .where(*_MINE)
    .values(state=bindparam("new_state"), error=bindparam("new_error"), available_at=bindparam("until"))
)
_RELEASE = update(_TABLE).where(*_MINE).values(available_at=bindparam("at"), error=bindparam("new_error"))
# What this person wrote before goes with a cry: the order is kept, and a greeting holds no cry for help back.
_BEFORE = select(_TABLE.c.id).where(
    _TABLE.c.conversation_key == bindparam("key"), _TABLE.c.state.in_(WAITING), _TABLE.c.lane == REST
)
_MOVE_UP = update(_TABLE).where(_TABLE.c.id.in_(_BEFORE.with_for_update(skip_locked=True))).values(lane=URGENT)


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
        row_id = insert_once(self._session, InboxRow, row)
        if row_id is not None and lane == URGENT:
            self._session.execute(_MOVE_UP, {"key": key})
        return row_id

    def any_waiting(self, before: datetime) -> bool:
        """Whether `claim` might find something that waits since a moment; takes no lock."""
        return self._session.execute(_ANY, {"before": before}).first() is not None

    def claim(
        self, now: datetime, conversation_key: str | None = None, waited: timedelta = timedelta()
    ) -> InboxRow | None:
        """Take the first waiting row that no earlier row of its conversation holds back; cries for help before others.

        With a key only that conversation is looked at, in order; else what could have been taken `waited` ago. The
        claim is a lease: it expires with its claimer.
        """
        if conversation_key is not None:
            return self._take(_LEASE_OF_KEY, now, before=now, key=conversation_key)
        return next(filter(None, (self._of_lane(now, now - waited, lane) for lane in LANES)), None)

    def claim_new(self, row_id: int, now: datetime) -> InboxRow | None:
        """Take a row that was stored a moment ago; None if an earlier one of its conversation holds it back."""
        return self._take(_LEASE_OF_ID, now, FIRST_LEASE, before=now, wanted=row_id)

    def _of_lane(self, now: datetime, before: datetime, lane: int) -> InboxRow | None:
        """Most often one of the first few may go; only if not, all are looked at: thousands may wait in a surge."""
        nearest = list(self._session.scalars(_NEAREST, {"before": before, "lane_wanted": lane}))
        if not nearest:
            return None
        among = self._take(_LEASE_AMONG, now, before=before, lane_wanted=lane, nearest=nearest)
        return among or self._take(_LEASE_OF_LANE, now, before=before, lane_wanted=lane)

    def _take(self, statement: Any, now: datetime, lease: timedelta = LEASE, **which: Any) -> InboxRow | None:
        """The row leased, as it is then; it belongs to no session. None if there is none."""
        values = {"new_lease": secrets.token_hex(8), "until": now + lease, **which}
        found = self._session.execute(statement, values).mappings().first()
        return InboxRow(**found) if found is not None else None

    def get(self, row_id: int) -> InboxRow | None:
        """One stored message, whatever became of it."""
        return self._session.get(InboxRow, row_id)

    def advance(self, row: InboxRow, state: str, now: datetime, error: str | None = None) -> bool:
        """Move a claimed row on. False if the lease was lost: then the whole unit must be dropped.

        Half done, it is leased anew: the dialogue may take its time, and must not hear the same words twice.
        """
        until = now + LEASE
        values = {"which": row.id, "my_lease": row.lease, "new_state": state, "new_error": error, "until": until}
        result = self._session.execute(_ADVANCE, values)
        assert isinstance(result, CursorResult)
        return result.rowcount == 1

    def release(self, row: InboxRow, at: datetime, error: str) -> None:
        """Give a row back to be tried again at `at`."""
        values = {"which": row.id, "my_lease": row.lease, "at": at, "new_error": error}
        self._session.execute(_RELEASE, values)

    def waiting(self) -> int:
        """How many rows are not finished, drills left out."""
        query = select(func.count()).where(InboxRow.state.in_(WAITING), InboxRow.channel != drills.CHANNEL)
        return self._session.scalar(query) or 0
