"""Conversations and what was said in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, bindparam, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from bot.domain.drills import CHANNEL as DRILL
from bot.storage.inserts import insert_row, table_of
from bot.storage.tables import ConversationRow, MessageRow

_TABLE = table_of(ConversationRow)
_BY_KEY = select(ConversationRow).where(ConversationRow.key == bindparam("wanted"))
_NEXT_SEQ = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("which"))
    .values(last_seq=_TABLE.c.last_seq + 1, updated_at=bindparam("now"))
    .returning(_TABLE.c.last_seq)
)
_OF_INBOX = select(MessageRow).where(
    MessageRow.conversation_id == bindparam("where"),  # which has an index; the other two have none
    MessageRow.inbox_id == bindparam("wanted"),
    MessageRow.author == "citizen",
)


_MESSAGE = table_of(MessageRow)
_SAID_AFTER = (
    select(_TABLE.c.id.label("conversation"), _TABLE.c.language.label("spoken"), _TABLE.c.mode, *_MESSAGE.c)
    .join_from(
        _TABLE,
        _MESSAGE,
        and_(_MESSAGE.c.conversation_id == _TABLE.c.id, _MESSAGE.c.seq > bindparam("after")),
        isouter=True,
    )
    .where(_TABLE.c.key == bindparam("wanted"))
    .order_by(_MESSAGE.c.seq)
    .limit(bindparam("most"))
)


class Listening(NamedTuple):
    """What somebody who listens to a conversation reads: its state, and rows with a message's columns."""

    conversation: int
    language: str
    mode: str
    messages: Sequence[Row[Any]]


class ConversationRepository:
    """Reads and writes conversations within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def by_key(self, key: str) -> ConversationRow | None:
        """The conversation with this key."""
        return self._session.scalars(_BY_KEY, {"wanted": key}).first()

    def get(self, conversation_id: int) -> ConversationRow:
        """The conversation with this id. Raises LookupError."""
        row = self._session.get(ConversationRow, conversation_id)
        if row is None:
            raise LookupError(f"no conversation {conversation_id}")
        return row

    def create(self, key: str, channel: str, address: str, language: str, now: datetime) -> ConversationRow:
        """A new conversation."""
        row = ConversationRow(
            key=key,
            channel=channel,
            address=address,
            language=language,
            drill=channel == DRILL,
            created_at=now,
            updated_at=now,
        )
        self._session.add(row)
        self._session.flush()
        return row

    def say(
        self,
        conversation: ConversationRow,
        author: str,
        text: str,
        now: datetime,
        *,
        name: str = "",
        language: str = "",
        extra: dict[str, Any] | None = None,
        inbox_id: int | None = None,
    ) -> MessageRow:
        """Append one message; the sequence number is taken in the database, so it never repeats."""
        seq = self._session.execute(_NEXT_SEQ, {"which": conversation.id, "now": now}).scalar_one()
        set_committed_value(conversation, "last_seq", seq)
        set_committed_value(conversation, "updated_at", now)
        message = {
            "conversation_id": conversation.id,
            "seq": seq,
            "author": author,
            "name": name,
            "text": text,
            "language": language,
            "extra": extra or {},
            "inbox_id": inbox_id,
            "at": now,
        }
        return insert_row(self._session, MessageRow, message)

    def after(self, conversation_id: int, seq: int, limit: int = 200) -> list[MessageRow]:
        """Messages after a sequence number, oldest first."""
        query = (
            select(MessageRow)
            .where(MessageRow.conversation_id == conversation_id, MessageRow.seq > seq)
            .order_by(MessageRow.seq)
            .limit(limit)
        )
        return list(self._session.scalars(query))

    def said_after(self, key: str, seq: int, limit: int) -> Listening | None:
        """A conversation and what was said in it after a sequence number, oldest first; None if it has not begun.

        One statement, past the mapper: open pages ask this more often than anybody asks anything else.
        """
        rows = self._session.execute(_SAID_AFTER, {"wanted": key, "after": seq, "most": limit}).all()
        if not rows:
            return None
        messages = rows if rows[0].seq is not None else []
        return Listening(rows[0].conversation, rows[0].spoken, rows[0].mode, messages)

    def of_inbox(self, conversation_id: int, inbox_id: int) -> MessageRow | None:
        """The citizen's message that an inbox row became, if it was already recorded."""
        return self._session.scalars(_OF_INBOX, {"where": conversation_id, "wanted": inbox_id}).first()

    def written_since(self, message_id: int | None) -> tuple[int, set[int]]:
        """The newest message's id, and the conversations written to after `message_id`."""
        newest = self._session.scalar(select(func.max(MessageRow.id))) or 0
        if message_id is None or newest == message_id:
            return newest, set()
        query = select(MessageRow.conversation_id).where(MessageRow.id > message_id).distinct()
        return newest, set(self._session.scalars(query))
