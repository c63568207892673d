"""The two servers that bench/intake.py asks, each in a process of its own: python -m bench.intake_servers NAME PORT.

`gateway` is the real one, composed as bot/gateway.py does it, with one difference: nobody answers what was stored, or
the figure would be that of the answers. `echo` gives back the same request and keeps nothing: what FastAPI costs.
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI

from bot.app import build
from bot.channels.web_widget import NewMessage
from bot.services.incoming import Incoming
from bot.services.intake import Stored, store_soon
from bot.services.ports import Ports
from bot.settings import load_settings
from bot.web.server import create_app


class Resting:
    """An engine that leaves every message in the inbox."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def start(self) -> None:
        pass

    async def take_in(self, incoming: Incoming) -> Stored:
        return await store_soon(self._ports, incoming)

    def stop(self) -> None:
        pass


def gateway() -> FastAPI:
    """Everything of the gateway but its answers."""
    settings = load_settings()
    town = build(settings)
    app = create_app(town.ports, settings)
    app.state.engine = Resting(town.ports)
    return app


def echo() -> FastAPI:
    """One route."""
    app = FastAPI()

    @app.post("/chat/v1/conversations/{conversation_id}/messages", status_code=202)
    async def write(conversation_id: str, message: NewMessage) -> NewMessage:
        return message

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return {}

    return app


def main() -> None:
    name, port = sys.argv[1:]
    sys.setswitchinterval(0.0005)  # as bot/cli.py does
    app = {"gateway": gateway, "echo": echo}[name]()
    uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=int(port), log_level="warning")).run()


if __name__ == "__main__":
    main()
