"""A LibreTranslate-compatible server of the municipality's own: words of citizens go nowhere else."""

from __future__ import annotations

import requests
import structlog

log = structlog.get_logger()
TIMEOUT = 3.0  # seconds to connect, and again to answer: an officer waits for it
LONGEST = 50_000  # characters of an answer that we look at


class LibreTranslate:
    """POST {base}/translate with q, source, target and format=text."""

    def __init__(self, base_url: str) -> None:
        self._url = f"{base_url.rstrip('/')}/translate"
        self._session = requests.Session()
        self._session.trust_env = False  # personal words take no way around over a proxy

    def translate(self, text: str, source: str, target: str) -> str | None:
        """The translation, or None if the server gave none in time."""
        body = {"q": text, "source": source, "target": target, "format": "text"}
        try:
            response = self._session.post(self._url, json=body, timeout=TIMEOUT, allow_redirects=False)
            if response.status_code != 200:
                log.info("no_translation", status=response.status_code)
                return None
            translated = response.json()["translatedText"]
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            log.info("no_translation", error=type(error).__name__)
            return None
        return translated if isinstance(translated, str) and 0 < len(translated) <= LONGEST else None
