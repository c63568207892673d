"""Where Telegram delivers updates, if a webhook secret is set. Fails closed."""

from __future__ import annotations

import json
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, BackgroundTasks, Header, Request
from telegram import Update

from bot.channels.telegram import SECRET_HEADER, TelegramClient, incoming_from, secret_fits
from bot.services.incoming import Incoming
from bot.services.intake import NotStored
from bot.web.problems import Problem

log = structlog.get_logger()
router = APIRouter(prefix="/telegram", tags=["telegram"])
MAX_BYTES = 1_000_000


@router.post("/webhook")
async def webhook(
    request: Request,
    background: BackgroundTasks,
    secret: Annotated[str | None, Header(alias=SECRET_HEADER)] = None,
) -> dict[str, str]:
    """Store one update. 200 only when it is on disk, so that Telegram repeats what was not."""
    settings = request.app.state.settings
    client: TelegramClient | None = request.app.state.telegram
    if client is None or not secret_fits(secret, settings.telegram_webhook_secret):
        raise Problem(403, "Forbidden", "This address is for Telegram only.")
    update, incoming = _parse(await _body(request), client)
    if update is None or incoming is None:
        return {"state": "ignored"}
    try:
        state = (await request.app.state.engine.take_in(incoming)).state
    except NotStored as error:
        raise Problem(503, "Not stored", "The update could not be stored; please send it again.") from error
    if state == "stored":
        background.add_task(client.acknowledge_button, update)
    return {"state": state}


async def _body(request: Request) -> bytes:
    """The body, read no further than the largest update. Raises a 413 problem."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise Problem(413, "Too large", "No Telegram update is this large.")
    return bytes(body)


def _parse(body: bytes, client: TelegramClient) -> tuple[Update | None, Incoming | None]:
    """The update and what it says, or None for anything malformed: repeating it would not make it better."""
    try:
        raw: Any = json.loads(body)
        if not isinstance(raw, dict) or type(raw.get("update_id")) is not int:
            return None, None
        update = Update.de_json(raw, client.bot)
        return update, incoming_from(update, client.bot_id)
    except (TypeError, KeyError, ValueError, AttributeError, RecursionError, OverflowError):
        log.warning("telegram_update_malformed", bytes=len(body))
        return None, None
