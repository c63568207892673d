"""E-mail addresses and mail servers as an installation names them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# Narrower than RFC 5321: no quotes, no comments, only ASCII. What passes is safe in a header and in a command.
_ADDRESS = re.compile(
    rf"[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*@{_LABEL}(?:\.{_LABEL})+"
)
LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, without its angle brackets


class Security(StrEnum):
    """How the way to a mail server is kept private."""

    STARTTLS = "smtp"
    TLS = "smtps"
    NONE = "smtp+plain"


USUAL_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in. The password stays out of every log line."""

    host: str
    port: int
    security: Security
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def is_mail_address(text: str) -> bool:
    """Whether this is one plain address, such as alerts@example.org, and nothing else."""
    return len(text) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def parse_mail_server(url: str) -> MailServer:
    """Read 'smtp://user:password@host:587'. Raises ValueError with what is wrong; never with the password in it."""
    scheme = url.split("://", 1)[0] if "://" in url else ""
    if scheme not in set(Security):
        raise ValueError("must start with smtp:// (STARTTLS), smtps:// (TLS) or smtp+plain:// (no encryption)")
    security = Security(scheme)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # its own words may hold a password that was not percent-encoded
        raise ValueError("has no readable host and port; percent-encode special characters in the password") from None
    if not host or not re.fullmatch(r"[A-Za-z0-9._:-]+", host):
        raise ValueError("names no host, as in smtp://user:password@mail.example.org:587")
    if port == 0:
        raise ValueError("needs a port from 1 to 65535")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("ends after host and port; percent-encode /, ? and # in the password")
    user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    if (user is None) != (password is None):
        raise ValueError("needs both a user and a password, or neither")
    if not f"{user}{password}".isascii():
        raise ValueError("needs user and password in ASCII")  # all that the sign-in of SMTP is sure to carry
    if password and security is Security.NONE:
        raise ValueError("sends no password without encryption: use smtp:// or smtps://")
    return MailServer(host, port or USUAL_PORTS[security], security, user, password)
