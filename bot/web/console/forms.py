"""Reading what a form sent: small, URL-encoded, and safe to store."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import Request
from starlette.exceptions import HTTPException

from bot.domain.spelling import printable
from bot.web.session import TOKEN_FIELD

MAX_BYTES = 400_000
MAX_FIELDS = 100


class Sent:
    """The fields of one form. A field that is missing is empty."""

    def __init__(self, fields: dict[str, str]) -> None:
        self.fields = fields

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
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise HTTPException(400) from error
    return Sent({name: printable(value).replace("\r\n", "\n") for name, value in pairs})
