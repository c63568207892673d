"""Signed webhooks to partner systems: a receiver can trust them, and its answer decides what happens next."""

from __future__ import annotations

import base64
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from bot.clients.webhook import WebhookSender
from bot.services.delivery import DeliveryError, WebhookTransport, deliver_next
from tests.harness.town import Town

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
BODY = {"type": "case.alert", "data": {"case": 7, "desk": "de-köln", "severity": "life"}}


@dataclass
class Receiver:
    """A partner's small system: remembers what came, answers what it was told to."""

    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    got: list[tuple[bytes, dict[str, str], str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append((body, {k.lower(): v for k, v in self.headers.items()}, self.path))
                status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/alerts"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def verified(self, position: int = -1, secret: str = SECRET) -> object:
        body, headers, _ = self.got[position]
        return Webhook(secret).verify(body, headers)

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


def send(receiver: Receiver) -> None:
    WebhookSender().send(receiver.url, SECRET, "msg_1", BODY, datetime.now(UTC))


def test_a_receiver_can_verify_it_with_the_standard_library_of_the_specification(receiver: Receiver) -> None:
    send(receiver)
    assert receiver.verified() == BODY
    body, headers, _ = receiver.got[0]
    assert headers["webhook-id"] == "msg_1"
    assert json.loads(body)["data"]["desk"] == "de-köln"
    other = "whsec_" + base64.b64encode(b"x" * 24).decode()
    with pytest.raises(WebhookVerificationError):
        receiver.verified(secret=other)
    receiver.got[0] = (body.replace(b"life", b"none"), headers, "")
    with pytest.raises(WebhookVerificationError):
        receiver.verified()


ANSWERS: list[tuple[str, int, dict[str, str], bool | None, float | None]] = [
    ("200 is taken", 200, {}, None, None),
    ("204 is taken", 204, {}, None, None),
    ("500 is tried again", 500, {}, True, None),
    ("503 with a pause is tried again after it", 503, {"retry-after": "120"}, True, 120.0),
    ("429 with a pause too", 429, {"retry-after": "7"}, True, 7.0),
    ("a pause that is a date is our own choice", 429, {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, True, None),
    ("408 is tried again", 408, {}, True, None),
    ("410 ends it", 410, {}, False, None),
    ("400 ends it", 400, {}, False, None),
    ("404 ends it", 404, {}, False, None),
]


@pytest.mark.parametrize(
    ("status", "headers", "again", "after"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_the_answer_decides(
    receiver: Receiver, status: int, headers: dict[str, str], again: bool | None, after: float | None
) -> None:
    receiver.answers.append((status, headers))
    if again is None:
        send(receiver)
        return
    with pytest.raises(DeliveryError) as failed:
        send(receiver)
    assert (failed.value.retryable, failed.value.after) == (again, after)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_is_no_success(receiver: Receiver, status: int) -> None:
    """Case data goes where a coordinator said, and nowhere else; the alert must not count as delivered."""
    receiver.answers.append((status, {"location": receiver.url.replace("alerts", "elsewhere")}))
    with pytest.raises(DeliveryError):
        send(receiver)
    assert [path for _, _, path in receiver.got] == ["/alerts"]


def test_nobody_there_is_tried_again(receiver: Receiver) -> None:
    receiver.stop()
    with pytest.raises(DeliveryError) as failed:
        send(receiver)
    assert failed.value.retryable


@pytest.fixture
def town_with_partner(make_town: Callable[..., Town], receiver: Receiver) -> Town:
    town: Town = make_town()
    with town.database.write() as uow:
        row = uow.desks.put("de-koln-bk", kind="consulate", name="", timezone="Europe/Berlin")
        row.webhook_url, row.webhook_secret = receiver.url, SECRET
        uow.outbox.add("webhook", "de-koln-bk", BODY, town.clock(), dedup_key="alert:1")
    return town


def deliver(town: Town) -> str:
    transports = {"webhook": WebhookTransport(WebhookSender())}
    while deliver_next(town.ports, transports):
        pass
    return town.outbox()[0].state


def test_through_the_outbox_a_500_comes_again_with_the_same_id_until_it_is_taken(
    town_with_partner: Town, receiver: Receiver
) -> None:
    receiver.answers += [(500, {}), (500, {})]
    states = []
    for _ in range(4):
        states.append(deliver(town_with_partner))
        town_with_partner.clock.forward(seconds=20)
    assert states == ["new", "new", "sent", "sent"]
    assert len(receiver.got) == 3
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 1, "the receiver can drop repeats"


def test_through_the_outbox_a_410_is_not_tried_again(town_with_partner: Town, receiver: Receiver) -> None:
    receiver.answers.append((410, {}))
    assert deliver(town_with_partner) == "failed"
    town_with_partner.clock.forward(hours=1)
    deliver(town_with_partner)
    assert len(receiver.got) == 1


def test_a_desk_that_has_no_webhook_any_more_ends_it(town_with_partner: Town, receiver: Receiver) -> None:
    with town_with_partner.database.write() as uow:
        row = uow.desks.row("de-koln-bk")
        assert row is not None
        row.webhook_url = None
    assert deliver(town_with_partner) == "failed"
    assert receiver.got == []
