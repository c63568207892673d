"""Secrets that a page shows exactly once, after the redirect that follows making them.

They travel in a cookie that scripts cannot read, sealed with the session's secret, and never in an
address: addresses are kept in histories and logs.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from starlette.responses import Response

from bot.web.console.pages import Page
from bot.web.session import ONCE_COOKIE, put_cookie, seal, unseal

SECONDS = 120


@dataclass(frozen=True)
class Once:
    """Whose secret it is, and the secret."""

    name: str
    value: str


def show_once(page: Page, response: Response, kind: str, name: str, value: str) -> Response:
    """Send a secret along to the next page."""
    packed = base64.urlsafe_b64encode(json.dumps([kind, name, value]).encode()).decode()
    put_cookie(page.request, response, ONCE_COOKIE, seal(page.secret, packed), max_age=SECONDS)
    return response


def take_once(page: Page, kind: str) -> Once | None:
    """The secret to show now, if this page was sent one. The route takes the cookie back."""
    sealed = page.request.cookies.get(ONCE_COOKIE, "")
    packed = unseal(page.secret, sealed) if sealed else None
    if packed is None:
        return None
    try:
        found, name, value = json.loads(base64.urlsafe_b64decode(packed))
    except (ValueError, binascii.Error):
        return None
    if found != kind:
        return None
    page.request.state.took_once = True
    return Once(name, value)
