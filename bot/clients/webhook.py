"""Signed webhooks to partner systems, after the Standard Webhooks specification."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import requests
from standardwebhooks import Webhook

from bot.services.delivery import DeliveryError

TIMEOUT = (3.0, 10.0)  # seconds: connect, read


class WebhookSender:
    """Posts a body with `webhook-id`, `webhook-timestamp` and `webhook-signature` headers."""

    def __init__(self) -> None:
        self._session = requests.Session()

    def send(self, url: str, secret: str, message_id: str, body: dict[str, Any], now: datetime) -> None:
        """Deliver once. Raises DeliveryError, which says whether trying again makes sense."""
        payload = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
        signature = Webhook(secret).sign(msg_id=message_id, timestamp=now, data=payload)
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }
        try:
            response = self._session.post(
                url, data=payload.encode(), headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as error:
            raise DeliveryError(f"{type(error).__name__}: {error}", retryable=True) from error
        if response.status_code == 410:
            raise DeliveryError("the receiver says it is gone (410)", retryable=False, code="gone", bounced=True)
        if response.status_code == 404:
            raise DeliveryError("the receiver answered 404", retryable=False, code="not_found", bounced=True)
        if not 200 <= response.status_code < 300:  # `ok` would call a redirect, which we do not follow, a success
            status = response.status_code
            retryable = status in (408, 425, 429) or status >= 500 or 300 <= status < 400
            wait = response.headers.get("retry-after", "")
            raise DeliveryError(
                f"the receiver answered {response.status_code}",
                retryable=retryable,
                after=float(wait) if wait.isdigit() else None,
                code="refused" if not retryable else "asked_to_wait" if wait.isdigit() else "no_connection",
            )
