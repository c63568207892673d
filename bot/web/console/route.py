"""Console routes answer refusals as pages, not as problem+json, and are never cached."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.web.console.pages import NotSignedIn, Refused, refusal, sign_in_address
from bot.web.console.signin_page import show_sign_in
from bot.web.session import ONCE_COOKIE, drop_cookie, page_of


class ConsoleRoute(APIRoute):
    """Turns what a handler refuses into a page in the reader's language."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own way to wrap every handler of a router."""
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                response = await original(request)
            except NotSignedIn as away:
                response = await run_in_threadpool(_to_sign_in, request, away)
            except Refused as refused:
                response = await run_in_threadpool(refusal, request, refused.status, refused.key)
            except (LookupError, OverflowError, RequestValidationError):  # overflow: a number too large for SQLite
                response = await run_in_threadpool(refusal, request, 404, "console.not_found")
            except HTTPException as error:
                response = await run_in_threadpool(refusal, request, error.status_code, "console.too_long")
            response.headers["cache-control"] = "no-store"
            if getattr(request.state, "took_once", False):
                drop_cookie(response, ONCE_COOKIE)
            return response

        return handler


def _to_sign_in(request: Request, away: NotSignedIn) -> Response:
    if request.url.path.endswith("/pulse"):
        return JSONResponse({"signed_out": True}, 401)  # the page that asks keeps what is typed in it
    if request.method != "POST":
        return RedirectResponse(sign_in_address(request, expired=away.expired), 303)
    back = page_of(request.url.path, request.url.query)
    written = away.sent.written if away.sent else ""
    return show_sign_in(request, 401, back=back, expired=away.expired, written=written)
