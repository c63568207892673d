"""The inbox on both engines: each message once, in order per conversation, one handler at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.storage.database import Database
from bot.storage.inbox import FIRST_LEASE, LEASE, URGENT
from bot.storage.tables import InboxRow
from tests.harness.clock import WindingClock


def add(database: Database, clock: WindingClock, key: str, external_id: str, channel: str = "web") -> int | None:
    with database.write() as uow:
        return uow.inbox.add(channel, external_id, key, {"text": external_id}, clock())


def claim(database: Database, clock: WindingClock, key: str | None = None) -> InboxRow | None:
    with database.write() as uow:
        return uow.inbox.claim(clock(), key)


def finish(database: Database, clock: WindingClock, row: InboxRow, state: str = "done") -> bool:
    with database.write() as uow:
        return uow.inbox.advance(row, state, clock())


def claimed_text(row: InboxRow | None) -> str | None:
    return row.body["text"] if row else None


def test_a_message_is_stored_once_per_channel(database: Database, clock: WindingClock) -> None:
    first = add(database, clock, "web:a", "1")
    assert first is not None
    assert add(database, clock, "web:a", "1") is None
    assert add(database, clock, "web:a", "1", channel="telegram") not in (None, first)


def test_five_at_once_and_one_is_stored(connect: Callable[[], Database], clock: WindingClock) -> None:
    databases = [connect() for _ in range(5)]
    with ThreadPoolExecutor(5) as pool:
        ids = list(pool.map(lambda database: add(database, clock, "web:a", "1"), databases))
    assert len([stored for stored in ids if stored is not None]) == 1


def test_the_oldest_goes_first_and_later_ones_of_its_conversation_wait(database: Database, clock: WindingClock) -> None:
    for key, external_id in [("web:a", "a1"), ("web:a", "a2"), ("web:b", "b1")]:
        add(database, clock, key, external_id)
    first = claim(database, clock)
    assert claimed_text(first) == "a1"
    assert claimed_text(claim(database, clock)) == "b1", "a2 waits for a1, b1 does not"
    assert claim(database, clock) is None
    assert first is not None
    assert finish(database, clock, first, "triaged")
    assert claim(database, clock, "web:a") is None, "half done still holds the next one back"
    assert finish(database, clock, first)
    assert claimed_text(claim(database, clock)) == "a2"


def test_with_a_key_only_that_conversation_is_looked_at(database: Database, clock: WindingClock) -> None:
    add(database, clock, "web:a", "a1")
    add(database, clock, "web:b", "b1")
    assert claimed_text(claim(database, clock, "web:b")) == "b1"
    assert claim(database, clock, "web:b") is None


def test_a_lease_runs_out_with_its_holder_who_can_then_do_no_harm(database: Database, clock: WindingClock) -> None:
    add(database, clock, "web:a", "a1")
    dead = claim(database, clock)
    assert dead is not None
    clock.forward(seconds=LEASE.total_seconds() - 1)
    assert claim(database, clock) is None
    clock.forward(seconds=2)
    heir = claim(database, clock)
    assert heir is not None
    assert (heir.id, heir.attempts) == (dead.id, 2)
    assert not finish(database, clock, dead), "the first holder has lost the row"
    with database.write() as uow:
        uow.inbox.release(dead, clock() - timedelta(days=1), "late")
    assert claim(database, clock) is None, "nor can it give the row away"
    assert finish(database, clock, heir)


def test_a_row_can_be_taken_as_it_is_stored_but_never_before_an_earlier_one(
    database: Database, clock: WindingClock
) -> None:
    def store_and_take(key: str, external_id: str) -> InboxRow | None:
        with database.write() as uow:
            row_id = uow.inbox.add("web", external_id, key, {"text": external_id}, clock())
            assert row_id is not None
            return uow.inbox.claim_new(row_id, clock())

    first = store_and_take("web:a", "a1")
    assert claimed_text(first) == "a1"
    assert first is not None
    assert claim(database, clock) is None
    assert store_and_take("web:a", "a2") is None
    clock.forward(seconds=FIRST_LEASE.total_seconds() + 1)
    assert claimed_text(claim(database, clock)) == "a1", "whoever took it has died"
    assert not finish(database, clock, first)


def test_whoever_is_half_done_has_the_row_for_a_whole_lease_more(database: Database, clock: WindingClock) -> None:
    with database.write() as uow:
        row_id = uow.inbox.add("web", "a1", "web:a", {"text": "a1"}, clock())
        assert row_id is not None
        row = uow.inbox.claim_new(row_id, clock())
    assert row is not None
    clock.forward(seconds=FIRST_LEASE.total_seconds() - 1)
    assert finish(database, clock, row, "triaged")
    clock.forward(seconds=LEASE.total_seconds() - 1)
    assert claim(database, clock) is None, "the dialogue is still being asked"
    clock.forward(seconds=2)
    assert claimed_text(claim(database, clock)) == "a1"


def test_a_released_row_comes_back_when_its_time_has_come(database: Database, clock: WindingClock) -> None:
    add(database, clock, "web:a", "a1")
    row = claim(database, clock)
    assert row is not None
    with database.write() as uow:
        uow.inbox.release(row, clock() + timedelta(seconds=4), "try again")
    assert claim(database, clock) is None
    clock.forward(seconds=5)
    assert claimed_text(claim(database, clock)) == "a1"


@pytest.mark.parametrize("claimers", [2, 6])
def test_many_claimers_share_the_work_and_none_takes_what_another_has(
    connect: Callable[[], Database], clock: WindingClock, claimers: int
) -> None:
    databases = [connect() for _ in range(claimers)]
    for number in range(40):
        add(databases[0], clock, f"web:{number % 8}", f"{number:02d}")
    order: list[tuple[str, str]] = []
    lock = threading.Lock()

    def work(database: Database) -> None:
        misses = 0
        while misses < 50:
            row = claim(database, clock)
            if row is None:
                misses += 1
                continue
            with lock:
                order.append((row.conversation_key, row.body["text"]))
            assert finish(database, clock, row)

    with ThreadPoolExecutor(claimers) as pool:
        list(pool.map(work, databases))
    assert sorted(text for _, text in order) == [f"{number:02d}" for number in range(40)], "each exactly once"
    for conversation in range(8):
        texts = [text for key, text in order if key == f"web:{conversation}"]
        assert texts == sorted(texts), "in order within a conversation"
    with databases[0].read() as uow:
        assert uow.inbox.waiting() == 0


def test_a_greeting_before_a_cry_for_help_does_not_hold_it_back_in_a_surge(
    database: Database, clock: WindingClock
) -> None:
    for number in range(3):
        add(database, clock, f"web:{number}", f"question {number}")
    add(database, clock, "web:a", "hello")
    with database.write() as uow:
        uow.inbox.add("web", "help", "web:a", {"text": "help"}, clock(), URGENT)
    for expected in ("hello", "help", "question 0"):
        row = claim(database, clock)
        assert row is not None
        assert claimed_text(row) == expected
        assert finish(database, clock, row)
