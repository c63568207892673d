"""What belongs to single messages of a case: their files, and translations that an officer asks for."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from bot.domain.files import SHOWN, TooBig, download_name, media_type
from bot.i18n.catalogues import LANGUAGES
from bot.services import translation
from bot.services.ports import FileAway
from bot.storage.tables import MessageRow
from bot.storage.unit_of_work import UnitOfWork
from bot.web.console.pages import Form, HandlesCases, Page, Refused, SeesCases
from bot.web.console.queue import note_reading, visible_case
from bot.web.console.route import ConsoleRoute

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)
# Whatever is in the file, it runs nothing, sends nothing and is nobody's page of ours.
SANDBOX = "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'"


@router.get("/cases/{case_id}/attachments/{attachment_id}")
def attachment(page: SeesCases, case_id: int, attachment_id: int) -> Response:
    """A file that the citizen sent, as it was sent: shown if it is of a harmless kind, else downloaded."""
    with page.ports.database.read() as uow:
        case = visible_case(page, uow, case_id)
        row = uow.attachments.in_conversation(attachment_id, case.conversation_id)
    note_reading(page, case_id)
    try:
        content = page.ports.files.read(row)
    except TooBig as error:
        raise Refused(413, "console.file_too_big") from error
    except FileAway as error:
        raise Refused(503, "console.file_away") from error
    media = media_type(content)
    way = "inline" if media in SHOWN else "attachment"
    headers = {
        "content-disposition": f'{way}; filename="{download_name(row.id, row.kind, media)}"',
        "x-content-type-options": "nosniff",
        "content-security-policy": SANDBOX,
        "cross-origin-resource-policy": "same-origin",
    }
    return Response(content, media_type=media, headers=headers)


@router.post("/cases/{case_id}/messages/{message_id}/translate")
def translate(page: HandlesCases, case_id: int, message_id: int, sent: Form) -> Response:
    """Put one message into the reader's language, beside the original. Only ever because somebody pressed."""
    back = f"/console/cases/{case_id}"
    if not page.is_ours(sent):
        return page.go(back, "form_stale")
    with page.ports.database.read() as uow:
        message = _message(page, uow, case_id, message_id)
        words, source = message.text, message.language
    if source not in LANGUAGES or source == page.language or not words:
        return page.go(back, "no_translation")
    names = translation.names_in(page.ports, words, source)
    found = translation.translate(page.ports.translator, words, source, page.language, names)
    if found is None:
        return page.go(back, "no_translation")
    with page.ports.database.write() as uow:
        message = _message(page, uow, case_id, message_id)
        uow.session.refresh(message, with_for_update=True)
        known = message.extra.get("translations") or {}
        message.extra = {**message.extra, "translations": {**known, page.language: found}}
    return page.go(back, "translation_done")


def _message(page: Page, uow: UnitOfWork, case_id: int, message_id: int) -> MessageRow:
    """A message of the case's conversation. Raises LookupError, Refused."""
    case = visible_case(page, uow, case_id)
    message = uow.session.get(MessageRow, message_id)
    if message is None or message.conversation_id != case.conversation_id:
        raise LookupError(f"no message {message_id} in case {case_id}")
    return message
