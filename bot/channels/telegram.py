"""Telegram, by webhook or long polling: updates in, messages out. Everything durable happens elsewhere."""

from __future__ import annotations

import asyncio
import hmac
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from telegram import (
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    Update,
)
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.i18n.catalogues import LANGUAGES, text
from bot.services.delivery import DeliveryError
from bot.services.incoming import Incoming
from bot.services.ports import Ports
from bot.storage.tables import OutboxRow

log = structlog.get_logger()

CHANNEL = "telegram"
LIMIT = 4096  # characters of one message
POLL_SECONDS = 25
TOKEN_PAUSE = 60.0  # seconds before a refused token is tried again: somebody has to repair it first
COMMANDS = ("start", "help", "language", "human", "status")
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name


def secret_fits(given: str | None, wanted: str | None) -> bool:
    """Fail closed: without a configured secret no webhook call is believed."""
    if not wanted or not given:
        return False
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())  # str: TypeError if not ASCII


def incoming_from(update: Update, bot_id: str) -> Incoming | None:
    """What a citizen did, or None for updates that are none of our business."""
    chat, user = update.effective_chat, update.effective_user
    if chat is None or (update.message is None and update.edited_message is None
                        and update.callback_query is None):  # fmt: skip
        return None
    fields: dict[str, Any] = {
        "channel": CHANNEL,
        "external_id": f"{bot_id}:{update.update_id}",
        "conversation_key": f"telegram:{bot_id}:{chat.id}",
        "address": str(chat.id),
        "language": (user.language_code or "") if user else "",
    }
    if chat.type != "private":
        # Only when spoken to: a group must not be answered at every word.
        spoken_to = update.message is not None and (update.message.text or "").startswith("/")
        return Incoming(**fields, unreadable="group") if spoken_to else None
    if update.callback_query is not None:
        return Incoming(**fields, payload=update.callback_query.data or "")
    message = update.message or update.edited_message
    assert message is not None
    if update.edited_message is not None and message.location is not None:
        return None  # a live location moves every few seconds: answering each step would be a flood
    if message.location is not None:
        return Incoming(**fields, lat=message.location.latitude, lon=message.location.longitude)
    if message.contact is not None:
        return Incoming(**fields, text=message.contact.phone_number)
    words = message.text or message.caption or ""
    if not words:
        return Incoming(**fields, unreadable="attachment")
    command = words.split()[0].split("@")[0]
    if command.startswith("/") and command[1:] in COMMANDS:
        return Incoming(**fields, payload=command)
    return Incoming(**fields, text=words)


