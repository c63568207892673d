"""The staff console: one file per page family. Mount it with `app.include_router(console_router(ports))`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from bot.services.ports import Ports
from bot.web.console import (
    cases,
    content,
    duty,
    incidents,
    my_alerts,
    my_shifts,
    my_telegram,
    my_ways,
    people,
    replies,
    setup,
    signin,
    talk,
)
from bot.web.console.pages import Refused, SignedIn
from bot.web.console.route import ConsoleRoute

rest = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)


@rest.get("")
def home() -> Response:
    """The queue is the first page."""
    return RedirectResponse("/console/cases", 303)


@rest.get("/{path:path}")
def nothing_here(_page: SignedIn, path: str) -> Response:
    """Every other address of the console: a page that says so, in the reader's language."""
    raise Refused(404, "console.not_found")


ROUTERS = (
    signin.router,
    cases.router,
    incidents.router,
    content.router,
    people.router,
    setup.router,
    my_alerts.router,
    my_ways.router,
    replies.router,
    talk.router,
    duty.router,
    my_shifts.router,
    my_telegram.router,
    rest,  # `rest` comes last
)


def console_router(_ports: Ports) -> APIRouter:
    """Every console route. They find ports and settings in `request.app.state` when they run."""
    router = APIRouter()
    for part in ROUTERS:
        router.include_router(part)
    return router
