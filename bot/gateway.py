"""The gateway process: the web server, and the classifier as soon as it is trained."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import structlog
import uvicorn

from bot.app import Town, build
from bot.classifier import brain_path
from bot.settings import Settings
from bot.understanding.brain import Brain
from bot.web.server import Server, create_app

log = structlog.get_logger()
DIALOGUE_CHECK = 5.0  # seconds an answer of the dialogue engine's health is believed


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    _allow_many_connections()
    town = build(settings)
    _get_ready(town)
    app = create_app(town.ports, settings, telegram=town.telegram, dialogue_ready=_cached(town.dialogue.is_ready))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=3,
        # whose word counts for a citizen's address; without a proxy nobody's
        proxy_headers=settings.trusted_proxies is not None,
        forwarded_allow_ips=settings.trusted_proxies,
    )
    Server(config).run()
    town.close()


def _allow_many_connections() -> None:
    """Each open widget is an open file, and many systems begin with 1,024: take all that may be had."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS refuses "unlimited"
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _get_ready(town: Town) -> None:
    """Content and directory are loaded in the background, so that the first request finds a server."""

    def prepare() -> None:
        try:
            _ = town.ports.knowledge.refresh().index
        except Exception:
            log.exception("not_ready_yet")
        _adopt_brain(town)

    threading.Thread(target=prepare, daemon=True, name="get-ready").start()


def _adopt_brain(town: Town) -> None:
    """Until it is trained, the lexicon alone hears cries for help; then the classifier joins in."""
    settings, understander = town.settings, town.ports.understander
    path = brain_path(settings)
    while understander.brain is None:
        if path.exists():
            understander.brain = Brain.load(path)
            log.info("classifier_ready")
            return
        time.sleep(1)


def _cached(check: Callable[[], bool]) -> Callable[[], bool]:
    """The result of a slow check, believed for a few seconds."""
    state = {"at": 0.0, "result": False}

    def cached() -> bool:
        if time.monotonic() - state["at"] > DIALOGUE_CHECK:
            state["result"], state["at"] = check(), time.monotonic()
        return bool(state["result"])

    return cached
