"""The gateway's web application: every route, the security headers, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import __version__
from bot.channels import web_widget
from bot.channels.telegram import TelegramClient
from bot.engine import Engine
from bot.services.ports import Ports
from bot.settings import Settings
from bot.web import health, internal_api, problems, site, telegram_webhook
from bot.web.console import console_router
from bot.web.hub import Hub
from bot.web.limits import make_limiter

STATIC = Path(__file__).parent / "static"
# A site embeds the widget under one address for ever, so it must be able to change; yet who has it never waits for it.
STATIC_CACHE = "public, max-age=300, stale-while-revalidate=86400, stale-if-error=604800"
SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "manifest-src 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "geolocation=(self), camera=(), microphone=()",
}


def create_app(
    ports: Ports,
    settings: Settings,
    *,
    telegram: TelegramClient | None = None,
    dialogue_ready: Callable[[], bool] = lambda: False,
) -> FastAPI:
    """The web application over ready-made ports."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.hub.start()
        app.state.engine.start()
        watcher = asyncio.create_task(app.state.hub.watch_other_processes())
        yield
        app.state.hub.stop()
        watcher.cancel()
        await asyncio.to_thread(app.state.engine.stop)

    app = FastAPI(title="Hemşehri", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.ports, app.state.settings, app.state.telegram = ports, settings, telegram
    app.state.dialogue_ready = dialogue_ready
    app.state.hub, app.state.engine = Hub(ports), Engine(ports)
    app.state.limiter = make_limiter()
    problems.install(app)
    app.add_middleware(
        CORSMiddleware,  # the widget runs on other sites; a conversation's address is its only key
        allow_origins=["*"],
        allow_methods=["GET", "POST"],
        allow_headers=["content-type", "last-event-id"],
        expose_headers=["retry-after"],
    )
    app.add_middleware(GZipMiddleware, minimum_size=500)  # leaves event streams alone
    app.add_middleware(SecurityHeaders)
    for router in (
        site.router,
        web_widget.router,
        telegram_webhook.router,
        internal_api.router,
        health.router,
        console_router(ports),
    ):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


class Server(uvicorn.Server):
    """Ends the open event streams as soon as it is told to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal arrived."""
        self.end_streams()
        super().handle_exit(sig, frame)

    def end_streams(self) -> None:
        """Let go of every widget; it resumes elsewhere or later, where it was."""
        app = self.config.app
        assert isinstance(app, FastAPI)
        app.state.hub.stop()


class SecurityHeaders:
    """Adds the headers to every response. Plain ASGI, because streams must pass through untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        static = scope["path"].startswith("/static/")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if static:
                    headers["cross-origin-resource-policy"] = "cross-origin"
                    headers.setdefault("cache-control", STATIC_CACHE)
            await send(message)

        await self._app(scope, receive, send_with_headers)
