"""Rasa over its REST webhook. An empty or broken answer means: the dialogue engine is away."""

from __future__ import annotations

import time
from typing import Any

import requests

from bot.services.ports import DialogueAway

CONNECT, READ = 0.5, 8.0  # seconds
REST_AFTER_FAILURE = 5.0  # seconds during which nobody waits for a Rasa that was just away


class RasaDialogue:
    """One turn per call. After a failure it says 'away' at once for a few seconds."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url
        self._session = requests.Session()
        self._session.trust_env = False  # loopback must not go through a proxy
        adapter = requests.adapters.HTTPAdapter(pool_connections=4, pool_maxsize=32)
        self._session.mount("http://", adapter)
        self._away_until = 0.0

    def turn(self, conversation: str, text: str, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        """Directives for one message. Raises DialogueAway."""
        if time.monotonic() < self._away_until:
            raise DialogueAway("was away a moment ago")
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
        items = [item for item in parsed if isinstance(item, dict)] if isinstance(parsed, list) else []
        directives = [item["custom"] for item in items if isinstance(item.get("custom"), dict)]
        if not directives:
            # The action server is down (Rasa answers 200 with []), or no model is loaded.
            raise DialogueAway("empty answer")
        return directives

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
