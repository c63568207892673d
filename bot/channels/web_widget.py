"""The web widget's HTTP interface: durable messages in, a resumable stream of events out."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import re
import secrets
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy import Row
from starlette.concurrency import run_in_threadpool

from bot.i18n.catalogues import LANGUAGES, direction, text
from bot.i18n.texts import TEXTS
from bot.services.degraded import degraded_replies
from bot.services.incoming import MAX_TEXT, Incoming
from bot.services.intake import NotStored
from bot.services.ports import Ports
from bot.storage.conversations import Listening
from bot.storage.tables import MessageRow
from bot.web.hub import Hub, Listener
from bot.web.limits import limit
from bot.web.problems import Problem

CHANNEL = "web"
PAGE = 200  # lines of a conversation sent at once
KEEP_ALIVE = 15.0  # seconds between comments on a silent stream, below common proxies' limits
WIDGET_TEXTS = tuple(key for key in TEXTS if key.startswith(("widget.", "button.")))

_RESUME = re.compile(r"[0-9]{1,15}")
Sequence = Annotated[int, Query(ge=0, le=10**15)]  # far above any conversation, within the database's integers

router = APIRouter(prefix="/chat/v1", tags=["chat"])


class NewConversation(BaseModel):
    """What a widget says when it opens."""

    language: str = Field("", max_length=35)


class Conversation(BaseModel):
    """A conversation's secret address and the widget's own texts."""

    id: str
    language: str
    direction: str
    texts: dict[str, str]


class Position(BaseModel):
    """WGS84 degrees."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class NewMessage(BaseModel):
    """One message. Sending it again with the same `client_message_id` has no effect."""

    client_message_id: str = Field(min_length=1, max_length=64)
    text: str = Field("", max_length=MAX_TEXT)
    payload: str = Field("", max_length=200)
    location: Position | None = None
    language: str = Field("", max_length=35)


class Accepted(BaseModel):
    """`stored`, `repeat`, or `spooled` (written down, but the database is away; then with replies)."""

    state: str
    replies: list[dict[str, Any]] = []


class Message(BaseModel):
    """One line of the conversation."""

    seq: int
    author: str
    name: str
    text: str
    language: str
    at: str
    buttons: list[dict[str, str]] = []
    ask_location: bool = False
    location: dict[str, float] | None = None
    client_message_id: str = ""


class Page(BaseModel):
    """A page of messages; `next_after` continues it, None at the end."""

    messages: list[Message]
    next_after: int | None


def make_id(key: str, language: str) -> str:
    """A secret address that needs no database to be recognised: language, random part and signature."""
    token = f"{language}-{secrets.token_urlsafe(18)}"
    return f"{token}.{_signature(token, key)}"


def _signature(token: str, key: str) -> str:
    return hmac.new(key.encode(), f"conversation:{token}".encode(), hashlib.sha256).hexdigest()[:24]


def conversation_key(conversation_id: str) -> str:
    """What is stored of the secret address: enough to find the conversation, useless to enter it."""
    return "web:" + hashlib.sha256(conversation_id.encode()).hexdigest()[:40]


def _known(request: Request, conversation_id: str) -> str:
    """The conversation's key. Raises a 404 problem for an address that we never gave out."""
    token, _, signature = conversation_id.partition(".")
    wanted = _signature(token, request.app.state.settings.internal_token)
    if not hmac.compare_digest(signature.encode(), wanted.encode()):
        raise Problem(404, "Unknown conversation", "This conversation does not exist here. Start a new one.")
    return conversation_key(conversation_id)


def _language(wanted: str) -> str:
    code = wanted.split("-")[0].lower()
    return code if code in LANGUAGES else "en"


def _ports(request: Request) -> Ports:
    ports: Ports = request.app.state.ports
    return ports


@router.post("/conversations", status_code=201, dependencies=[Depends(limit("conversations", "120/minute"))])
def start(request: Request, wish: NewConversation) -> Conversation:
    """Start a conversation. Nothing is stored until the first message."""
    language = _language(wish.language)
    conversation_id = make_id(request.app.state.settings.internal_token, language)
    return Conversation(id=conversation_id, **_texts(language))


@router.get("/texts")
def texts(language: str = "en") -> dict[str, Any]:
    """The widget's own texts in a language."""
    return _texts(_language(language))


def _texts(language: str) -> dict[str, Any]:
    return {
        "language": language,
        "direction": direction(language),
        "texts": {key: text(key, language) for key in WIDGET_TEXTS},
    }


