"""Files in Telegram: what a message carries, and fetching one. Telegram keeps them; we keep their ids."""

from __future__ import annotations

from typing import Any

from telegram import Message
from telegram.ext import ExtBot

from bot.domain.files import MAX_BYTES, TooBig
from bot.domain.spelling import printable

TIMEOUT = 20.0  # seconds for one file: 20 MB on a slow line


def files_of(message: Message) -> list[dict[str, Any]]:
    """What came along with a message: {kind, remote_id, mime, size in bytes, name}."""
    found: list[tuple[str, Any]] = []
    if message.photo:
        found.append(("photo", message.photo[-1]))  # the sizes of one picture, the largest last
    elif message.document:  # an animation comes as a document too
        found.append(("document", message.document))
    for kind, sent in (("voice", message.voice or message.audio), ("video", message.video or message.video_note)):
        if sent:
            found.append((kind, sent))
    return [_described(kind, sent) for kind, sent in found]


def _described(kind: str, sent: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "remote_id": sent.file_id,
        "mime": printable(getattr(sent, "mime_type", None) or ("image/jpeg" if kind == "photo" else "")),
        "size": sent.file_size or 0,
        "name": printable(getattr(sent, "file_name", None) or "")[:200],
    }


async def fetch(bot: ExtBot[Any], remote_id: str) -> bytes:
    """One file's content. Raises TooBig, TelegramError."""
    file = await bot.get_file(remote_id, read_timeout=TIMEOUT)
    if (file.file_size or 0) > MAX_BYTES:
        raise TooBig
    content = bytes(await file.download_as_bytearray(read_timeout=TIMEOUT))
    if len(content) > MAX_BYTES:
        raise TooBig
    return content
