"""The outbox on both engines: in order per address, each row once, a failed one steps aside."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from bot.storage.database import Database
from bot.storage.outbox import ALERTS, LEASE
from bot.storage.tables import OutboxRow
from tests.harness.clock import WindingClock

ALL = ("telegram", "webhook")


def add(database: Database, clock: WindingClock, address: str, name: str, channel: str = "telegram") -> None:
    with database.write() as uow:
        uow.outbox.add(channel, address, {"text": name}, clock(), dedup_key=name)


def claim(database: Database, clock: WindingClock, channels: tuple[str, ...] = ALL) -> OutboxRow | None:
    with database.write() as uow:
        return uow.outbox.claim(clock(), channels)


def must_claim(database: Database, clock: WindingClock) -> OutboxRow:
    row = claim(database, clock)
    assert row is not None
    return row


def test_rows_of_an_address_leave_in_order_and_others_do_not_wait(database: Database, clock: WindingClock) -> None:
    for address, name in [("42", "a1"), ("42", "a2"), ("43", "b1")]:
        add(database, clock, address, name)
    first, second = must_claim(database, clock), must_claim(database, clock)
    assert [first.body["text"], second.body["text"]] == ["a1", "b1"]
    assert claim(database, clock) is None
    with database.write() as uow:
        uow.outbox.sent(first, clock())
    assert must_claim(database, clock).body["text"] == "a2"


def test_a_channel_that_nobody_serves_waits_for_somebody_who_does(database: Database, clock: WindingClock) -> None:
    add(database, clock, "42", "a1")
    assert claim(database, clock, ("webhook",)) is None
    assert claim(database, clock, ("telegram",)) is not None


def test_the_same_address_on_two_channels_is_two_queues(database: Database, clock: WindingClock) -> None:
    add(database, clock, "42", "a1", "telegram")
    add(database, clock, "42", "b1", "webhook")
    assert {must_claim(database, clock).channel, must_claim(database, clock).channel} == set(ALL)


def test_a_second_row_with_the_same_key_has_no_effect(database: Database, clock: WindingClock) -> None:
    add(database, clock, "42", "alert:1")
    add(database, clock, "42", "alert:1")
    with database.read() as uow:
        assert uow.outbox.counts() == {"new": 1}


def test_a_row_that_must_wait_holds_its_address_back_and_a_failed_one_does_not(
    database: Database, clock: WindingClock
) -> None:
    add(database, clock, "42", "a1")
    add(database, clock, "42", "a2")
    row = must_claim(database, clock)
    with database.write() as uow:
        uow.outbox.retry(row, clock() + timedelta(seconds=30), "429", counts=False, parts_sent=2)
    assert claim(database, clock) is None
    clock.forward(seconds=31)
    row = must_claim(database, clock)
    assert (row.attempts, row.body) == (1, {"text": "a1", "parts_sent": 2}), "a pause is no attempt"
    with database.write() as uow:
        uow.outbox.failed(row, "blocked")
    assert must_claim(database, clock).body["text"] == "a2"


def test_a_dead_workers_row_goes_to_the_next_one_and_only_that_one_can_finish_it(
    database: Database, clock: WindingClock
) -> None:
    add(database, clock, "42", "a1")
    dead = must_claim(database, clock)
    clock.forward(seconds=LEASE.total_seconds() + 1)
    heir = must_claim(database, clock)
    with database.write() as uow:
        uow.outbox.failed(dead, "too late")
    with database.read() as uow:
        assert uow.outbox.counts() == {"new": 1}
    with database.write() as uow:
        uow.outbox.sent(heir, clock())
    with database.read() as uow:
        assert uow.outbox.counts() == {"sent": 1}


def test_several_workers_deliver_each_row_once_and_in_order(
    connect: Callable[[], Database], clock: WindingClock
) -> None:
    databases = [connect() for _ in range(4)]
    for number in range(30):
        add(databases[0], clock, str(number % 5), f"{number:02d}")
    delivered: list[tuple[str, str]] = []
    lock = threading.Lock()

    def work(database: Database) -> None:
        misses = 0
        while misses < 50:
            row = claim(database, clock)
            if row is None:
                misses += 1
                continue
            with lock:
                delivered.append((row.address, row.body["text"]))
            with database.write() as uow:
                uow.outbox.sent(row, clock())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, databases))
    assert sorted(name for _, name in delivered) == [f"{number:02d}" for number in range(30)]
    for address in range(5):
        names = [name for to, name in delivered if to == str(address)]
        assert names == sorted(names)


def test_alerts_leave_first_then_what_belongs_to_a_case_and_stay_first_when_tried_again(
    database: Database, clock: WindingClock
) -> None:
    for number in range(5):
        add(database, clock, "42", f"message:{number}")
    with database.write() as uow:
        uow.outbox.add("telegram", "43", {"text": "card"}, clock(), dedup_key="message:9", first=True)
    add(database, clock, "42", "alert:1:d::telegram:1")
    add(database, clock, "42", "alert:2:d::telegram:1")
    alert, other, card = (must_claim(database, clock) for _ in range(3))
    assert [alert.dedup_key[:7], other.dedup_key[:7], card.body["text"]] == ["alert:1", "alert:2", "card"]
    assert must_claim(database, clock).dedup_key == "message:0", "no alert holds its address back"
    with database.write() as uow:
        uow.outbox.retry(alert, clock() + timedelta(seconds=10), "away")
    assert claim(database, clock) is None
    clock.forward(seconds=11)
    add(database, clock, "44", "message:10")
    assert must_claim(database, clock).dedup_key == "alert:1:d::telegram:1"


def test_a_thread_for_alerts_takes_nothing_else(database: Database, clock: WindingClock) -> None:
    add(database, clock, "42", "message:1")
    with database.write() as uow:
        assert not uow.outbox.any_waiting(clock(), ALL, (ALERTS,))
        assert uow.outbox.claim(clock(), ALL, (ALERTS,)) is None
    add(database, clock, "42", "alert:1:d::telegram:1")
    with database.write() as uow:
        row = uow.outbox.claim(clock(), ALL, (ALERTS,))
        assert row is not None
        uow.outbox.sent(row, clock(), "77")
    with database.read() as uow:
        assert uow.outbox.by_remote("telegram", "42", "77") is not None


def test_the_first_that_may_go_is_found_behind_many_that_may_not(database: Database, clock: WindingClock) -> None:
    for number in range(120):
        add(database, clock, "42", f"message:{number}")
    add(database, clock, "43", "message:other")
    assert must_claim(database, clock).dedup_key == "message:0"
    assert must_claim(database, clock).dedup_key == "message:other"


def test_a_greeting_before_a_card_does_not_hold_it_back_in_a_surge(database: Database, clock: WindingClock) -> None:
    add(database, clock, "42", "greeting")
    with database.write() as uow:
        uow.outbox.add("telegram", "42", {"text": "card"}, clock(), dedup_key="card", first=True)
    clock.forward(seconds=1)
    with database.write() as uow:
        uow.outbox.add("telegram", "43", {"text": "later card"}, clock(), dedup_key="later card", first=True)
    for expected in ("greeting", "card", "later card"):
        row = must_claim(database, clock)
        assert row.body["text"] == expected
        with database.write() as uow:
            uow.outbox.sent(row, clock())
