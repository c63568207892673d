"""Ready replies: six languages side by side, their order, and whether officers can take them."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from bot.i18n.catalogues import LANGUAGES
from bot.services import ready_replies
from bot.services.ready_replies import Draft, ReadyReplyError
from bot.web.console.forms import Sent
from bot.web.console.pages import EditsContent, Form, Page
from bot.web.console.route import ConsoleRoute

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)
HIGHEST = 9_999


@router.get("/replies")
def table(page: EditsContent) -> Response:
    """Every ready reply by language; what is missing is marked."""
    return _table(page)


@router.post("/replies")
def add(page: EditsContent, sent: Form) -> Response:
    """A new ready reply; its words come on its own page."""
    draft = _draft(page, sent, sent.line("key", 41).lower())
    return _save(page, sent, draft, new=True)


@router.get("/replies/{key}")
def edit(page: EditsContent, key: str) -> Response:
    """One ready reply."""
    return _form(page, _stored(page, key))


@router.post("/replies/{key}")
def change(page: EditsContent, key: str, sent: Form) -> Response:
    """Keep one ready reply."""
    _stored(page, key)
    return _save(page, sent, _draft(page, sent, key), new=False)


def _save(page: Page, sent: Sent, draft: Draft, *, new: bool) -> Response:
    if not page.is_ours(sent):
        return _again(page, draft, page.t("console.form_stale"), new=new)
    try:
        with page.ports.database.write() as uow:
            ready_replies.save(uow, draft, uow.staff.get(page.staff.id), page.now, new=new)
    except ReadyReplyError as error:
        return _again(page, draft, page.t(f"console.{error.code}", **error.args_for_text), new=new)
    return page.go(f"/console/replies/{draft.key}", "reply_saved")


def _again(page: Page, draft: Draft, error: str, *, new: bool) -> Response:
    """What was typed, and why it was not kept."""
    return _table(page, draft, error) if new else _form(page, draft, error)


def _draft(page: Page, sent: Sent, key: str) -> Draft:
    texts = {code: sent[f"text_{code}"].strip() for code in LANGUAGES}
    position = min(sent.number("position"), HIGHEST)
    return Draft(key, texts, position, sent["active"] == "1", sent["seen"])


def _stored(page: Page, key: str) -> Draft:
    """Raises LookupError."""
    with page.ports.database.read() as uow:
        row = uow.ready_replies.by_key(key)
    if row is None:
        raise LookupError(f"no ready reply {key}")
    texts = {code: row.texts.get(code, "") for code in LANGUAGES}
    return Draft(row.key, texts, row.position, row.active, row.updated_at.isoformat())


def _table(page: Page, typed: Draft | None = None, error: str = "") -> Response:
    with page.ports.database.read() as uow:
        rows = uow.ready_replies.all()
    last = max((row.position for row in rows), default=0)
    draft = typed or Draft("", dict.fromkeys(LANGUAGES, ""), min(last + 10, HIGHEST), active=True)
    return page.render("replies.html", 409 if error else 200, rows=rows, draft=draft, error=error)


def _form(page: Page, draft: Draft, error: str = "") -> Response:
    return page.render("reply.html", 409 if error else 200, draft=draft, error=error)
