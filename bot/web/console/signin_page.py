"""The sign-in page itself, shown by its own route and wherever a session turns out to be over."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bot.web.console.pages import View, language_of
from bot.web.session import FORM_COOKIE, LANGUAGE_COOKIE, form_secret, form_token, put_cookie, safe_next


def show_form(request: Request, template: str, status: int = 200, **values: object) -> Response:
    """A form for somebody who is not signed in, protected by a double-submit cookie."""
    view, secret = View(request, language_of(request)), form_secret(request)
    response = view.render(template, status, form_token=form_token(secret), **values)
    put_cookie(request, response, FORM_COOKIE, secret)
    if request.query_params.get("lang") == view.language:
        put_cookie(request, response, LANGUAGE_COOKIE, view.language, max_age=365 * 86400)
    return response


def show_sign_in(
    request: Request,
    status: int = 200,
    *,
    back: str = "",
    expired: bool = False,
    written: str = "",
    email: str = "",
    error: str = "",
) -> Response:
    """The sign-in form; after it the browser returns to `back`."""
    return show_form(
        request,
        "sign_in.html",
        status,
        back=safe_next(back),
        expired=expired,
        written=written,
        email=email,
        error=error,
    )
