"""The wake-up: the same contract in memory and over a real server; without the server everything still works."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from bot.clients.wakeup import MemoryWakeup, RedisWakeup, make_wakeup
from tests.harness.servers import Valkey, free_port

Pair = tuple[MemoryWakeup, MemoryWakeup]  # who notifies, who listens


@pytest.fixture(params=["in memory", "two processes over a server"])
def pair(request: pytest.FixtureRequest) -> Pair:
    if request.param == "in memory":
        wakeup = MemoryWakeup()
        return wakeup, wakeup
    server: Valkey = request.getfixturevalue("valkey")
    speaker, listener = RedisWakeup(server.url), RedisWakeup(server.url)
    until_heard(speaker, listener)
    return speaker, listener


def until_heard(speaker: MemoryWakeup, listener: MemoryWakeup) -> None:
    """Subscribing takes a moment: knock until it is heard."""
    heard = threading.Event()
    listener.on_notify = lambda topic: heard.set() if topic == "knock" else None
    until = time.monotonic() + 30
    while not heard.wait(0.05):
        assert time.monotonic() < until, "the listener never heard anything"
        speaker.notify("knock")
    listener.on_notify = lambda _topic: None


def in_a_moment(do: Callable[[], None]) -> None:
    threading.Timer(0.2, do).start()


def test_a_waiter_returns_when_its_topic_is_notified(pair: Pair) -> None:
    speaker, listener = pair
    in_a_moment(lambda: speaker.notify("outbox"))
    assert listener.wait("outbox", 15)


def test_another_topic_does_not_wake_it_and_time_ends_the_wait(pair: Pair) -> None:
    speaker, listener = pair
    in_a_moment(lambda: speaker.notify("inbox"))
    assert not listener.wait("outbox", 0.6)


def test_every_waiter_of_a_topic_wakes(pair: Pair) -> None:
    speaker, listener = pair
    results: list[bool] = []
    threads = [threading.Thread(target=lambda: results.append(listener.wait("outbox", 15))) for _ in range(4)]
    for thread in threads:
        thread.start()
    in_a_moment(lambda: speaker.notify("outbox"))
    for thread in threads:
        thread.join()
    assert results == [True] * 4


def test_whoever_asked_is_called_with_the_topic(pair: Pair) -> None:
    speaker, listener = pair
    topics: list[str] = []
    arrived = threading.Event()

    def note(topic: str) -> None:
        topics.append(topic)
        arrived.set()

    listener.on_notify = note
    speaker.notify("conversation:7")
    assert arrived.wait(15)
    assert topics[0] == "conversation:7"


def test_with_the_server_away_this_process_is_still_woken_and_nothing_raises() -> None:
    wakeup = make_wakeup(f"redis://127.0.0.1:{free_port()}/0")
    for _ in range(3):
        in_a_moment(lambda: wakeup.notify("outbox"))
        assert wakeup.wait("outbox", 15)


def test_when_the_server_comes_back_other_processes_hear_again() -> None:
    server = Valkey()
    try:
        speaker, listener = RedisWakeup(server.url), RedisWakeup(server.url)
        until_heard(speaker, listener)
        server.stop()
        speaker.notify("outbox")
        server.start()
        until_heard(speaker, listener)
    finally:
        server.stop()


def test_without_an_address_it_is_memory() -> None:
    assert type(make_wakeup(None)) is MemoryWakeup
