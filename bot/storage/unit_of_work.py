"""One transaction and the repositories that share it."""

from __future__ import annotations

from functools import cached_property

from sqlalchemy.orm import Session

from bot.storage.audit import AuditRepository
from bot.storage.cases import CaseRepository
from bot.storage.content import ContentRepository
from bot.storage.conversations import ConversationRepository
from bot.storage.desks import DeskRepository
from bot.storage.directory import DirectoryRepository
from bot.storage.duty import DutyRepository
from bot.storage.heartbeats import HeartbeatRepository
from bot.storage.inbox import InboxRepository
from bot.storage.outbox import OutboxRepository
from bot.storage.staff import StaffRepository


class UnitOfWork:
    """Repositories by topic over one session; nothing is stored until the unit commits."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @cached_property
    def inbox(self) -> InboxRepository:
        """What came in."""
        return InboxRepository(self.session)

    @cached_property
    def outbox(self) -> OutboxRepository:
        """What goes out."""
        return OutboxRepository(self.session)

    @cached_property
    def conversations(self) -> ConversationRepository:
        """Conversations and their messages."""
        return ConversationRepository(self.session)

    @cached_property
    def cases(self) -> CaseRepository:
        """Cases and their events."""
        return CaseRepository(self.session)

    @cached_property
    def heartbeats(self) -> HeartbeatRepository:
        """Signs of life of the worker's jobs."""
        return HeartbeatRepository(self.session)

    @cached_property
    def content(self) -> ContentRepository:
        """Answers, their versions, and topic facts."""
        return ContentRepository(self.session)

    @cached_property
    def directory(self) -> DirectoryRepository:
        """Missions, districts, helplines, sister cities, services."""
        return DirectoryRepository(self.session)

    @cached_property
    def desks(self) -> DeskRepository:
        """Desks and their officers."""
        return DeskRepository(self.session)

    @cached_property
    def duty(self) -> DutyRepository:
        """Rosters, absences and overrides."""
        return DutyRepository(self.session)

    @cached_property
    def staff(self) -> StaffRepository:
        """People, their sessions and sign-in links."""
        return StaffRepository(self.session)

    @cached_property
    def audit(self) -> AuditRepository:
        """Who did what."""
        return AuditRepository(self.session)
