"""Web Push: what a browser can read, what a push service believes, and what its answer means."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from bot import app
from bot.clients.rasa import NoDialogue
from bot.clients.web_push import LONGEST_MESSAGE, WebPushTransport, authorization, encrypt, public_key
from bot.domain.push import decoded, encoded
from bot.services.delivery import DeliveryError, deliver_next
from bot.storage.tables import OutboxRow
from bot.worker import jobs
from tests.harness.mail import certificate
from tests.harness.push import PushBrowser, PushService, push_service, verified
from tests.harness.town import Town, settings_in

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = encoded((7).to_bytes(32))
CONTACT = "mailto:alerts@hemsehri.test"
MESSAGE = {"title": "Hemşehri", "body": "Başvuru 7: acil", "link": "/console/cases/7", "tag": "case-7"}
BODY = {"message": MESSAGE, "topic": "case-7", "urgency": "high", "ttl": 3600}


class RFC8291:
    """The example of RFC 8291, section 5 and appendix A."""

    PLAINTEXT = b"When I grow up, I want to be a watermelon"
    SALT = "DGv6ra1nlYgDCS1FRnbzlw"
    SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
    BROWSER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
    P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
    BODY = (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
        "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_the_example_of_the_rfc_comes_out_byte_for_byte() -> None:
    sender = ec.derive_private_key(int.from_bytes(decoded(RFC8291.SENDER)), ec.SECP256R1())
    sealed = encrypt(RFC8291.PLAINTEXT, RFC8291.P256DH, RFC8291.AUTH, salt=decoded(RFC8291.SALT), sender=sender)
    assert encoded(sealed) == RFC8291.BODY


def test_the_browser_of_the_tests_reads_the_example_of_the_rfc() -> None:
    browser = PushBrowser("", RFC8291.BROWSER, RFC8291.AUTH)
    assert browser.keys == {"p256dh": RFC8291.P256DH, "auth": RFC8291.AUTH}
    assert browser.reads(decoded(RFC8291.BODY)) == RFC8291.PLAINTEXT


def test_only_the_browser_it_is_for_reads_it_and_nothing_is_sealed_twice_alike() -> None:
    mine, other = PushBrowser(""), PushBrowser("")
    first, second = (encrypt(b"Fall 7", **mine.keys) for _ in range(2))
    assert mine.reads(first) == mine.reads(second) == b"Fall 7"
    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]
    with pytest.raises(InvalidTag):
        other.reads(first)
    with pytest.raises(InvalidTag):
        mine.reads(first[:-1] + bytes([first[-1] ^ 1]))


def test_a_push_service_can_verify_who_we_are_and_that_it_is_meant() -> None:
    header = authorization("https://push.test:8443/abc?x=1", KEY, CONTACT, NOW)
    claims, key = verified(header)
    assert key == public_key(KEY)
    assert len(decoded(key)) == 65
    assert claims["aud"] == "https://push.test:8443"
    assert claims["sub"] == CONTACT
    assert timedelta(0) < datetime.fromtimestamp(claims["exp"], UTC) - NOW <= timedelta(hours=24), "RFC 8292, section 2"
    assert "sub" not in verified(authorization("https://push.test/abc", KEY, "", NOW))[0]
    other = public_key(encoded((8).to_bytes(32)))
    with pytest.raises(InvalidSignature):
        verified(header.replace(key, other))


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def service(certified: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[PushService]:
    with push_service(certified[0]) as running:
        yield running


@pytest.fixture
def transport(certified: tuple[ssl.SSLContext, ssl.SSLContext]) -> WebPushTransport:
    return WebPushTransport(KEY, CONTACT, timeout=5, trust=certified[1], may_reach=lambda _: True)


@pytest.fixture
def town(make_town: Callable[..., Town], service: PushService) -> Town:
    """An officer with one browser, and one notification that waits for it."""
    made: Town = make_town()
    officer = made.officer("Ayşe", "de-koln-bk", telegram=None)
    browser = service.browser(public_key(KEY))
    with made.database.write() as uow:
        row = uow.push_subscriptions.add(officer.id, browser.endpoint, **browser.keys, now=made.clock())
        uow.outbox.add("push", str(row.id), BODY, made.clock(), dedup_key="alert:7")
    return made


def deliver(town: Town, transport: WebPushTransport) -> OutboxRow:
    while deliver_next(town.ports, {"push": transport}):
        pass
    return town.outbox()[0]


def browsers(town: Town) -> int:
    with town.database.read() as uow:
        return len(uow.push_subscriptions.of(1))


def is_reachable(town: Town) -> bool:
    with town.database.read() as uow:
        return uow.desks.all(town.clock(), telegram=True)["de-koln-bk"].officers[0].reachable


def test_a_notification_arrives_sealed_with_everything_a_push_service_needs(
    town: Town, service: PushService, transport: WebPushTransport
) -> None:
    assert deliver(town, transport).state == "sent"
    (taken,) = service.got
    assert service.read() == MESSAGE
    assert b"acil" not in taken.body
    headers = taken.headers
    assert (headers["ttl"], headers["urgency"], headers["topic"]) == ("3600", "high", "case-7")
    assert taken.claims["sub"] == CONTACT
    assert is_reachable(town)


ANSWERS: list[tuple[str, int, dict[str, str], str, int, bool]] = [
    ("200 is taken", 200, {}, "sent", 1, True),
    ("202 is taken", 202, {}, "sent", 1, True),
    ("410: the browser is gone", 410, {}, "failed", 0, False),
    ("404: the browser is gone", 404, {}, "failed", 0, False),
    ("403: made for another key", 403, {}, "failed", 1, False),
    ("401: not believed", 401, {}, "failed", 1, False),
    ("400 ends it", 400, {}, "failed", 1, True),
    ("413 ends it", 413, {}, "failed", 1, True),
    ("429 waits as long as it is told", 429, {"retry-after": "7"}, "new", 1, True),
    ("429 without a time", 429, {}, "new", 1, True),
    ("500 is tried again", 500, {}, "new", 1, True),
    ("503 with a date", 503, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, "new", 1, True),
    ("a redirect is not followed", 307, {"location": "/push/elsewhere"}, "new", 1, True),
]


@pytest.mark.parametrize(
    ("status", "headers", "state", "left", "reachable"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_the_answer_decides(
    town: Town,
    service: PushService,
    transport: WebPushTransport,
    status: int,
    headers: dict[str, str],
    state: str,
    left: int,
    reachable: bool,
) -> None:
    service.answers.append((status, headers))
    row = deliver(town, transport)
    assert (row.state, browsers(town), is_reachable(town)) == (state, left, reachable)
    assert service.asked == ["/push/0"]
    if state == "new":
        wait = 7 if headers.get("retry-after") == "7" else 2
        town.clock.forward(seconds=wait - 1)
        assert deliver(town, transport).state == "new", "not before it is time"
        town.clock.forward(seconds=1)
        assert deliver(town, transport).state == "sent"
        assert service.read() == MESSAGE


def test_a_browser_that_was_refused_counts_again_when_something_arrives(
    town: Town, service: PushService, transport: WebPushTransport
) -> None:
    service.answers.append((403, {}))
    deliver(town, transport)
    assert not is_reachable(town)
    with town.database.write() as uow:
        address = str(uow.push_subscriptions.of(1)[0].id)
        uow.outbox.add("push", address, BODY, town.clock(), dedup_key="alert:8")
    deliver(town, transport)
    assert is_reachable(town)


def test_nobody_there_is_tried_again(town: Town, service: PushService, transport: WebPushTransport) -> None:
    service.stop()
    assert deliver(town, transport).state == "new"
    assert browsers(town) == 1


def test_a_push_service_with_a_false_certificate_gets_nothing(town: Town, service: PushService) -> None:
    stranger = WebPushTransport(KEY, CONTACT, timeout=5, may_reach=lambda _: True)
    assert deliver(town, stranger).state == "new"
    assert service.asked == []


def test_a_name_that_leads_into_our_own_network_is_not_even_connected_to(
    town: Town, service: PushService, certified: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    careful = WebPushTransport(KEY, CONTACT, timeout=5, trust=certified[1])
    row = deliver(town, careful)
    assert (row.state, browsers(town)) == ("failed", 0)
    assert "private network" in (row.error or "")
    assert service.asked == []


def test_a_browser_that_was_turned_off_meanwhile_gets_nothing(
    town: Town, service: PushService, transport: WebPushTransport
) -> None:
    with town.database.write() as uow:
        uow.push_subscriptions.remove(uow.push_subscriptions.of(1)[0].id)
    assert deliver(town, transport).state == "failed"
    assert service.asked == []


def test_a_key_that_is_no_point_of_the_curve_ends_it(
    town: Town, service: PushService, transport: WebPushTransport
) -> None:
    with town.database.write() as uow:
        uow.push_subscriptions.of(1)[0].p256dh = encoded(b"\x04" + b"\x01" * 64)
    assert deliver(town, transport).state == "failed"
    assert browsers(town) == 0


def test_the_longest_message_still_fits_and_a_longer_one_is_not_sent(
    town: Town, service: PushService, transport: WebPushTransport
) -> None:
    empty = len(json.dumps({"body": ""}).encode())
    with town.database.write() as uow:
        address = str(uow.push_subscriptions.of(1)[0].id)
        for more in (0, 1):
            body = BODY | {"message": {"body": "x" * (LONGEST_MESSAGE - empty + more)}}
            uow.outbox.add("push", address, body, town.clock(), dedup_key=f"long:{more}")
    deliver(town, transport)
    assert [row.state for row in town.outbox()] == ["sent", "sent", "failed"]
    assert len(service.got[-1].body) <= 4096
    with pytest.raises(DeliveryError) as failed:
        transport.deliver(town.outbox()[2], town.ports, town.clock())
    assert not failed.value.retryable


def test_the_worker_delivers_notifications(make_town: Callable[..., Town], tmp_path: Path) -> None:
    town: Town = make_town()
    settings = replace(town.settings, vapid_key=KEY)
    whole = app.Town(settings, town.ports, None, NoDialogue())
    with town.database.write() as uow:
        uow.outbox.add("push", "1", BODY, town.clock(), dedup_key="to nobody")
    for job in jobs(whole):
        if job.name == "deliver-0":
            job.run()
    assert town.outbox()[0].state == "failed", "taken by a way for notifications, which finds no such browser"


def test_the_key_is_made_once_is_one_and_only_this_user_may_read_it(tmp_path: Path) -> None:
    first, second = settings_in(tmp_path), settings_in(tmp_path)
    assert first.vapid_key == second.vapid_key
    assert len(decoded(public_key(first.vapid_key))) == 65
    assert (tmp_path / "vapid-key").stat().st_mode & 0o777 == 0o600
    assert first.vapid_key not in repr(first)
    assert settings_in(tmp_path / "other").vapid_key != first.vapid_key
    assert settings_in(tmp_path, HEMSEHRI_VAPID_KEY=KEY).vapid_key == KEY


@pytest.mark.parametrize("bad", ["x", "", encoded(bytes(32)), encoded(b"\xff" * 32), encoded(b"\x01" * 31), "ğ" * 43])
def test_a_key_that_is_none_is_refused(tmp_path: Path, bad: str) -> None:
    if not bad:
        assert settings_in(tmp_path, HEMSEHRI_VAPID_KEY="").vapid_key, "empty: made once"
        return
    with pytest.raises(ValueError, match="HEMSEHRI_VAPID_KEY must be a P-256 private key") as refused:
        settings_in(tmp_path, HEMSEHRI_VAPID_KEY=bad)
    assert bad == "x" or bad not in str(refused.value)


CONTACTS = [
    ("the sender of mails", {"HEMSEHRI_MAIL_FROM": "a@b.test"}, "mailto:a@b.test"),
    ("it comes first", {"HEMSEHRI_MAIL_FROM": "a@b.test", "HEMSEHRI_PUBLIC_URL": "https://x"}, "mailto:a@b.test"),
    ("the public address", {"HEMSEHRI_PUBLIC_URL": "https://x.test/"}, "https://x.test"),
    ("nobody on a laptop", {}, ""),
]  # fmt: skip


@pytest.mark.parametrize(("environment", "contact"), [row[1:] for row in CONTACTS], ids=[row[0] for row in CONTACTS])
def test_push_services_are_told_whom_to_ask(tmp_path: Path, environment: dict[str, str], contact: str) -> None:
    assert settings_in(tmp_path, **environment).contact == contact
