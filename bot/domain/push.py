"""Web Push (RFC 8030, 8291, 8292): what is a key, what is an endpoint, how urgent a message is."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.domain.taxonomy import Severity

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # FIPS 186-4, D.1.2.3
LONGEST_ENDPOINT = 1000
_EMBEDDED = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address behind a translator
# How a push service's host shows which browser it serves; for the person who looks at a list of their browsers.
_SERVICES = {
    "googleapis.com": "Chrome",
    "mozilla.com": "Firefox",
    "push.apple.com": "Safari",
    "notify.windows.com": "Edge",
}


@dataclass(frozen=True)
class Haste:
    """How a push service treats a message: RFC 8030's Urgency, and the seconds it keeps it for an absent browser."""

    urgency: str
    ttl: int


HASTE = {
    Severity.LIFE: Haste("high", 3600),
    Severity.URGENT: Haste("high", 4 * 3600),
    Severity.NORMAL: Haste("normal", 24 * 3600),
}


def encoded(value: bytes) -> str:
    """Base64url without padding, as all of Web Push writes bytes."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def decoded(text: str) -> bytes:
    """The bytes of base64url, padded or not. Raises ValueError."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(f"this is not base64url: {error}") from None


def is_private_key(text: str) -> bool:
    """Whether this is a P-256 private key: 32 bytes in base64url."""
    try:
        value = decoded(text)
    except ValueError:
        return False
    return len(value) == 32 and 0 < int.from_bytes(value) < P256_ORDER


def are_keys(p256dh: str, auth: str) -> bool:
    """Whether a browser's public key and secret have their shape: an uncompressed point, and 16 bytes."""
    try:
        point, secret = decoded(p256dh), decoded(auth)
    except ValueError:
        return False
    return len(point) == 65 and point[0] == 4 and len(secret) == 16


def is_endpoint(url: str) -> bool:
    """Whether a browser's endpoint is an https address that is not obviously inside our own network."""
    if len(url) > LONGEST_ENDPOINT or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or not host or "@" in parts.netloc:
        return False
    try:
        return is_public(host)
    except ValueError:
        name = host.removesuffix(".")
        labels = name.split(".")
        if len(labels) < 2 or not all(0 < len(label) < 64 for label in labels):  # RFC 1035: no name server knows it
            return False
        return labels[-1] not in ("localhost", "local", "internal")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, not to us or our neighbours. Raises ValueError."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and ip in _EMBEDDED:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            ip = inner
    return ip.is_global and not ip.is_multicast


def browser_of(endpoint: str) -> str:
    """'Firefox' for an endpoint at Mozilla; the host's name for a service we do not know."""
    host = urlsplit(endpoint).hostname or ""
    return next((name for service, name in _SERVICES.items() if f".{host}".endswith(f".{service}")), host)
