"""Read-only look-ups at the gateway. Whatever fails there, the dialogue goes on without the answer."""

from __future__ import annotations

import logging
import os
from typing import Any

import requests

TIMEOUT = 2.0  # seconds to connect, and between two bytes
LONGEST = 1_000  # characters; whoever answers with more names the place at the beginning
log = logging.getLogger(__name__)
_session = requests.Session()
_session.trust_env = False  # loopback must not go through a proxy


def places(text: str, language: str | None, country: str | None) -> list[dict[str, Any]] | None:
    """The places that a text names, the likeliest first. None if the gateway cannot say."""
    base = os.environ.get("HEMSEHRI_GATEWAY_URL", "http://127.0.0.1:8000").rstrip("/")
    token = os.environ.get("HEMSEHRI_INTERNAL_TOKEN", "")
    asked = {"text": text[:LONGEST], "language": language, "country": country}
    try:
        response = _session.get(
            f"{base}/internal/v1/places",
            params={key: value for key, value in asked.items() if value},
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT,
        )
        response.raise_for_status()
        mentions = response.json()["mentions"]
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        log.warning("no place look-up: %s", type(error).__name__)  # without the text, which is a citizen's
        return None
    return mentions if isinstance(mentions, list) else None
