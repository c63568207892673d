"""Answers: which exist in which language, editing, preview, publishing, going back."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from bot.i18n.catalogues import LANGUAGES
from bot.services import content
from bot.services.content import ContentError, EditedMeanwhile, version_of
from bot.services.knowledge import Article
from bot.storage.tables_staff import ArticleRow
from bot.web.console.forms import Sent
from bot.web.console.pages import EditsContent, Form, Page, ReadsContent
from bot.web.console.route import ConsoleRoute

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)
VERSIONS_SHOWN = 20


@router.get("/content")
def table(page: ReadsContent) -> Response:
    """Topics by languages; what is missing is marked."""
    with page.ports.database.read() as uow:
        live = {(row.topic, row.language): row for row in uow.content.articles()}
    return page.render("content.html", topics=_topics(page, live), live=live)


@router.get("/content/{topic}/{language}")
def edit(page: ReadsContent, topic: str, language: str, beside: str = "") -> Response:
    """The form of one answer, with another language beside it."""
    return _form(page, topic, language, beside)


@router.post("/content/{topic}/{language}")
def publish(page: EditsContent, topic: str, language: str, sent: Form) -> Response:
    """Preview a draft, or make it the live answer."""
    _must_exist(page, topic, language)
    draft = _draft(sent, topic, language)
    beside = sent["beside"]
    if not page.is_ours(sent):
        return _form(page, topic, language, beside, draft, error=page.t("console.form_stale"))
    if sent["action"] != "publish":
        return _form(page, topic, language, beside, draft, status=200)
    try:
        content.publish(page.ports, draft, page.staff)
    except ContentError as error:
        return _form(page, topic, language, beside, draft, error=page.t(f"console.{error.code}"))
    except EditedMeanwhile:
        return _conflict(page, topic, language, beside, draft)
    return page.go(f"/console/content/{topic}/{language}", "published")


@router.post("/content/{topic}/{language}/restore")
def restore(page: EditsContent, topic: str, language: str, sent: Form) -> Response:
    """Publish an earlier version again."""
    _must_exist(page, topic, language)
    if not page.is_ours(sent):
        return _form(page, topic, language, "", error=page.t("console.form_stale"))
    number, seen = sent.number("number"), sent.number("version")
    try:
        content.restore(page.ports, topic, language, number, seen, page.staff)
    except EditedMeanwhile:
        return _conflict(page, topic, language, "", None)
    return page.go(f"/console/content/{topic}/{language}", "restored")


def _topics(page: Page, live: dict[tuple[str, str], ArticleRow]) -> list[tuple[str, str]]:
    """(key, title in the reader's language) of every topic, known to the taxonomy or written about."""
    keys = dict.fromkeys([*page.ports.knowledge.taxonomy.topics, *sorted({key for key, _ in live})])
    titles = {}
    for key in keys:
        row = live.get((key, page.language)) or live.get((key, "en")) or live.get((key, "tr"))
        titles[key] = row.title if row else key
    return list(titles.items())


def _must_exist(page: Page, topic: str, language: str) -> None:
    """Raises LookupError for a topic or language that we do not have."""
    knowledge = page.ports.knowledge
    known = topic in knowledge.taxonomy.topics or any(key == topic for key, _ in knowledge.current.articles)
    if not known or language not in LANGUAGES:
        raise LookupError(f"{topic}/{language}")


def _draft(sent: Sent, topic: str, language: str) -> Article:
    questions = tuple(filter(None, (line.strip() for line in sent["questions"].splitlines())))
    title = sent.line("title", content.MAX_TITLE + 1)
    return Article(topic, language, title, sent["body"].strip(), questions, sent.number("version"))


def _conflict(page: Page, topic: str, language: str, beside: str, draft: Article | None) -> Response:
    """Somebody was faster: their text beside ours, and ours can still be published, knowingly."""
    with page.ports.database.read() as uow:
        live = uow.content.article(topic, language)
    name = live.updated_by if live else ""
    error = page.t("console.edited_meanwhile", name=name)
    return _form(page, topic, language, beside, draft, error=error, conflict=draft is not None)


def _form(
    page: Page,
    topic: str,
    language: str,
    beside: str = "",
    draft: Article | None = None,
    *,
    error: str = "",
    status: int = 409,
    conflict: bool = False,
) -> Response:
    """The page of one answer. A draft is what was typed; without one the live text is shown."""
    _must_exist(page, topic, language)
    with page.ports.database.read() as uow:
        live = uow.content.article(topic, language)
        other = uow.content.article(topic, beside) if beside in LANGUAGES else None
        facts = uow.content.facts().get(topic)
        versions = uow.content.versions(topic, language)[:VERSIONS_SHOWN]
    shown = draft or _live_article(live, topic, language)
    values: dict[str, Any] = {
        "topic": topic,
        "of": language,
        "beside": beside if beside in LANGUAGES else "",
        "other": other,
        "live": live,
        "facts": facts,
        "versions": versions,
        "text": shown,
        # After a conflict the author has seen the newest version: publishing again is meant.
        "seen": version_of(live) if conflict or draft is None else draft.version,
        "is_draft": draft is not None,
        "conflict": conflict,
        "preview": content.preview(page.ports, shown) if shown.body else None,
    }
    return page.render("answer.html", status if error else 200, error=error, **values)


def _live_article(live: ArticleRow | None, topic: str, language: str) -> Article:
    if live is None:
        return Article(topic, language, "", "", (), 0)
    return Article(topic, language, live.title, live.body, tuple(live.questions), live.version)
