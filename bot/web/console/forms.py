"""Reading what a form sent: small, URL-encoded, and safe to store."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.exceptions import HTTPException

from bot.domain.spelling import printable
from bot.web.session import TOKEN_FIELD

MAX_BYTES = 400_000
MAX_FIELDS = 100


class Sent:
    """The fields of one form, and its files as (name, content). A field that is missing is empty."""

    def __init__(self, fields: dict[str, str], files: dict[str, tuple[str, bytes]] | None = None) -> None:
        self.fields, self.files = fields, files or {}

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def line(self, name: str, longest: int = 300) -> str:
        """One line without spaces around it."""
        return " ".join(self[name].split())[:longest]

    def number(self, name: str) -> int:
        """A whole number; 0 for anything else."""
        digits = self[name].strip()
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0

    @property
    def token(self) -> str:
        """The form's token."""
        return self[TOKEN_FIELD]

    @property
    def written(self) -> str:
        """The longest thing a person typed: what must not be lost when a session has ended."""
        return max((self["body"], self["note"]), key=len)


async def read_form(request: Request) -> Sent:
    """Read a form's body up to a limit: Starlette's own reader has none for this encoding."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise HTTPException(413)
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return _multipart(request.headers["content-type"], bytes(body))
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise HTTPException(400) from error
    return Sent({name: printable(value).replace("\r\n", "\n") for name, value in pairs})


def _multipart(content_type: str, body: bytes) -> Sent:
    """A form with a file. The body has a limit already, so the standard library's reader is enough."""
    header = f"Content-Type: {' '.join(content_type.split())}\r\n\r\n".encode("latin-1", "replace")
    fields: dict[str, str] = {}
    files: dict[str, tuple[str, bytes]] = {}
    parts = message_from_bytes(header + body).get_payload()
    for part in parts[:MAX_FIELDS] if isinstance(parts, list) else []:
        if not isinstance(part, Message):
            continue
        name, content = part.get_param("name", "", "content-disposition"), part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        file = part.get_filename()
        if file is None:
            fields[name] = printable(content.decode("utf-8", "replace")).replace("\r\n", "\n")
        else:
            files[name] = (printable(file), content)
    return Sent(fields, files)