@router.post(
    "/conversations/{conversation_id}/messages",
    status_code=202,
    dependencies=[Depends(limit("messages", "60/minute", per="conversation_id"))],
)
async def write(request: Request, conversation_id: str, message: NewMessage) -> Accepted:
    """Write a message. It is on disk when this answers; replies come as events."""
    key = _known(request, conversation_id)
    ports = _ports(request)
    incoming = Incoming(
        channel=CHANNEL,
        external_id=f"{key}:{message.client_message_id}",
        conversation_key=key,
        address="",
        text=message.text,
        payload=message.payload,
        lat=message.location.lat if message.location else None,
        lon=message.location.lon if message.location else None,
        language=message.language or conversation_id[:2],
        client_message_id=message.client_message_id,
    )
    if not (message.text.strip() or message.payload or message.location):
        raise Problem(422, "Empty message", "Write something, press a button or share a location.")
    try:
        state = (await request.app.state.engine.take_in(incoming)).state
    except NotStored as error:
        replies = [reply.text for reply in await run_in_threadpool(degraded_replies, ports, incoming)]
        raise Problem(
            503, "Not stored", " ".join(["The message could not be stored. Please try again.", *replies])
        ) from error
    if state == "spooled":
        replies_now = [{"text": reply.text} for reply in await run_in_threadpool(degraded_replies, ports, incoming)]
        return Accepted(state=state, replies=replies_now)
    return Accepted(state=state)


@router.get("/conversations/{conversation_id}/messages")
def read(
    request: Request, conversation_id: str, after: Sequence = 0, limit: Annotated[int, Query(ge=1, le=200)] = 100
) -> Page:
    """Messages after a sequence number, oldest first."""
    key = _known(request, conversation_id)
    found = _after(_ports(request), key, after, limit)
    messages = [to_message(row) for row in found.messages] if found else []
    full = len(messages) == limit
    return Page(messages=messages, next_after=messages[-1].seq if full else None)


def to_message(row: MessageRow | Row[Any]) -> Message:
    """A stored line as the widget reads it."""
    return Message(
        seq=row.seq,
        author=row.author,
        name=row.name,
        text=row.text,
        language=row.language,
        at=row.at.isoformat(),
        buttons=row.extra.get("buttons", []),
        ask_location=row.extra.get("ask_location", False),
        location=row.extra.get("location"),
        client_message_id=row.extra.get("client_message_id", ""),
    )


def _after(ports: Ports, key: str, seq: int, limit: int) -> Listening | None:
    """The conversation and what was written after `seq`; None if nothing was written yet."""
    with ports.database.read() as uow:
        return uow.conversations.said_after(key, seq, limit)


@router.get("/conversations/{conversation_id}/events")
async def events(
    request: Request,
    conversation_id: str,
    after: Sequence = 0,
    last_event_id: Annotated[str, Header()] = "",
) -> StreamingResponse:
    """Server-sent events: `message` with the sequence number as id, and `state`. Resumable."""
    key = _known(request, conversation_id)
    seq = int(last_event_id) if _RESUME.fullmatch(last_event_id) else after
    stream = _stream(_ports(request), request.app.state.hub, key, seq, request)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _stream(ports: Ports, hub: Hub, key: str, seq: int, request: Request) -> AsyncIterator[str]:
    told: tuple[str, str] | None = None
    topic = f"start:{key}"
    listener = hub.listen(topic)
    yield "retry: 1000\n\n"
    try:
        while not hub.stopping and not await request.is_disconnected():
            listener.clear()
            try:
                found = await hub.read(listener, partial(_after, ports, key, seq, PAGE))
            except Exception:  # the database is away: keep the line open, look again soon
                await asyncio.sleep(1)
                continue
            if found is not None and not topic.startswith("conversation:"):
                hub.forget(topic, listener)
                topic = f"conversation:{found.conversation}"
                listener = hub.listen(topic)
                continue  # look once more: something may have been written in between
            rows = found.messages if found else []
            for row in rows:
                seq = row.seq
                yield f"event: message\nid: {seq}\ndata: {to_message(row).model_dump_json()}\n\n"
            if found is not None and told != (found.language, found.mode):
                told = (found.language, found.mode)
                data = {"language": told[0], "direction": direction(told[0]), "mode": told[1]}
                yield f"event: state\ndata: {json.dumps(data)}\n\n"
            if len(rows) == PAGE:
                continue  # there may be more
            if told is not None:
                listener.told = (seq, *told)
            while not await _happens(listener):
                yield ": still here\n\n"  # the hub looks into the database for all streams at once
                if await request.is_disconnected():
                    return
    finally:
        hub.forget(topic, listener)


async def _happens(listener: Listener) -> bool:
    """Whether something did, before it was time for a sign of life. Never all streams at one moment."""
    try:
        await asyncio.wait_for(listener.wait(), random.uniform(0.8, 1) * KEEP_ALIVE)
    except TimeoutError:
        return False
    return True
