"""Editing answers: publish, restore, preview. Whoever publishes second is told, and loses nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from bot.services.answers import answer
from bot.services.knowledge import Article, Knowledge, Snapshot
from bot.services.ports import Ports
from bot.services.replies import Reply
from bot.storage.tables_staff import ArticleRow, StaffRow
from bot.storage.unit_of_work import UnitOfWork

MAX_TITLE, MAX_BODY, MAX_QUESTIONS = 200, 20_000, 100


class ContentError(Exception):
    """A text that cannot be published; `code` names the sentence for the person who tried."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class EditedMeanwhile(Exception):  # noqa: N818 - a state of the world, not a mistake
    """Somebody else has published since this edit began."""


def publish(ports: Ports, draft: Article, staff: StaffRow) -> None:
    """Make a draft the live answer. `draft.version` is what its author saw when they began.

    Raises ContentError, EditedMeanwhile.
    """
    check(draft)
    now = ports.clock()
    try:
        with ports.database.write() as uow:
            _publish(uow, draft, staff, now, "content_published")
    except IntegrityError as error:  # two published the same version number at the same moment
        raise EditedMeanwhile from error
    ports.knowledge.refresh()


def restore(ports: Ports, topic: str, language: str, number: int, seen: int, staff: StaffRow) -> None:
    """Publish an earlier version's text again, as a new version. Raises LookupError, EditedMeanwhile."""
    now = ports.clock()
    try:
        with ports.database.write() as uow:
            versions = uow.content.versions(topic, language)
            old = next((row for row in versions if row.version == number), None)
            if old is None:
                raise LookupError(f"no version {number}")
            draft = Article(topic, language, old.title, old.body, tuple(old.questions), seen)
            _publish(uow, draft, staff, now, "content_restored")
    except IntegrityError as error:
        raise EditedMeanwhile from error
    ports.knowledge.refresh()


def _publish(uow: UnitOfWork, draft: Article, staff: StaffRow, now: datetime, action: str) -> None:
    live = uow.content.article(draft.topic, draft.language)
    if version_of(live) != draft.version:
        raise EditedMeanwhile
    row = uow.content.publish(
        draft.topic,
        draft.language,
        draft.title,
        draft.body,
        list(draft.questions),
        origin="console",
        by=staff.name,
        now=now,
    )
    subject = f"content:{draft.topic}/{draft.language}"
    uow.audit.record(staff.id, action, subject, now, version=row.version)


def version_of(live: ArticleRow | None) -> int:
    """0 stands for 'there is no answer yet'."""
    return live.version if live else 0


def check(draft: Article) -> None:
    """Raises ContentError for a text that is missing something or too long."""
    if not draft.title or not draft.body:
        raise ContentError("answer_incomplete")
    if len(draft.title) > MAX_TITLE or len(draft.body) > MAX_BODY or len(draft.questions) > MAX_QUESTIONS:
        raise ContentError("too_long")


def preview(ports: Ports, draft: Article) -> Reply | None:
    """The draft exactly as the citizen would see it: by the code that answers citizens."""
    snapshot = ports.knowledge.current
    articles = {**snapshot.articles, (draft.topic, draft.language): draft}
    drafted = _Drafted(ports.knowledge, replace(snapshot, articles=articles))
    return answer(replace(ports, knowledge=drafted), draft.topic, draft.language)


class _Drafted(Knowledge):
    """Knowledge as it would be with one more draft; it never looks at the database."""

    def __init__(self, real: Knowledge, snapshot: Snapshot) -> None:
        self.shipped, self._rules = real.shipped, real._rules
        self._drafted = snapshot

    @property
    def current(self) -> Snapshot:
        """The snapshot with the draft in it."""
        return self._drafted
