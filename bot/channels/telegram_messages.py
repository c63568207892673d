"""What a row of the outbox looks like in Telegram: its parts and its buttons, and what a refusal means."""

from __future__ import annotations

from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter

from bot.domain.parts import parts_of
from bot.i18n.catalogues import text
from bot.services.delivery import DeliveryError

LIMIT = 4096  # characters of one message
# What Telegram says where the chat itself is the trouble, and not the message.
NO_SUCH_CHAT = ("chat not found", "user not found", "peer_id_invalid", "group chat was deactivated")
TOKEN_PAUSE = 60.0  # seconds before a refused token is tried again: somebody has to repair it first


def split(message: str) -> list[str]:
    """Parts of at most 4096 characters, cut at line ends or spaces where there are any."""
    return parts_of(message, LIMIT)


def keyboard(body: dict[str, Any]) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
    """The buttons under a message, if it has any."""
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


def delivery_error(error: Exception, done: int) -> DeliveryError:
    """Whether to try again, and when; `done` parts have arrived."""
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        seconds = wait.total_seconds() if not isinstance(wait, int | float) else float(wait)
        return DeliveryError(
            "Telegram asks for a pause", retryable=True, after=seconds, done=done, code="asked_to_wait"
        )
    if isinstance(error, Forbidden):
        return DeliveryError(f"Telegram refuses: {error.message}", retryable=False, code="blocked", bounced=True)
    if isinstance(error, InvalidToken):  # our mistake, not this message's: it must still be there afterwards
        return DeliveryError("Telegram refuses our token", retryable=True, after=TOKEN_PAUSE, done=done)
    if isinstance(error, BadRequest):
        said = f"Telegram cannot take it: {error.message}"
        if any(words in error.message.lower() for words in NO_SUCH_CHAT):
            return DeliveryError(said, retryable=False, code="unknown_chat", bounced=True)
        return DeliveryError(said, retryable=False)
    if isinstance(error, NetworkError | TimeoutError):
        return DeliveryError(f"no connection: {type(error).__name__}", retryable=True, done=done)
    return DeliveryError(str(error), retryable=True, done=done)
