"""A town served over HTTP by the real server, on a free port of the loopback address."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import uvicorn

from bot.app import utc_now
from bot.web.server import Server, create_app
from tests.harness.town import Town


@contextmanager
def serving(town: Town) -> Iterator[str]:
    """The town's address while it is served. Its clock runs in real time meanwhile."""
    town.ports.clock = utc_now
    settings = replace(town.settings, public_url="http://127.0.0.1")
    app = create_app(town.ports, settings)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1)
    server = Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.end_streams()
        server.should_exit = True
        thread.join(timeout=10)
