"""Telegram, by webhook or long polling: updates in, messages out. Everything durable happens elsewhere."""

from __future__ import annotations

import asyncio
import hmac
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from telegram import BotCommand, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.channels.telegram_duty import duty_of, in_a_group
from bot.channels.telegram_files import fetch, files_of
from bot.channels.telegram_messages import delivery_error, keyboard, split
from bot.i18n.catalogues import LANGUAGES, text
from bot.services.delivery import DeliveryError
from bot.services.duty_chat_links import group_moved
from bot.services.duty_chat_out import CALLBACK, DUTY
from bot.services.incoming import Incoming
from bot.services.ports import Ports
from bot.storage.tables import OutboxRow

log = structlog.get_logger()

CHANNEL = "telegram"
POLL_SECONDS = 25
CALLBACK_LIFE = timedelta(seconds=60)  # a pressed button has stopped waiting for an answer long before
UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
COMMANDS = ("start", "help", "language", "human", "status")
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name


def secret_fits(given: str | None, wanted: str | None) -> bool:
    """Fail closed: without a configured secret no webhook call is believed."""
    if not wanted or not given:
        return False
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())  # str: TypeError if not ASCII


def incoming_from(update: Update, bot_id: str) -> Incoming | None:
    """What a citizen or one of our staff did, or None for updates that are none of our business."""
    chat, user = update.effective_chat, update.effective_user
    about = (update.message, update.edited_message, update.callback_query, update.my_chat_member)
    if chat is None or all(part is None for part in about):
        return None
    fields: dict[str, Any] = {
        "channel": CHANNEL,
        "external_id": f"{bot_id}:{update.update_id}",
        "conversation_key": f"telegram:{bot_id}:{chat.id}",
        "address": str(chat.id),
        "language": (user.language_code or "") if user else "",
        "duty": duty_of(update),
    }
    if chat.type != "private":
        return in_a_group(update, bot_id, fields)
    if update.my_chat_member is not None:
        return None  # who blocks us is noticed when something cannot be delivered
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
    fields["attachments"] = files_of(message) if update.message is not None else []  # else they were kept before
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
            # Groups are not paced here: that would hold a delivery thread for up to a minute.
            # Telegram says how long to wait.
            rate_limiter=AIORateLimiter(max_retries=0, group_max_rate=0),
        )
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True, name="telegram").start()
        self._started = False
        self._username = ""

    def call(self, coroutine: Any, timeout: float = 60) -> Any:
        """Run one Bot API call and wait for it."""
        future = asyncio.run_coroutine_threadsafe(self._ready(coroutine), self._loop)
        try:
            return future.result(timeout)
        except TimeoutError:
            future.cancel()  # else it might still be sent after we have said that it was not
            raise

    def file(self, remote_id: str) -> bytes:
        """A file that somebody sent. Raises TooBig, TelegramError, TimeoutError."""
        content: bytes = self.call(fetch(self.bot, remote_id))
        return content

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
            self.call(self.bot.set_webhook(webhook_url, secret_token=secret, allowed_updates=UPDATES))
        else:
            self.call(self.bot.delete_webhook())

    def acknowledge_button(self, update: Update) -> None:
        """Stop the button's spinner; it is only cosmetic, so a failure is only noted."""
        if update.callback_query is not None and not (update.callback_query.data or "").startswith(DUTY):
            try:
                self.call(self.bot.answer_callback_query(update.callback_query.id), timeout=10)
            except (TelegramError, TimeoutError) as error:
                log.info("button_not_acknowledged", error=type(error).__name__)

    # --- the transport of the outbox ------------------------------------------------------------
    def deliver(self, row: OutboxRow, ports: Ports, now: datetime) -> str | None:
        """Send one row, long texts in parts; parts that arrived before are not sent again. Raises DeliveryError.

        Returns Telegram's number of the last part.
        """
        if CALLBACK in row.body:
            self._answer_button(row, now)
            return None
        parts = split(row.body["text"])
        done = int(row.body.get("parts_sent", 0))
        number = None
        try:
            for position, part in enumerate(parts[done:], start=done):
                done = position
                markup = keyboard(row.body) if position == len(parts) - 1 else None
                number = str(self.call(self.bot.send_message(int(row.address), part, reply_markup=markup)).message_id)
        except ChatMigrated as error:
            with ports.database.write() as uow:
                group_moved(uow, row.address, str(error.new_chat_id), now)
            raise DeliveryError("the group has a new number", retryable=True, after=0.0, done=done) from error
        except (TelegramError, TimeoutError) as error:
            raise delivery_error(error, done) from error
        return number

    def _answer_button(self, row: OutboxRow, now: datetime) -> None:
        """What pressing a button led to, shown where it was pressed; of no use to anybody a minute later."""
        if now - row.created_at > CALLBACK_LIFE:
            return
        try:
            body = row.body
            query, alert = body[CALLBACK], bool(body["text"])
            self.call(self.bot.answer_callback_query(query, text=body["text"] or None, show_alert=alert), timeout=10)
        except (BadRequest, Forbidden) as error:  # it took us too long, or there is nobody any more
            log.info("button_not_acknowledged", error=error.message)
        except (TelegramError, TimeoutError) as error:
            raise delivery_error(error, 0) from error

    def username(self) -> str:
        """What the bot is called, for links to it; empty while Telegram cannot be asked."""
        if not self._username:
            try:
                self._username = self.call(self.bot.get_me(), timeout=5).username or ""
            except (TelegramError, TimeoutError) as error:
                log.info("username_unknown", error=type(error).__name__)
        return self._username

    def _updates(self, offset: int | None) -> list[tuple[int, Update | None]]:
        """Number and content of what waits, oldest first; None for what cannot be read.

        Each is read by itself: `Bot.get_updates` refuses all that wait because of one, and logs what people wrote.
        """
        asked = {"offset": offset, "timeout": POLL_SECONDS, "allowed_updates": UPDATES}
        found: list[dict[str, Any]] = self.call(self.bot._post("getUpdates", asked), POLL_SECONDS + 30)
        return [(raw["update_id"], self._read(raw)) for raw in found]

    def _read(self, raw: dict[str, Any]) -> Update | None:
        try:
            return Update.de_json(raw, self.bot)
        except Exception as error:
            log.error("telegram_update_malformed", update=raw["update_id"], error=type(error).__name__)
            return None  # asking for it again would not make it better, and the next ones wait

    def poll(self, take: Callable[[Update], None], stopped: threading.Event) -> None:
        """Long polling until stopped. The offset moves only after `take` has stored the update.

        Once an empty answer has confirmed everything, the offset is dropped: after a week of silence Telegram
        starts at a random number again, and an old offset would confirm new updates unread.
        """
        offset: int | None = None
        pause = 1.0
        while not stopped.is_set():
            try:
                updates = self._updates(offset)
                pause = 1.0
            except Exception as error:  # whatever it is, nobody restarts this thread
                log.warning("telegram_away", error=type(error).__name__, pause=pause)
                stopped.wait(pause)
                pause = min(pause * 2, 30)
                continue
            if not updates:
                offset = None
            for number, update in updates:
                if update is not None:
                    take(update)
                offset = number + 1


def _proxy(base_url: str) -> dict[str, Any]:
    """A Bot API server on this machine is reached directly, whatever proxy the environment names."""
    local = any(host in base_url for host in ("127.0.0.1", "localhost"))
    return {"trust_env": False} if local else {}
