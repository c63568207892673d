"""One transaction and the repositories that share it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import structlog
from sqlalchemy.orm import Session

from bot.storage.attachments import AttachmentRepository
from bot.storage.audit import AuditRepository
from bot.storage.bounces import BounceRepository
from bot.storage.broadcasts import BroadcastRepository
from bot.storage.cases import CaseRepository
from bot.storage.content import ContentRepository
from bot.storage.conversations import ConversationRepository
from bot.storage.desks import DeskRepository
from bot.storage.directory import DirectoryRepository
from bot.storage.duty import DutyRepository
from bot.storage.heartbeats import HeartbeatRepository
from bot.storage.inbox import InboxRepository
from bot.storage.incidents import IncidentRepository
from bot.storage.outbox import OutboxRepository
from bot.storage.policies import PolicyRepository
from bot.storage.push_subscriptions import PushRepository
from bot.storage.ready_replies import ReadyReplyRepository
from bot.storage.staff import StaffRepository
from bot.storage.swaps import SwapRepository
from bot.storage.telegram_links import TelegramLinkRepository

log = structlog.get_logger()


class UnitOfWork:
    """Repositories by topic over one session; nothing is stored until the unit commits."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def attempt(self, step: Callable[[], object], name: str, case_id: int) -> bool:
        """Do something that must not undo the rest of the unit: if it breaks, only it is undone. Whether it worked."""
        try:
            with self.session.begin_nested():
                step()
        except Exception:
            log.exception("step_broke", step=name, case=case_id)
            return False
        return True

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
    def bounces(self) -> BounceRepository:
        """Addresses that refuse messages."""
        return BounceRepository(self.session)

    @cached_property
    def attachments(self) -> AttachmentRepository:
        """Pictures and other files of citizens."""
        return AttachmentRepository(self.session)

    @cached_property
    def ready_replies(self) -> ReadyReplyRepository:
        """Replies that officers take instead of typing."""
        return ReadyReplyRepository(self.session)

    @cached_property
    def incidents(self) -> IncidentRepository:
        """Events that several people report."""
        return IncidentRepository(self.session)

    @cached_property
    def broadcasts(self) -> BroadcastRepository:
        """Words to everyone in an incident."""
        return BroadcastRepository(self.session)

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
    def swaps(self) -> SwapRepository:
        """Requests to stand in for somebody."""
        return SwapRepository(self.session)

    @cached_property
    def push_subscriptions(self) -> PushRepository:
        """Browsers that take notifications."""
        return PushRepository(self.session)

    @cached_property
    def staff(self) -> StaffRepository:
        """People, their sessions and sign-in links."""
        return StaffRepository(self.session)

    @cached_property
    def telegram_links(self) -> TelegramLinkRepository:
        """One-time codes that connect Telegram chats."""
        return TelegramLinkRepository(self.session)

    @cached_property
    def policies(self) -> PolicyRepository:
        """Own chains, clocks and permissions."""
        return PolicyRepository(self.session)

    @cached_property
    def audit(self) -> AuditRepository:
        """Who did what."""
        return AuditRepository(self.session)
