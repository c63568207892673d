"""Where Telegram delivers updates, if a webhook secret is set. Fails closed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Header, Request
from starlette.concurrency import run_in_threadpool
from telegram import Update

from bot.channels.telegram import SECRET_HEADER, TelegramClient, incoming_from, secret_fits
from bot.services.intake import NotStored, store
from bot.web.problems import Problem

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
    body = await request.body()
    if len(body) > MAX_BYTES:
        raise Problem(413, "Too large", "No Telegram update is this large.")
    update = _parse(await request.json() if body else None, client)
    if update is None:
        return {"state": "ignored"}
    incoming = incoming_from(update, client.bot_id)
    if incoming is None:
        return {"state": "ignored"}
    try:
        state = await run_in_threadpool(store, request.app.state.ports, incoming)
    except NotStored as error:
        raise Problem(503, "Not stored", "The update could not be stored; please send it again.") from error
    if state == "stored":
        request.app.state.engine.wake(incoming.conversation_key)
        background.add_task(client.acknowledge_button, update)
    return {"state": state}


def _parse(raw: Any, client: TelegramClient) -> Update | None:
    """The update, or None for anything malformed: repeating it would not make it better."""
    if not isinstance(raw, dict) or not isinstance(raw.get("update_id"), int):
        return None
    try:
        return Update.de_json(raw, client.bot)
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
