"""A push service and its browsers for tests: takes only what a real one takes, and reads it with the browser's key."""

from __future__ import annotations

import http.server
import json
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.push import decoded, encoded

CURVE = ec.SECP256R1()


def _hmac(key: bytes, message: bytes) -> bytes:
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(message)
    return mac.finalize()


class PushBrowser:
    """One browser's keys. It reads RFC 8291 step by step as its section 3.4 writes it, not with our own code."""

    def __init__(self, endpoint: str, private: str = "", auth: str = "") -> None:
        self.endpoint = endpoint
        number = int.from_bytes(decoded(private)) if private else 0
        self._key = ec.derive_private_key(number, CURVE) if number else ec.generate_private_key(CURVE)
        self._auth = decoded(auth) if auth else os.urandom(16)

    @property
    def _point(self) -> bytes:
        kinds = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        return self._key.public_key().public_bytes(*kinds)

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": encoded(self._point), "auth": encoded(self._auth)}

    def reads(self, body: bytes) -> bytes:
        """What a message says. Raises if it was not made for this browser, or anything in it was changed."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size, "a push message is one record"
        shared = self._key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender))
        info = b"WebPush: info\x00" + self._point + sender
        secret = _hmac(_hmac(self._auth, shared), info + b"\x01")
        start = _hmac(salt, secret)
        content_key = _hmac(start, b"Content-Encoding: aes128gcm\x00\x01")[:16]
        nonce = _hmac(start, b"Content-Encoding: nonce\x00\x01")[:12]
        padded = AESGCM(content_key).decrypt(nonce, sealed, None).rstrip(b"\x00")
        assert padded.endswith(b"\x02"), "the last record ends with 2"
        return padded[:-1]


@dataclass
class Arrived:
    """One message that was taken, still sealed."""

    path: str
    body: bytes
    headers: dict[str, str]
    claims: dict[str, Any] = field(default_factory=dict)


def verified(authorization: str) -> tuple[dict[str, Any], str]:
    """Claims and public key of a VAPID header. Raises if the signature is not that key's."""
    scheme, _, parameters = authorization.partition(" ")
    assert scheme == "vapid"
    named = dict(part.strip().split("=", 1) for part in parameters.split(","))
    head, claims, signature = named["t"].split(".")
    raw = decoded(signature)
    assert (json.loads(decoded(head)), len(raw)) == ({"typ": "JWT", "alg": "ES256"}, 64)
    key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decoded(named["k"]))
    both = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.verify(both, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    return json.loads(decoded(claims)), named["k"]


class PushService:
    """`answers` are given in order, then 201. A message that breaks a rule of the RFCs gets the 4xx it would get."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.asked: list[str] = []  # the path of every request
        self.got: list[Arrived] = []
        self.browsers: dict[str, tuple[PushBrowser, str]] = {}  # by path: the browser, and the key it asked with
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status, headers = outer.answer(self.path, body, {k.lower(): v for k, v in self.headers.items()})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_: object) -> None: ...

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None: ...

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.address = f"https://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def browser(self, application_key: str) -> PushBrowser:
        """A browser that subscribed with our public key."""
        path = f"/push/{len(self.browsers)}"
        made = PushBrowser(self.address + path)
        self.browsers[path] = (made, application_key)
        return made

    def answer(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str]]:
        self.asked.append(path)
        if self.answers:
            return self.answers.pop(0)
        if path not in self.browsers:
            return 404, {}
        if headers.get("content-encoding") != "aes128gcm" or not headers.get("ttl", "").isdigit():
            return 400, {}
        if len(headers.get("topic", "")) > 32 or headers.get("urgency") not in ("very-low", "low", "normal", "high"):
            return 400, {}
        if len(body) > 4096:
            return 413, {}
        try:
            claims, key = verified(headers["authorization"])
        except Exception:
            return 401, {}
        if claims["aud"] != self.address or key != self.browsers[path][1]:
            return 403, {}
        self.got.append(Arrived(path, body, headers, claims))
        return 201, {}

    def read(self, position: int = -1) -> dict[str, Any]:
        """A message as the browser that it was for reads it."""
        taken = self.got[position]
        message: dict[str, Any] = json.loads(self.browsers[taken.path][0].reads(taken.body))
        return message

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def push_service(tls: ssl.SSLContext) -> Iterator[PushService]:
    """A running service, stopped afterwards."""
    service = PushService(tls)
    try:
        yield service
    finally:
        service.stop()
