"""Web Push: encrypts a notification for one browser and hands it to that browser's push service.

Delivery after RFC 8030, encryption after RFC 8291 (aes128gcm), and VAPID, by which we say who we are, after RFC 8292.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.domain.push import decoded, encoded, is_public
from bot.services.delivery import DeliveryError
from bot.services.ports import Ports
from bot.services.push import CHANNEL
from bot.storage.tables import OutboxRow
from bot.storage.tables_alerts import PushSubscriptionRow

__all__ = ["CHANNEL", "WebPushTransport", "authorization", "encrypt", "public_key"]
TIMEOUT = 10.0  # seconds for each step
TOKEN_LASTS = timedelta(hours=12)  # RFC 8292 allows 24; a push service's clock may be wrong
RECORD_SIZE = 4096  # what every push service must take
LONGEST_MESSAGE = RECORD_SIZE - 86 - 17  # without header, tag and the end mark


def public_key(private_key: str) -> str:
    """The VAPID public key that a browser needs when it subscribes."""
    return encoded(_point(_private(private_key)))


def authorization(endpoint: str, private_key: str, contact: str, now: datetime) -> str:
    """The Authorization header of RFC 8292, for this endpoint's push service only."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((now + TOKEN_LASTS).timestamp())}
    claims |= {"sub": contact} if contact else {}
    signed = ".".join(encoded(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    key = _private(private_key)
    r, s = decode_dss_signature(key.sign(signed.encode("ascii"), ec.ECDSA(hashes.SHA256())))
    signature = encoded(r.to_bytes(32) + s.to_bytes(32))
    return f"vapid t={signed}.{signature}, k={encoded(_point(key))}"


def encrypt(
    message: bytes,
    p256dh: str,
    auth: str,
    *,
    salt: bytes | None = None,
    sender: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """A body that only the browser with these keys can read. `salt` and `sender` are drawn anew except in tests.

    Raises ValueError for a key that is no point of the curve.
    """
    salt, sender = salt or os.urandom(16), sender or ec.generate_private_key(ec.SECP256R1())
    browser = decoded(p256dh)
    shared = sender.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), browser))
    ours = _point(sender)
    key = _derived(shared, decoded(auth), b"WebPush: info\0" + browser + ours, 32)
    content_key = _derived(key, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(key, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD_SIZE.to_bytes(4) + len(ours).to_bytes(1) + ours
    return header + AESGCM(content_key).encrypt(nonce, message + b"\x02", None)  # 2: the last record


def _private(key: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decoded(key)), ec.SECP256R1())


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


class WebPushTransport:
    """Rows for one browser. Its keys are looked up at delivery time; a browser that is gone is forgotten."""

    def __init__(
        self,
        private_key: str,
        contact: str = "",
        *,
        timeout: float = TIMEOUT,
        trust: ssl.SSLContext | None = None,
        may_reach: Callable[[str], bool] = is_public,
    ) -> None:
        """`contact`: mailto: or https:, for the push service's people. `may_reach`: IP addresses we connect to."""
        self._key, self._contact, self._timeout, self._may_reach = private_key, contact, timeout, may_reach
        self._trust = trust or ssl.create_default_context()

    def deliver(self, row: OutboxRow, ports: Ports, now: datetime) -> None:
        """Hand one notification to the push service. Raises DeliveryError."""
        with ports.database.read() as uow:
            browser = uow.push_subscriptions.get(int(row.address))
            bounced = (CHANNEL, row.address) in uow.bounces.all()
        if browser is None:
            raise DeliveryError("this browser is not turned on any more", retryable=False, code="no_address")
        try:
            self._send(browser, row, now)
        except _Gone as gone:
            with ports.database.write() as uow:
                uow.push_subscriptions.remove(browser.id)
            raise DeliveryError(str(gone), retryable=False, code="gone") from gone
        except _Refused as refused:
            with ports.database.write() as uow:
                uow.bounces.add(CHANNEL, row.address, str(refused), now)
            raise DeliveryError(str(refused), retryable=False) from refused
        if bounced:
            with ports.database.write() as uow:
                uow.bounces.clear(CHANNEL, row.address)

    def _send(self, browser: PushSubscriptionRow, row: OutboxRow, now: datetime) -> None:
        message = json.dumps(row.body["message"], ensure_ascii=False).encode()
        if len(message) > LONGEST_MESSAGE:
            raise DeliveryError("the notification is too long", retryable=False)
        try:
            sealed = encrypt(message, browser.p256dh, browser.auth)
        except ValueError:
            raise _Gone("the browser's key cannot be one") from None
        headers = {
            "authorization": authorization(browser.endpoint, self._key, self._contact, now),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(row.body["ttl"]),
            "urgency": row.body["urgency"],
            "topic": row.body["topic"],
        }
        status, wait = self._post(urlsplit(browser.endpoint), sealed, headers)
        _judge(status, wait)

    def _post(self, endpoint: SplitResult, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """Status and Retry-After. Redirects are answers like others: nothing is sent on to where they point."""
        host = endpoint.hostname or ""
        connection = http.client.HTTPSConnection(host, endpoint.port or 443, timeout=self._timeout)
        try:
            connection.sock = self._connected(host, endpoint.port or 443)
            target = endpoint.path + (f"?{endpoint.query}" if endpoint.query else "")
            connection.request("POST", target or "/", body, headers)
            response = connection.getresponse()
            return response.status, response.headers.get("retry-after", "")
        except (OSError, http.client.HTTPException) as error:
            raise DeliveryError(f"no usable push service: {type(error).__name__}", retryable=True) from error
        finally:
            connection.close()

    def _connected(self, host: str, port: int) -> ssl.SSLSocket:
        """TLS to an address that was looked at first: a browser gave us the name, and it may point into our network."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not all(self._may_reach(address) for address in addresses):
            raise _Gone("the push service's name leads into a private network")
        plain = _first_that_answers(addresses, port, self._timeout)
        try:
            return self._trust.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise


class _Refused(Exception):  # noqa: N818 - a state of the world, not a mistake
    """The push service does not take our word for this browser; it counts as no way until it does."""


class _Gone(Exception):  # noqa: N818 - a state of the world, not a mistake
    """Nothing will ever arrive at this browser again."""


def _first_that_answers(addresses: list[str], port: int, timeout: float) -> socket.socket:
    """A connection to the first of the addresses that takes one. Raises OSError."""
    until, error = time.monotonic() + timeout, OSError("no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=max(until - time.monotonic(), 0.1))
        except OSError as failed:
            error = failed
    raise error


def _judge(status: int, wait: str) -> None:
    """What an answer means. Raises DeliveryError, _Gone, _Refused."""
    if 200 <= status < 300:
        return
    said = f"the push service answered {status}"
    if status in (404, 410):
        raise _Gone(f"{said}: this browser is gone")
    if status in (401, 403):  # made for another key, or our clock is far off
        raise _Refused(f"{said}: this browser was turned on with another key, and must be turned on again")
    retryable = status in (408, 425, 429) or status >= 500 or 300 <= status < 400
    after = float(wait) if wait.isascii() and wait.isdigit() else None
    raise DeliveryError(said, retryable=retryable, after=after, code="asked_to_wait" if retryable and after else "")
