"""Rasa over its REST webhook. An empty or broken answer means: the dialogue engine is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from bot.services.ports import DialogueAway

CONNECT, READ = 0.5, 5.0  # seconds
SEATS = 4  # turns at once: half of the engine's threads
QUEUE = 1.0  # seconds that a turn waits for a seat
REST_AFTER_FAILURE = 5.0  # seconds during which nobody waits for a Rasa that was just away


class RasaDialogue:
    """One turn per call. After a failure it says 'away' at once for a few seconds."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url
        self._session = requests.Session()
        self._session.trust_env = False  # loopback must not go through a proxy
        adapter = requests.adapters.HTTPAdapter(pool_connections=4, pool_maxsize=32)
        self._session.mount("http://", adapter)
        self._away_until = 0.0  # 0: the last turn worked
        self._seats = threading.BoundedSemaphore(SEATS)
        self._probe = threading.BoundedSemaphore(1)

    def turn(self, conversation: str, text: str, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        """Directives for one message. Raises DialogueAway."""
        with self._place_in_line():
            try:
                response = self._session.post(
                    f"{self._base}/webhooks/rest/webhook",
                    json={"sender": conversation, "message": text, "metadata": metadata},
                    timeout=(CONNECT, READ),
                )
                response.raise_for_status()
                parsed = response.json()
            except (requests.RequestException, ValueError) as error:
                self._away_until = time.monotonic() + REST_AFTER_FAILURE
                raise DialogueAway(f"{type(error).__name__}") from error
            self._away_until = 0.0
        items = [item for item in parsed if isinstance(item, dict)] if isinstance(parsed, list) else []
        directives = [item["custom"] for item in items if isinstance(item.get("custom"), dict)]
        if not directives:
            # The action server is down (Rasa answers 200 with []), or no model is loaded.
            raise DialogueAway("empty answer")
        return directives

    @contextmanager
    def _place_in_line(self) -> Iterator[None]:
        """A Rasa that hangs must not take every thread: a few wait for it, and after a failure only one tries."""
        if time.monotonic() < self._away_until:
            raise DialogueAway("was away a moment ago")
        seats = self._seats if self._away_until == 0.0 else self._probe
        if not seats.acquire(timeout=QUEUE):
            raise DialogueAway("is busy")
        try:
            yield
        finally:
            seats.release()

    def is_ready(self) -> bool:
        """Whether a model is loaded: a server without one is up but answers nothing."""
        try:
            # /status answers 409 until a model is loaded; parsing a text would load a second gazetteer there
            return self._session.get(f"{self._base}/status", timeout=(CONNECT, READ)).ok
        except requests.RequestException:
            return False


class NoDialogue:
    """Where no dialogue engine is configured."""

    def turn(self, conversation: str, text: str, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        """Always away."""
        raise DialogueAway("none is configured")

    def is_ready(self) -> bool:
        """Never."""
        return False
