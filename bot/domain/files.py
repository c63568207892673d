"""What a file is, by its first bytes and never by its name: only harmless kinds are shown in a browser."""

from __future__ import annotations

import re

MAX_BYTES = 20 * 1024 * 1024  # as much as Telegram hands over to a bot
_SIGNS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
    ("image/gif", re.compile(rb"GIF8[79]a")),
    ("application/pdf", re.compile(rb"%PDF-")),
    ("audio/ogg", re.compile(rb"OggS")),
    ("video/mp4", re.compile(rb".{4}ftyp", re.DOTALL)),
)
UNKNOWN = "application/octet-stream"
_ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif",
    "application/pdf": "pdf", "audio/ogg": "ogg", "video/mp4": "mp4", UNKNOWN: "bin",
}  # fmt: skip
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
# A browser's reader of PDF refuses to work in a sandbox: a document is downloaded.
SHOWN = PICTURES | {"audio/ogg", "video/mp4"}


class TooBig(Exception):  # noqa: N818 - a fact about the file
    """More bytes than we take."""


def media_type(content: bytes) -> str:
    """The media type by the first bytes; `application/octet-stream` for everything that is not on the list."""
    return next((name for name, sign in _SIGNS if sign.match(content)), UNKNOWN)


def download_name(number: int, kind: str, media: str) -> str:
    """A name of our own: the sender's could pretend to be something else."""
    return f"{kind}-{number}.{_ENDINGS[media]}"
