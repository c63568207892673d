"""The conversation on a case's page: files, languages, translations, ready replies."""

from __future__ import annotations

from dataclasses import dataclass

from bot.i18n.catalogues import LANGUAGES
from bot.services import ready_replies, translation
from bot.services.ports import NullTranslator
from bot.services.routing import desk_name
from bot.storage.tables import CaseRow, ConversationRow, MessageRow
from bot.storage.tables_cases import AttachmentRow
from bot.storage.unit_of_work import UnitOfWork
from bot.web.console.forms import Sent
from bot.web.console.pages import Page

LABEL = 70  # characters of a ready reply in the list


@dataclass(frozen=True)
class Ready:
    """One ready reply for this citizen (`text`, in `language`) and as the officer reads it (`own`)."""

    key: str
    text: str
    language: str
    own: str

    @property
    def label(self) -> str:
        """How the list names it."""
        return self.own if len(self.own) <= LABEL else self.own[: LABEL - 1] + "…"


@dataclass(frozen=True)
class Talk:
    """What the page knows beside the messages themselves. `language` is what the citizen is written to in."""

    language: str
    files: dict[int, list[AttachmentRow]]
    ready: list[Ready]
    taken: Ready | None
    understood: frozenset[str]  # languages that this officer reads
    own_language: str
    translator: bool

    def is_foreign(self, message: MessageRow) -> bool:
        """Whether the officer may not be able to read it."""
        return message.language in LANGUAGES and message.language not in self.understood

    def translation_of(self, message: MessageRow) -> str:
        """The machine's translation that somebody asked for, if there is one in the officer's language."""
        found: str = (message.extra.get("translations") or {}).get(self.own_language, "")
        return found

    def is_translatable(self, message: MessageRow) -> bool:
        """Whether pressing 'translate' could help."""
        return self.translator and bool(message.text) and self.is_foreign(message) and not self.translation_of(message)

    @property
    def drafts_are_translatable(self) -> bool:
        """Whether the officer's own words could be put into the citizen's language."""
        return self.translator and self.language != self.own_language


def read_talk(page: Page, uow: UnitOfWork, case: CaseRow, messages: list[MessageRow], taken: str = "") -> Talk:
    """Gather it; `taken` is the key of a ready reply that should stand in the reply box."""
    conversation = uow.conversations.get(case.conversation_id)
    ready = [_ready(page, uow, case, conversation, key, texts) for key, texts in _texts(uow)]
    return Talk(
        language=conversation.language,
        files=uow.attachments.of_messages(message.id for message in messages),
        ready=ready,
        taken=next((reply for reply in ready if reply.key == taken), None),
        understood=frozenset({page.language, *page.staff.languages}),
        own_language=page.language,
        translator=not isinstance(page.ports.translator, NullTranslator),
    )


def _texts(uow: UnitOfWork) -> list[tuple[str, dict[str, str]]]:
    return [(row.key, row.texts) for row in uow.ready_replies.all(active=True)]


def _ready(
    page: Page, uow: UnitOfWork, case: CaseRow, conversation: ConversationRow, key: str, texts: dict[str, str]
) -> Ready:
    """Filled with this officer's name and the desk as each language calls it."""
    directory = page.ports.knowledge.directory

    def filled(language: str) -> tuple[str, str]:
        desk = desk_name(uow, directory, case.desk_id, language)
        return ready_replies.fill(texts, language, page.staff.name, desk)

    text, language = filled(conversation.language)
    return Ready(key, text, language, filled(page.language)[0])


def translated_draft(page: Page, case: CaseRow, sent: Sent) -> dict[str, str] | None:
    """The form with the officer's words in the citizen's language, and their own beside; None without a translation."""
    with page.ports.database.read() as uow:
        target = uow.conversations.get(case.conversation_id).language
    words = sent["body"].strip()
    names = translation.names_in(page.ports, words, page.language, [page.staff.name])
    found = translation.translate(page.ports.translator, words, page.language, target, names)
    return None if found is None else sent.fields | {"body": found, "original": words}