class TelegramClient:
    """A Bot API client on a loop of its own, so that synchronous code can use it."""

    def __init__(self, token: str, base_url: str) -> None:
        self.bot_id = token.split(":")[0]
        request = HTTPXRequest(connection_pool_size=16, read_timeout=10, httpx_kwargs=_proxy(base_url))
        polling = HTTPXRequest(connection_pool_size=2, read_timeout=POLL_SECONDS + 10, httpx_kwargs=_proxy(base_url))
        self.bot: ExtBot[Any] = ExtBot(
            token,
            base_url=f"{base_url}/bot",
            base_file_url=f"{base_url}/file/bot",
            request=request,
            get_updates_request=polling,
            rate_limiter=AIORateLimiter(max_retries=0),
        )
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True, name="telegram").start()
        self._started = False

    def call(self, coroutine: Any, timeout: float = 60) -> Any:
        """Run one Bot API call and wait for it."""
        future = asyncio.run_coroutine_threadsafe(self._ready(coroutine), self._loop)
        try:
            return future.result(timeout)
        except TimeoutError:
            future.cancel()  # else it might still be sent after we have said that it was not
            raise

    async def _ready(self, coroutine: Any) -> Any:
        if not self._started:
            await self.bot._request[0].initialize()
            await self.bot._request[1].initialize()
            if self.bot.rate_limiter is not None:
                await self.bot.rate_limiter.initialize()
            self._started = True
        return await coroutine

    def announce(self, webhook_url: str | None, secret: str | None) -> None:
        """Set the menu in every language, and the webhook if there is one."""
        for code in LANGUAGES:
            commands = [BotCommand(name, text(f"command.{name}", code)) for name in COMMANDS]
            self.call(self.bot.set_my_commands(commands, language_code=code))
        english = [BotCommand(name, text(f"command.{name}", "en")) for name in COMMANDS]
        self.call(self.bot.set_my_commands(english))
        if webhook_url:
            self.call(self.bot.set_webhook(webhook_url, secret_token=secret))
        else:
            self.call(self.bot.delete_webhook())

    def acknowledge_button(self, update: Update) -> None:
        """Stop the button's spinner; it is only cosmetic, so a failure is only noted."""
        if update.callback_query is not None:
            try:
                self.call(self.bot.answer_callback_query(update.callback_query.id), timeout=10)
            except (TelegramError, TimeoutError) as error:
                log.info("button_not_acknowledged", error=type(error).__name__)

    # --- the transport of the outbox ------------------------------------------------------------
    def deliver(self, row: OutboxRow, _ports: Ports, _now: datetime) -> None:
        """Send one row, long texts in parts; parts that arrived before are not sent again. Raises DeliveryError."""
        parts = split(row.body["text"])
        done = int(row.body.get("parts_sent", 0))
        try:
            for position, part in enumerate(parts[done:], start=done):
                done = position
                last = position == len(parts) - 1
                markup = _keyboard(row.body) if last else None
                self.call(self.bot.send_message(int(row.address), part, reply_markup=markup))
        except RetryAfter as error:
            wait = error.retry_after
            seconds = wait.total_seconds() if not isinstance(wait, int | float) else float(wait)
            raise DeliveryError("Telegram asks for a pause", retryable=True, after=seconds, done=done) from error
        except Forbidden as error:
            raise DeliveryError(f"Telegram refuses: {error.message}", retryable=False) from error
        except InvalidToken as error:  # our mistake, not this message's: it must still be there afterwards
            raise DeliveryError("Telegram refuses our token", retryable=True, after=TOKEN_PAUSE, done=done) from error
        except BadRequest as error:
            raise DeliveryError(f"Telegram cannot take it: {error.message}", retryable=False) from error
        except (NetworkError, TimeoutError) as error:
            raise DeliveryError(f"no connection: {type(error).__name__}", retryable=True, done=done) from error
        except TelegramError as error:
            raise DeliveryError(str(error), retryable=True, done=done) from error

    def poll(self, take: Callable[[Update], None], stopped: threading.Event) -> None:
        """Long polling until stopped. The offset moves only after `take` has stored the update.

        Once an empty answer has confirmed everything, the offset is dropped: after a week of silence Telegram
        starts at a random number again, and an old offset would confirm new updates unread.
        """
        offset: int | None = None
        pause = 1.0
        while not stopped.is_set():
            try:
                updates = self.call(self.bot.get_updates(offset=offset, timeout=POLL_SECONDS), POLL_SECONDS + 30)
                pause = 1.0
            except Exception as error:  # whatever it is, nobody restarts this thread
                log.warning("telegram_away", error=type(error).__name__, pause=pause)
                stopped.wait(pause)
                pause = min(pause * 2, 30)
                continue
            if not updates:
                offset = None
            for update in updates:
                take(update)
                offset = update.update_id + 1


def _proxy(base_url: str) -> dict[str, Any]:
    """A Bot API server on this machine is reached directly, whatever proxy the environment names."""
    local = any(host in base_url for host in ("127.0.0.1", "localhost"))
    return {"trust_env": False} if local else {}


def split(message: str) -> list[str]:
    """Parts of at most 4096 characters, cut at line ends or spaces where there are any."""
    parts = []
    while len(message) > LIMIT:
        cut = max(message.rfind("\n", 0, LIMIT), message.rfind(" ", 0, LIMIT))
        cut = cut if cut > LIMIT // 2 else LIMIT
        parts.append(message[:cut].rstrip())
        message = message[cut:].lstrip()
    return [*parts, message] if message or not parts else parts


def _keyboard(body: dict[str, Any]) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
    language = body.get("language", "en")
    buttons = body.get("buttons") or []
    if body.get("ask_location"):
        share = KeyboardButton(text("button.location", language), request_location=True)
        others = [KeyboardButton(button["title"]) for button in buttons if button["payload"] != "/location"]
        return ReplyKeyboardMarkup(
            [[share], *([other] for other in others)], one_time_keyboard=True, resize_keyboard=True
        )
    if not buttons:
        return None
    rows = [
        [InlineKeyboardButton(button["title"][:64], callback_data=_within_64_bytes(button["payload"]))]
        for button in buttons
    ]
    return InlineKeyboardMarkup(rows)


def _within_64_bytes(payload: str) -> str:
    """Telegram's limit on callback data."""
    return payload.encode()[:64].decode("utf-8", "ignore")
