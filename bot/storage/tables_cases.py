"""Tables beside the cases: incidents, what was said to everyone in one, ready-made replies, what citizens sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables import Base


class IncidentRow(Base):
    """One event that several people report: the same kind, place and time."""

    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_open", "state", "kind", "country"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    country: Mapped[str]
    place: Mapped[str] = mapped_column(default="")  # the place's name; "" for a whole country
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    state: Mapped[str] = mapped_column(default="open")  # open | closed
    drill: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]  # when the newest case joined
    closed_at: Mapped[datetime | None]


class BroadcastRow(Base):
    """A person's words to everyone in an incident, by language."""

    __tablename__ = "broadcasts"
    __table_args__ = (UniqueConstraint("key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    texts: Mapped[dict[str, Any]]  # language -> words
    key: Mapped[str]  # of the form: a double click says it once
    at: Mapped[datetime]
    reached: Mapped[int] = mapped_column(default=0)  # conversations


class ReadyReplyRow(Base):
    """A reply that officers can take instead of typing it, by language."""

    __tablename__ = "ready_replies"
    __table_args__ = (UniqueConstraint("key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    texts: Mapped[dict[str, Any]]  # language -> words
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    origin: Mapped[str] = mapped_column(default="console")  # file | console
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]


class AttachmentRow(Base):
    """A picture or document of a citizen: kept by the channel under `remote_id`, or by us under `stored`."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_message", "message_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    kind: Mapped[str]  # photo | document | voice | video
    mime: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(default=0)  # bytes, as far as it is known
    name: Mapped[str] = mapped_column(default="")
    channel: Mapped[str]
    remote_id: Mapped[str | None]
    stored: Mapped[str | None]
    at: Mapped[datetime]


class PolicyRow(Base):
    """One rule that an installation sets itself instead of the shipped one: chains, clocks, permissions."""

    __tablename__ = "policies"
    key: Mapped[str] = mapped_column(primary_key=True)  # 'chain:accident', 'clock:life', 'role:officer'
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]
