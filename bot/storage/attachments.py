"""What citizens sent besides words: where each file lies, not the file itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage.tables import MessageRow
from bot.storage.tables_cases import AttachmentRow


class AttachmentRepository:
    """Reads and writes attachments within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, message_id: int, channel: str, now: datetime, **fields: Any) -> AttachmentRow:
        """One file of a message."""
        row = AttachmentRow(message_id=message_id, channel=channel, at=now, **fields)
        self._session.add(row)
        self._session.flush()
        return row

    def of_messages(self, message_ids: Iterable[int]) -> dict[int, list[AttachmentRow]]:
        """The files of each of these messages, oldest first."""
        query = select(AttachmentRow).where(AttachmentRow.message_id.in_(list(message_ids)))
        found: dict[int, list[AttachmentRow]] = {}
        for row in self._session.scalars(query.order_by(AttachmentRow.id)):
            found.setdefault(row.message_id, []).append(row)
        return found

    def in_conversation(self, attachment_id: int, conversation_id: int) -> AttachmentRow:
        """One file, if it belongs to this conversation. Raises LookupError."""
        query = (
            select(AttachmentRow)
            .join(MessageRow, MessageRow.id == AttachmentRow.message_id)
            .where(AttachmentRow.id == attachment_id, MessageRow.conversation_id == conversation_id)
        )
        row = self._session.scalars(query).first()
        if row is None:
            raise LookupError(f"no attachment {attachment_id} in conversation {conversation_id}")
        return row

    def sent_before(self, message: MessageRow, since: datetime) -> bool:
        """Whether an earlier message of the same conversation, written since a moment, brought a file."""
        query = (
            select(AttachmentRow.id)
            .join(MessageRow, MessageRow.id == AttachmentRow.message_id)
            .where(
                MessageRow.conversation_id == message.conversation_id,
                MessageRow.id < message.id,
                AttachmentRow.at >= since,
            )
        )
        return self._session.scalar(query.limit(1)) is not None
