"""One citizen's message being answered: everything the steps of the conversation share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.places import Location
from bot.services.incoming import Incoming
from bot.services.ports import Ports
from bot.services.replies import Reply, send
from bot.storage.tables import CaseRow, ConversationRow, MessageRow
from bot.storage.unit_of_work import UnitOfWork
from bot.understanding.understand import Understanding

SURE_OF_TOPIC = 0.35  # of 1; below it, search decides


@dataclass
class Turn:
    """The state of one turn inside one unit of work."""

    ports: Ports
    uow: UnitOfWork
    conversation: ConversationRow
    incoming: Incoming
    understanding: Understanding
    now: datetime
    message: MessageRow | None = None
    said: list[Reply] = field(default_factory=list)

    @property
    def language(self) -> str:
        """The language we answer in."""
        return self.conversation.language

    @property
    def location(self) -> Location | None:
        """Where the citizen is, as far as the conversation is sure: at least of the country."""
        return self.supposed if self.supposed and self.supposed.country else None

    @property
    def supposed(self) -> Location | None:
        """Where the citizen is or may be: an ambiguous name may leave even the country open."""
        return Location.from_dict(self.conversation.location)

    @property
    def also(self) -> tuple[str, ...]:
        """Further countries that the citizen may be in, the likeliest first."""
        countries = self.supposed.countries if self.supposed else ()
        return tuple(country for country in countries if country != self.country)

    @property
    def country(self) -> str | None:
        """The country the citizen is in, if known."""
        return self.location.country if self.location else None

    @property
    def case(self) -> CaseRow | None:
        """The conversation's open case."""
        if self.conversation.case_id is None:
            return None
        return self.uow.cases.get(self.conversation.case_id)

    @property
    def has_just_opened_the_case(self) -> bool:
        """Whether this very message opened the case."""
        case = self.case
        if case is None or self.message is None:
            return False
        opened = self.uow.cases.events(case.id)[0]
        return opened.data.get("message") == self.message.id

    def say(self, reply: Reply) -> None:
        """Answer the citizen."""
        send(self.uow, self.conversation, reply, self.now, case_id=self.conversation.case_id)
        self.said.append(reply)
