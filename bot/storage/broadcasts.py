"""Words of a person to everyone in an incident, and who has got them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.domain.cases import EventKind
from bot.storage.incidents import RUNNING
from bot.storage.inserts import insert_for
from bot.storage.tables import CaseEventRow, CaseRow, ConversationRow
from bot.storage.tables_cases import BroadcastRow, IncidentRow


class BroadcastRepository:
    """Reads and writes broadcasts within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def say(
        self, incident_id: int, staff_id: int, texts: dict[str, str], key: str, now: datetime
    ) -> tuple[BroadcastRow, bool]:
        """Keep a broadcast, once per `key`; and whether it is new."""
        values = {"incident_id": incident_id, "staff_id": staff_id, "texts": texts, "key": key, "at": now, "reached": 0}
        statement = insert_for(self._session)(BroadcastRow).values(values).on_conflict_do_nothing()
        made = self._session.execute(statement.returning(BroadcastRow.id)).first() is not None
        (row,) = self._session.scalars(select(BroadcastRow).where(BroadcastRow.key == key))
        return row, made

    def of(self, incident_id: int) -> list[BroadcastRow]:
        """What was said to everyone, newest first."""
        query = select(BroadcastRow).where(BroadcastRow.incident_id == incident_id)
        return list(self._session.scalars(query.order_by(BroadcastRow.id.desc())))

    def get(self, broadcast_id: int) -> BroadcastRow:
        """One broadcast. Raises LookupError."""
        row = self._session.get(BroadcastRow, broadcast_id)
        if row is None:
            raise LookupError(f"no broadcast {broadcast_id}")
        return row

    def newest(self, since: datetime) -> list[int]:
        """Of every open incident the newest broadcast, unless it is older than a moment."""
        query = (
            select(func.max(BroadcastRow.id))
            .join(IncidentRow, IncidentRow.id == BroadcastRow.incident_id)
            .where(BroadcastRow.at >= since, IncidentRow.state == "open")
            .group_by(BroadcastRow.incident_id)
        )
        return [found for found in self._session.scalars(query) if found is not None]

    def receivers(self, incident_id: int, closed_since: datetime | None) -> dict[str, int]:
        """How many people a broadcast would reach, by the language they speak with us."""
        query = (
            select(ConversationRow.language, func.count(ConversationRow.id.distinct()))
            .join(CaseRow, CaseRow.conversation_id == ConversationRow.id)
            .where(CaseRow.incident_id == incident_id, _hears(closed_since))
            .group_by(ConversationRow.language)
        )
        return {row[0]: row[1] for row in self._session.execute(query)}

    def unreached(self, broadcast: BroadcastRow, closed_since: datetime | None, limit: int) -> list[CaseRow]:
        """The newest case of everybody in the incident who has not got a broadcast yet, locked."""
        mine = CaseRow.incident_id == broadcast.incident_id
        newest = select(func.max(CaseRow.id)).where(mine, _hears(closed_since)).group_by(CaseRow.conversation_id)
        got_it = (
            select(CaseRow.conversation_id)
            .join(CaseEventRow, CaseEventRow.case_id == CaseRow.id)
            .where(mine, *_says(broadcast.id))
        )
        query = select(CaseRow).where(CaseRow.id.in_(newest), CaseRow.conversation_id.not_in(got_it))
        return list(self._session.scalars(query.order_by(CaseRow.id).limit(limit).with_for_update(skip_locked=True)))

    def has_got(self, conversation_id: int, broadcast_id: int) -> bool:
        """Whether a person has got a broadcast, in whichever case."""
        query = (
            select(CaseEventRow.id)
            .join(CaseRow, CaseRow.id == CaseEventRow.case_id)
            .where(CaseRow.conversation_id == conversation_id, *_says(broadcast_id))
        )
        return self._session.scalar(query.limit(1)) is not None

    def reached_one_more(self, broadcast_id: int) -> None:
        """Count a receiver; in the database, for two processes may count at once."""
        more = update(BroadcastRow).where(BroadcastRow.id == broadcast_id).values(reached=BroadcastRow.reached + 1)
        self._session.execute(more)

    def move(self, old_id: int, new_id: int) -> None:
        """What was said in one incident now belongs to another."""
        self._session.execute(update(BroadcastRow).where(BroadcastRow.incident_id == old_id).values(incident_id=new_id))


def _hears(closed_since: datetime | None) -> Any:
    """Whose case is running, or was closed after a moment."""
    running = CaseRow.status.in_(RUNNING)
    return running if closed_since is None else running | (CaseRow.closed_at >= closed_since)


def _says(broadcast_id: int) -> tuple[Any, ...]:
    return (
        CaseEventRow.kind == EventKind.BROADCAST,
        CaseEventRow.data["broadcast"].as_integer() == broadcast_id,
    )
