"""What is a push endpoint, a key, and an address that we may connect to."""

from __future__ import annotations

import pytest

from bot.domain.push import HASTE, are_keys, browser_of, decoded, encoded, is_endpoint, is_public
from bot.domain.taxonomy import Severity

ENDPOINTS: list[tuple[str, str, bool]] = [
    ("Google", "https://fcm.googleapis.com/fcm/send/abc:def", True),
    ("Mozilla", "https://updates.push.services.mozilla.com/wpush/v2/gAAA", True),
    ("a port", "https://push.example.org:8443/x", True),
    ("a public address", "https://93.184.215.14/x", True),
    ("not encrypted", "http://push.example.org/x", False),
    ("another protocol", "ftp://push.example.org/x", False),
    ("a name of this machine", "https://localhost/x", False),
    ("a name below it", "https://push.localhost/x", False),
    ("a name of the house", "https://printer.local/x", False),
    ("a name without a dot", "https://postgres:5432/x", False),
    ("a name of this machine, written out", "https://push.localhost./x", False),
    ("a name too long for any name server", f"https://{'a' * 64}.example.org/x", False),
    ("a name with a hole", "https://push..example.org/x", False),
    ("loopback", "https://127.0.0.1/x", False),
    ("loopback, IPv6", "https://[::1]/x", False),
    ("private", "https://10.1.2.3/x", False),
    ("cloud metadata", "https://169.254.169.254/latest", False),
    ("a user", "https://a:b@push.example.org/x", False),
    ("an empty user", "https://@push.example.org/x", False),
    ("a port that is none", "https://push.example.org:99999/x", False),
    ("half an address", "https://[::1/x", False),
    ("a line break", "https://push.example.org/\r\nx", False),
    ("a space", "https://push.example.org/ x", False),
    ("other letters", "https://push.örnek.org/x", False),
    ("too long", "https://push.example.org/" + "x" * 1000, False),
    ("nothing", "", False),
]


@pytest.mark.parametrize(("url", "good"), [row[1:] for row in ENDPOINTS], ids=[row[0] for row in ENDPOINTS])
def test_an_endpoint_is_https_and_outside(url: str, good: bool) -> None:
    assert is_endpoint(url) is good


ADDRESSES: list[tuple[str, bool]] = [
    ("8.8.8.8", True), ("2001:4860:4860::8888", True), ("64:ff9b::8.8.8.8", True),
    ("127.0.0.1", False), ("0.0.0.0", False), ("10.0.0.1", False), ("172.16.0.1", False), ("192.168.1.1", False),
    ("169.254.169.254", False), ("100.64.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False),
    ("::1", False), ("::", False), ("fe80::1", False), ("fe80::1%eth0", False), ("fd00::1", False), ("ff02::1", False),
    ("::ffff:127.0.0.1", False), ("2002:7f00:1::", False), ("64:ff9b::10.0.0.1", False),
]  # fmt: skip


@pytest.mark.parametrize(("address", "public"), ADDRESSES)
def test_an_address_is_public_or_it_is_not_connected_to(address: str, public: bool) -> None:
    assert is_public(address) is public


POINT, SECRET = b"\x04" + b"p" * 64, b"s" * 16
KEYS: list[tuple[str, str, str, bool]] = [
    ("as browsers give them", encoded(POINT), encoded(SECRET), True),
    ("with padding", encoded(POINT) + "=", encoded(SECRET) + "==", True),
    ("a compressed point", encoded(b"\x02" + b"p" * 32), encoded(SECRET), False),
    ("a short secret", encoded(POINT), encoded(SECRET[:15]), False),
    ("other signs", encoded(POINT)[:-1] + "!", encoded(SECRET), False),
    ("other letters", "ğ" * 87, encoded(SECRET), False),
    ("nothing", "", "", False),
]


@pytest.mark.parametrize(("p256dh", "auth", "good"), [row[1:] for row in KEYS], ids=[row[0] for row in KEYS])
def test_keys_have_their_shape(p256dh: str, auth: str, good: bool) -> None:
    assert are_keys(p256dh, auth) is good


@pytest.mark.parametrize("value", [b"", b"a", b"ab", b"abc", b"\xff\xfe\xfb"])
def test_bytes_come_back(value: bytes) -> None:
    assert decoded(encoded(value)) == value


NAMES = [
    ("https://fcm.googleapis.com/x", "Chrome"),
    ("https://updates.push.services.mozilla.com/x", "Firefox"),
    ("https://web.push.apple.com/x", "Safari"),
    ("https://wns2-par02p.notify.windows.com/x", "Edge"),
    ("https://push.example.org/x", "push.example.org"),
    ("https://notmozilla.com/x", "notmozilla.com"),
]


@pytest.mark.parametrize(("endpoint", "name"), NAMES)
def test_a_browser_is_called_as_its_push_service_shows(endpoint: str, name: str) -> None:
    assert browser_of(endpoint) == name


def test_danger_to_life_is_never_slower_than_anything_else() -> None:
    assert set(HASTE) == set(Severity)
    assert HASTE[Severity.LIFE].urgency == "high"
    assert HASTE[Severity.NORMAL].urgency == "normal", "it may wait until the phone wakes up"
