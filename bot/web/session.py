"""The console's cookies and form tokens. Nothing here reads the database."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from starlette.requests import Request
from starlette.responses import Response

SESSION_COOKIE = "hemsehri_session"
FORM_COOKIE = "hemsehri_form"  # for the forms before there is a session: double submit
ONCE_COOKIE = "hemsehri_once"  # a secret on its way to the one page that shows it
LANGUAGE_COOKIE = "hemsehri_language"
PATH = "/console"
TOKEN_FIELD = "form_token"  # noqa: S105 - the field's name, no secret
_OURS = re.compile(r"/console(?:[/?][!-\[\]-~]*)?")  # printable ASCII without the backslash
_FORM_ENDINGS = re.compile(
    r"/(?:accept|reply|note|close|restore|invite|members|secret"
    r"|group|stay|messages/\d+/translate)$"
)


def put_cookie(request: Request, response: Response, name: str, value: str, max_age: int | None = None) -> None:
    """A cookie that scripts cannot read and other sites' forms do not send."""
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=bool(request.app.state.settings.secure_cookies),
    )


def drop_cookie(response: Response, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(name, path=PATH, httponly=True, samesite="lax")


def _mac(secret: str, purpose: str, message: str = "") -> str:
    return hmac.new(secret.encode(), f"{purpose}:{message}".encode(), hashlib.sha256).hexdigest()


def form_token(secret: str) -> str:
    """What a form of this session must carry. Without the session's secret nobody can compute it."""
    return _mac(secret, "form")


def is_form_token(secret: str, given: str) -> bool:
    """Compared in constant time."""
    return bool(secret) and hmac.compare_digest(form_token(secret).encode(), given.encode())


def form_secret(request: Request) -> str:
    """The double-submit secret of a browser that is not signed in; new if it has none."""
    return request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)


def seal(secret: str, message: str) -> str:
    """A message that only this session accepts back."""
    return f"{_mac(secret, 'once', message)}.{message}"


def unseal(secret: str, sealed: str) -> str | None:
    """The sealed message, or None if somebody else wrote it."""
    mac, _, message = sealed.partition(".")
    fits = hmac.compare_digest(_mac(secret, "once", message).encode(), mac.encode())
    return message if fits else None


def safe_next(wanted: str) -> str:
    """Where to go after signing in: a page of this console, whatever the address says."""
    return wanted if len(wanted) < 500 and _OURS.fullmatch(wanted) else "/console/cases"


def page_of(path: str, query: str = "") -> str:
    """The page that holds the form which was sent to `path`."""
    if path in ("/console/sign-out", "/console/language", "/console/available"):
        return "/console/cases"
    page = _FORM_ENDINGS.sub("", path)
    page = re.sub(r"^/console/people/.*", "/console/people", page)
    page = re.sub(r"^(/console/(?:desks/[^/]+/duty|me/shifts))/.*", r"\1", page)
    page = re.sub(r"^(/console/me/\w+)/.*", r"\1", page)
    page = re.sub(r"^/console/setup/.*", "/console/setup", page)
    page = "/console/people" if page == "/console/desks" else page
    return f"{page}?{query}" if query else page
