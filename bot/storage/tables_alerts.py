"""Tables of alerts: ways to a person, and addresses that do not work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables import Base


class BounceRow(Base):
    """An address that refused a message for good. It counts as no way until something arrives there again."""

    __tablename__ = "bounces"
    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    error: Mapped[str]


class PushSubscriptionRow(Base):
    """One browser of one person that takes Web Push messages (RFC 8030, 8291)."""

    __tablename__ = "push_subscriptions"
    __table_args__ = (UniqueConstraint("endpoint"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    endpoint: Mapped[str]
    p256dh: Mapped[str]  # the browser's public key, base64url
    auth: Mapped[str]  # the browser's secret, base64url
    created_at: Mapped[datetime]


class TelegramLinkRow(Base):
    """A one-time code that ties a Telegram chat to a person, or a group to a desk. Only its hash is stored."""

    __tablename__ = "telegram_links"
    __table_args__ = (UniqueConstraint("secret_hash"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    desk_id: Mapped[str | None] = mapped_column(ForeignKey("desks.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
