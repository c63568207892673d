"""Every table of the citizens' side: what came in, what was said, what goes out, and the cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.storage.types import UtcDateTime

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The one metadata that Alembic compares against."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON, str: Text}


class InboxRow(Base):
    """One message as it arrived. Unique per channel and external id: a repeat has no effect."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index("ix_inbox_waiting", "state", "lane", "available_at"),
        Index("ix_inbox_order", "conversation_key", "state", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    external_id: Mapped[str]
    conversation_key: Mapped[str]
    body: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    available_at: Mapped[datetime]
    lane: Mapped[int] = mapped_column(default=1)  # 0 sounds like a cry for help, 1 the rest
    lease: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="new")  # new | triaged | done | failed
    error: Mapped[str | None]


class OutboxRow(Base):
    """One thing to deliver over a network. Rows of one `order_key` leave in order of id."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("dedup_key"),
        Index("ix_outbox_waiting", "state", "lane", "available_at"),
        Index("ix_outbox_order", "order_key", "state", "id"),
        Index("ix_outbox_remote", "order_key", "remote_id"),
        Index("ix_outbox_case", "case_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    address: Mapped[str]
    order_key: Mapped[str]
    body: Mapped[dict[str, Any]]
    dedup_key: Mapped[str]
    case_id: Mapped[int | None]
    created_at: Mapped[datetime]
    available_at: Mapped[datetime]
    lane: Mapped[int] = mapped_column(default=2)  # 0 alerts, 1 cards and what belongs to a case, 2 the rest
    lease: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="new")  # new | sent | failed | skipped
    error: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    remote_id: Mapped[str | None]  # what the other side calls it, such as Telegram's message number


class ConversationRow(Base):
    """One citizen on one channel. `key` is 'telegram:<chat>' or 'web:<hash of the secret id>'."""

    __tablename__ = "conversations"
    __table_args__ = (UniqueConstraint("key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    channel: Mapped[str]
    address: Mapped[str]
    language: Mapped[str]
    language_chosen: Mapped[bool] = mapped_column(default=False)
    location: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    home_city: Mapped[str] = mapped_column(default="")
    mode: Mapped[str] = mapped_column(default="bot")  # bot | human
    case_id: Mapped[int | None]
    pending: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    last_seq: Mapped[int] = mapped_column(default=0)
    demo: Mapped[bool] = mapped_column(default=False)
    drill: Mapped[bool] = mapped_column(default=False)  # an exercise: never counted, never mixed with real people
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MessageRow(Base):
    """One line of a conversation; `seq` counts from 1 and is what a widget resumes from."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "seq"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    seq: Mapped[int]
    author: Mapped[str]  # citizen | bot | officer
    name: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    language: Mapped[str] = mapped_column(default="")
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # buttons, location, client id
    inbox_id: Mapped[int | None]
    at: Mapped[datetime]


class CaseRow(Base):
    """The current state of a case; its history is in the events."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_queue", "status", "due_at"),
        Index("ix_cases_desk", "desk_id", "status"),
        # As the console lists them. Desk and owner are in it so that cases are counted without being read.
        Index("ix_cases_listed", "status", "drill", "severity", "opened_at", "id", "desk_id", "owner_id"),
        Index("ix_cases_closed", "status", "drill", "closed_at", "id", "desk_id", "owner_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), index=True)
    label: Mapped[str]
    severity: Mapped[str]
    language: Mapped[str]
    location: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    mission_id: Mapped[str | None]
    desk_id: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")
    owner_id: Mapped[int | None]
    demo: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]  # the owner's last words to the citizen
    snoozed_until: Mapped[datetime | None]
    drill: Mapped[bool] = mapped_column(default=False)
    incident_id: Mapped[int | None] = mapped_column(index=True)  # the event that others report too
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    helped: Mapped[bool | None]  # what the citizen said when it was closed


class CaseEventRow(Base):
    """One thing that happened to a case. Only ever added."""

    __tablename__ = "case_events"
    __table_args__ = (UniqueConstraint("case_id", "seq"), Index("ix_case_events_at", "at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    seq: Mapped[int]
    kind: Mapped[str]
    at: Mapped[datetime]
    actor: Mapped[str]
    data: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(default="")  # over this event and the hash before it


class ChainHeadRow(Base):
    """The newest event of a case, recorded apart from the events: cutting off the end of a chain shows."""

    __tablename__ = "chain_heads"
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str]


class HeartbeatRow(Base):
    """When a job of a worker last came round."""

    __tablename__ = "heartbeats"
    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
