"""Processes are killed with -9 again and again: nothing is lost, and next to nothing is said twice."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.storage.database import Database
from bot.storage.inbox import WAITING
from bot.storage.tables import InboxRow
from tests.harness.bot_api import FakeBotApi, Fault
from tests.harness.processes import Installation

KILLS = 20
PATIENCE = 90.0  # seconds: the lease of the last row that a dead process held is 30 (inbox) or 60 (outbox)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


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

    def lines(self) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.url}/chat/v1/conversations/{self.id}/messages", trust_env=False, timeout=10)
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages


def wait_for(true: Callable[[], bool], what: Callable[[], str]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, what()
        time.sleep(0.3)


@dataclass
class Outcome:
    """What was counted: replies per Telegram update, replies and own lines per widget message."""

    telegram: Counter[int]
    web: Counter[int] = field(default_factory=Counter)
    own: Counter[int] = field(default_factory=Counter)
    outbox: dict[str, int] = field(default_factory=dict)
    in_flight: int = 0  # messages that were stored and not yet answered when a process died


Scenario = Callable[[Installation, FakeBotApi], Outcome]


def kill_the_gateway(installation: Installation, fake: FakeBotApi) -> Outcome:
    """Each round: an update from Telegram and a message from a widget, then the gateway dies at a random moment."""
    dice, stopped = random.Random(20261123), threading.Event()
    chats = [1000 + number for number in range(KILLS)]
    citizens: list[WebCitizen] = []
    in_flight: set[int] = set()
    for number, chat in enumerate(chats):
        fake.user(chat, "tr").writes("merhaba")
        citizens.append(WebCitizen(installation.url, number))
        threading.Thread(target=citizens[-1].insist, args=(stopped,), daemon=True).start()
        if number % 2:  # in every second round the receipt is certain
            fake.wait_until(lambda: not fake.pending, 10)
        time.sleep(dice.uniform(0, 0.04))
        installation.kill("gateway")
        in_flight |= _waiting(installation)
        installation.start("gateway")
        installation.wait_until_live()

    def missing() -> str:
        silent = [chat for chat in chats if not fake.sent(chat)]
        unheard = [c.number for c in citizens if not c.accepted.is_set() or len(c.lines()) < 2]
        return f"without answer: telegram {silent}, web {unheard}"

    wait_for(
        lambda: (
            not fake.pending
            and all(fake.sent(chat) for chat in chats)
            and all(c.accepted.is_set() and len(c.lines()) >= 2 for c in citizens)
        ),
        missing,
    )
    time.sleep(2)  # a repetition would come now
    stopped.set()
    return Outcome(
        Counter(len(fake.sent(chat)) for chat in chats),
        Counter(sum(line["author"] == "bot" for line in c.lines()) for c in citizens),
        Counter(sum(line["author"] == "citizen" for line in c.lines()) for c in citizens),
        in_flight=len(in_flight),
    )


def kill_the_worker(installation: Installation, fake: FakeBotApi) -> Outcome:
    """Each round the worker dies before, while or after Telegram takes a message."""
    dice = random.Random(42)
    chats = [2000 + number for number in range(KILLS)]
    for number, chat in enumerate(chats):
        before = len(fake.called("sendMessage"))
        if number % 2:  # Telegram takes the message and answers late: the worker dies not knowing
            fake.script("sendMessage", Fault.slow(0.4))
        fake.user(chat, "tr").writes("merhaba")
        assert fake.wait_until(lambda calls=before: len(fake.called("sendMessage")) > calls, 60)
        time.sleep(dice.uniform(0, 0.05))
        installation.kill("worker")
        installation.start("worker")
    wait_for(
        lambda: (
            not fake.pending and all(fake.sent(chat) for chat in chats) and _outbox(installation) == {"sent": KILLS}
        ),
        lambda: f"without answer: {[chat for chat in chats if not fake.sent(chat)]}; {_outbox(installation)}",
    )
    return Outcome(Counter(len(fake.sent(chat)) for chat in chats), outbox=_outbox(installation))


def _waiting(installation: Installation) -> set[int]:
    database = Database(f"sqlite:///{installation.folder / 'hemsehri.db'}")
    with database.read() as uow:
        rows = set(uow.session.scalars(select(InboxRow.id).where(InboxRow.state.in_(WAITING))))
    database.close()
    return rows


def _outbox(installation: Installation) -> dict[str, int]:
    database = Database(f"sqlite:///{installation.folder / 'hemsehri.db'}")
    with database.read() as uow:
        counts = uow.outbox.counts()
    database.close()
    return counts


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Both scenarios at the same time, each in an installation of its own: most of it is waiting for leases."""

    def play(scenario: Scenario) -> Outcome:
        with FakeBotApi() as fake:
            installation = Installation(tmp_path_factory.mktemp("killed") / "installation", fake.url)
            try:
                installation.start("gateway")
                installation.wait_until_live()
                installation.start("worker")
                assert fake.wait_until(lambda: fake.called("setWebhook"), 60)
                return scenario(installation, fake)
            finally:
                installation.close()

    with ThreadPoolExecutor(2) as pool:
        gateway, worker = pool.submit(play, kill_the_gateway), pool.submit(play, kill_the_worker)
        return {"gateway": gateway.result(), "worker": worker.result()}


def test_the_gateway_is_killed_twenty_times_between_receipt_and_reply(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["gateway"]
    print(f"\n{KILLS} gateway kills, {outcome.in_flight} of 40 messages unanswered at a kill; {{replies: messages}}: "
          f"telegram {dict(outcome.telegram)}, web {dict(outcome.web)}")  # fmt: skip
    assert outcome.in_flight > 0, "the kills came too late to prove anything"
    assert outcome.own == {1: KILLS}, "each message stands in its conversation once"
    assert outcome.web == {1: KILLS}, "a reply and its receipt are one commit: none is lost, none is repeated"
    assert outcome.telegram == {1: KILLS}, "the gateway does not send: its death repeats nothing"


def test_the_worker_is_killed_twenty_times_around_sending(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["worker"]
    print(f"\n{KILLS} worker kills, {{replies: messages}}: telegram {dict(outcome.telegram)}")
    assert sum(outcome.telegram.values()) == KILLS
    repeats = sum((replies - 1) * messages for replies, messages in outcome.telegram.items())
    assert repeats <= KILLS, "sendMessage has no idempotency key: each crash may repeat one message, and no more"
    assert outcome.outbox == {"sent": KILLS}
