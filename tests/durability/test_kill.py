"""Processes are killed with -9 again and again: nothing is lost, and next to nothing is said twice."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.harness.bot_api import FakeBotApi, Fault
from tests.harness.processes import Installation

KILLS = 20
PATIENCE = 90.0  # seconds: the lease of the last row that a dead process held is 30 (inbox) or 60 (outbox)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def fake() -> Iterator[FakeBotApi]:
    with FakeBotApi() as server:
        yield server


@pytest.fixture
def installation(tmp_path: Path, fake: FakeBotApi) -> Iterator[Installation]:
    made = Installation(tmp_path / "installation", fake.url)
    yield made
    made.close()


class WebCitizen:
    """Sends one message and insists, as the widget does: the same `client_message_id` until it is accepted."""

    def __init__(self, url: str, number: int) -> None:
        self.url, self.number = url, number
        self.id = ""
        self.accepted = threading.Event()
        self.tries = 0

    def insist(self, stopped: threading.Event) -> None:
        message = {"client_message_id": f"m{self.number}", "text": "merhaba"}
        with httpx.Client(trust_env=False, timeout=10, base_url=self.url) as client:
            while not stopped.is_set():
                self.tries += 1
                try:
                    if not self.id:
                        self.id = client.post("/chat/v1/conversations", json={"language": "tr"}).json()["id"]
                    if client.post(f"/chat/v1/conversations/{self.id}/messages", json=message).status_code == 202:
                        self.accepted.set()
                        return
                except (httpx.HTTPError, ValueError, KeyError):
                    pass
                stopped.wait(0.1)

    def lines(self) -> list[dict]:
        answer = httpx.get(f"{self.url}/chat/v1/conversations/{self.id}/messages", trust_env=False, timeout=10)
        return answer.json()["messages"]


def wait_for(true, seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, what()
        time.sleep(0.2)


def test_the_gateway_is_killed_twenty_times_between_receipt_and_reply(
    installation: Installation, fake: FakeBotApi
) -> None:
    """Each round: an update from Telegram and a message from a widget, then the gateway dies at a random moment."""
    dice, stopped = random.Random(20261123), threading.Event()
    chats = [1000 + number for number in range(KILLS)]
    citizens: list[WebCitizen] = []
    installation.start("gateway")
    installation.wait_until_live()
    installation.start("worker")
    assert fake.wait_until(lambda: fake.called("setWebhook"), 60)
    for number in range(KILLS):
        fake.user(chats[number], "tr").writes("merhaba")
        citizens.append(WebCitizen(installation.url, number))
        threading.Thread(target=citizens[-1].insist, args=(stopped,), daemon=True).start()
        if number % 2:  # in every second round the receipt is certain
            fake.wait_until(lambda: not fake.pending, 10)
        time.sleep(dice.uniform(0, 0.6))
        installation.kill("gateway")
        installation.start("gateway")
        installation.wait_until_live()

    def missing() -> str:
        silent = [chat for chat in chats if not fake.sent(chat)]
        unaccepted = [c.number for c in citizens if not c.accepted.is_set()]
        unheard = [c.number for c in citizens if c.id and len(c.lines()) < 2]
        return f"telegram without answer: {silent}; web not accepted: {unaccepted}, without answer: {unheard}"

    def all_answered() -> bool:
        return (
            not fake.pending
            and all(fake.sent(chat) for chat in chats)
            and all(c.accepted.is_set() and len(c.lines()) >= 2 for c in citizens)
        )

    wait_for(all_answered, PATIENCE, missing)
    time.sleep(2)  # a repetition would come now
    stopped.set()
    telegram = Counter(len(fake.sent(chat)) for chat in chats)
    web = Counter(len([m for m in c.lines() if m["author"] == "bot"]) for c in citizens)
    own = Counter(len([m for m in c.lines() if m["author"] == "citizen"]) for c in citizens)
    retried = fake.webhook_statuses.count(0)
    print(f"\ngateway kills: {KILLS}; telegram replies per update: {dict(telegram)}; web replies per message: "
          f"{dict(web)}; webhook calls lost and repeated: {retried}; web sends: {sum(c.tries for c in citizens)}")  # fmt: skip
    assert own == {1: KILLS}, "each message stands in its conversation once"
    assert web == {1: KILLS}, "replies and their receipt are one commit: none is lost, none is repeated"
    assert set(telegram) == {1}, "the gateway does not send: its death repeats nothing"


def test_the_worker_is_killed_twenty_times_around_sending(installation: Installation, fake: FakeBotApi) -> None:
    """Each round the worker dies before, while or after Telegram takes a message."""
    dice = random.Random(42)
    chats = [2000 + number for number in range(KILLS)]
    installation.start("gateway")
    installation.wait_until_live()
    installation.start("worker")
    assert fake.wait_until(lambda: fake.called("setWebhook"), 60)
    for number, chat in enumerate(chats):
        before = len(fake.called("sendMessage"))
        if number % 2:  # Telegram takes the message and answers late: the worker dies not knowing
            fake.script("sendMessage", Fault.slow(0.4))
        fake.user(chat, "tr").writes("merhaba")
        assert fake.wait_until(lambda calls=before: len(fake.called("sendMessage")) > calls, 60)
        time.sleep(dice.uniform(0, 0.05))
        installation.kill("worker")
        installation.start("worker")
    wait_for(lambda: not fake.pending and all(fake.sent(chat) for chat in chats), PATIENCE,
             lambda: f"without answer: {[chat for chat in chats if not fake.sent(chat)]}")  # fmt: skip
    deadline = time.monotonic() + 65  # a row whose sender died is sent again when its lease has run out
    while time.monotonic() < deadline and _outbox(installation) != {"sent": KILLS}:
        time.sleep(0.5)
    assert _outbox(installation) == {"sent": KILLS}
    repeats = Counter(len(fake.sent(chat)) for chat in chats)
    print(f"\nworker kills: {KILLS}; replies per update: {dict(repeats)}")
    assert sum(count * (times - 1) for times, count in repeats.items()) <= KILLS, "at most one repetition per kill"
    assert max(repeats) <= 2, "sendMessage has no idempotency key: a crash repeats a message at most once"


def _outbox(installation: Installation) -> dict[str, int]:
    from bot.storage.database import Database

    database = Database(f"sqlite:///{installation.folder / 'hemsehri.db'}")
    with database.read() as uow:
        counts = uow.outbox.counts()
    database.close()
    return counts
