"""One thing that a member of staff did in Telegram: everything the steps of answering it share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.cases import CaseStatus
from bot.i18n.catalogues import LANGUAGES, text
from bot.services.access import may_handle
from bot.services.duty_chat_out import Buttons, answer_button, tell, ways_in
from bot.services.incoming import Incoming
from bot.services.ports import Ports
from bot.services.routing import desk_name
from bot.storage.tables import CaseRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork


@dataclass
class Talk:
    """The state of one turn inside one unit of work. `staff` is None for somebody we do not know."""

    uow: UnitOfWork
    ports: Ports
    inbox_id: int
    incoming: Incoming
    now: datetime
    staff: StaffRow | None
    changed: set[int] = field(default_factory=set)  # conversations whose open page must look again
    said: int = 0

    @property
    def in_group(self) -> bool:
        """Whether others read along: then nothing about a citizen is said."""
        return bool(self.incoming.duty.get("group"))

    @property
    def language(self) -> str:
        """The person's language; of a stranger what Telegram says."""
        if self.staff is not None:
            return self.staff.language
        code = self.incoming.language.split("-")[0].lower()
        return code if code in LANGUAGES else "tr"

    @property
    def me(self) -> StaffRow:
        """The person, where only staff can come."""
        assert self.staff is not None
        return self.staff

    def say(
        self, key: str, /, case_id: int | None = None, buttons: Buttons = (), once: str = "", **words: object
    ) -> None:
        """A sentence into the private chat, whichever chat this came from; one time per `once`, or per turn."""
        self.say_lines([text(key, self.language, **words)], buttons, case_id, once)

    def say_lines(self, lines: list[str], buttons: Buttons = (), case_id: int | None = None, once: str = "") -> None:
        """The same with lines that are made already."""
        self.said += 1
        chat = (self.staff.telegram_chat if self.staff else None) or self.incoming.duty.get("sender") or ""
        once = once or f"duty:{self.inbox_id}:{self.said}"
        tell(self.uow, chat, "\n".join(lines), self.language, self.now, key=once, case_id=case_id, buttons=buttons)

    def answer(self, key: str = "", /, **words: object) -> None:
        """Answer the pressed button, if one was: a sentence in front of the chat, or nothing but its end."""
        query = self.incoming.duty.get("query")
        if query:
            sentence = text(key, self.language, **words) if key else ""
            answer_button(self.uow, str(query), sentence, self.now)

    def refuse(self, key: str, /, case_id: int | None = None, buttons: Buttons = (), **words: object) -> None:
        """Why nothing was changed: over the chat, and in a private chat also as a message that stays."""
        self.answer(key, **words)
        if not self.in_group:
            self.say_lines([text(key, self.language, **words)], buttons, case_id)

    def is_not_mine(self, case: CaseRow) -> bool:
        """Whether somebody else, or nobody, has the case now; then that is said, with the button that helps."""
        if case.status == CaseStatus.ACCEPTED and case.owner_id == self.me.id:
            return False
        if case.status == CaseStatus.CLOSED:
            self.refuse("duty_chat.closed", case_id=case.id, case=case.id)
            return True
        buttons = ways_in(self.uow, case, self.me) if may_handle(self.uow, self.ports, self.me, case) else []
        if case.owner_id is None:
            desk = self.desk_name(case.desk_id)
            self.refuse("duty_chat.waits", case_id=case.id, buttons=buttons, case=case.id, desk=desk)
        else:
            name = self.uow.staff.get(case.owner_id).name
            self.refuse("duty_chat.has_it", case_id=case.id, buttons=buttons, case=case.id, name=name)
        return True

    def desk_name(self, desk_id: str) -> str:
        """A desk in this person's language."""
        return desk_name(self.uow, self.ports.knowledge.directory, desk_id, self.language)

    @property
    def link(self) -> str:
        """The console's list of cases."""
        return f"{self.ports.console_url}/cases"
