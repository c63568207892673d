"""Loads what understanding needs most time for, while the rest of the program is still being read."""

from __future__ import annotations

import threading

import structlog

from bot.understanding.features import embed
from bot.understanding.language import identify

log = structlog.get_logger()


def warm_up() -> threading.Thread:
    """Load the sentence encoder and the language identifier in the background: not at the first cry for help."""
    thread = threading.Thread(target=_load, daemon=True, name="warm-up")
    thread.start()
    return thread


def _load() -> None:
    try:
        embed(["merhaba"])
        identify("merhaba")
    except Exception:  # understanding goes on without what is broken, and says so message by message
        log.exception("not_warm")
