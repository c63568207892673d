"""Tables of the staff's side: people, desks, content, directory, audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables import Base


class StaffRow(Base):
    """A person who may sign in to the console."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("email"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str] = mapped_column(index=True)
    language: Mapped[str] = mapped_column(default="tr")
    password_hash: Mapped[str | None]
    telegram_chat: Mapped[str | None]
    available: Mapped[bool] = mapped_column(default=True)
    languages: Mapped[list[Any]] = mapped_column(default=list)  # spoken with citizens; empty: not said
    capacity: Mapped[int] = mapped_column(default=0)  # accepted cases at once; 0: no limit
    active: Mapped[bool] = mapped_column(default=True)
    demo: Mapped[bool] = mapped_column(default=False)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class StaffSessionRow(Base):
    """One signed-in browser. Only the hash of the cookie's secret is stored."""

    __tablename__ = "staff_sessions"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInTokenRow(Base):
    """A one-time sign-in or invitation link. Only the hash is stored."""

    __tablename__ = "sign_in_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    secret_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class DeskRow(Base):
    """A desk that is set up here. A consulate's desk has its mission's id."""

    __tablename__ = "desks"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    country: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    municipality: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str] = mapped_column(default="UTC")
    hours: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    demo: Mapped[bool] = mapped_column(default=False)
    webhook_url: Mapped[str | None]
    webhook_secret: Mapped[str | None]
    email: Mapped[str | None]
    telegram_group: Mapped[str | None]
    keeps_holidays: Mapped[bool] = mapped_column(default=False)  # closed on its country's public holidays


class DeskMemberRow(Base):
    """Who works at which desk."""

    __tablename__ = "desk_members"
    desk_id: Mapped[str] = mapped_column(ForeignKey("desks.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)


class ArticleRow(Base):
    """The live answer of one topic in one language."""

    __tablename__ = "articles"
    topic: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    questions: Mapped[list[Any]]
    version: Mapped[int]
    origin: Mapped[str]  # file | console
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]


class ArticleVersionRow(Base):
    """Every version an answer ever had."""

    __tablename__ = "article_versions"
    topic: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    questions: Mapped[list[Any]]
    at: Mapped[datetime]
    by: Mapped[str]


class TopicFactsRow(Base):
    """Where a topic is officially done and who says so; shown under each answer."""

    __tablename__ = "topic_facts"
    topic: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    services: Mapped[list[Any]]
    sources: Mapped[list[Any]]
    seen: Mapped[str]


class FactRow(Base):
    """One row of a directory file, whole: its columns in `data`, its source and status beside them."""

    __tablename__ = "directory"
    __table_args__ = (Index("ix_directory_country", "file", "country"),)
    file: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    country: Mapped[str]
    data: Mapped[dict[str, Any]]
    source: Mapped[str]
    status: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None]


class MetaRow(Base):
    """Small facts about this installation: versions of imported data."""

    __tablename__ = "meta"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class AuditRow(Base):
    """Who did or read what, when."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    staff_id: Mapped[int | None]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]
