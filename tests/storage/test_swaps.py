"""Requests to stand in, on both engines: of two answers one counts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.accounts import Role
from bot.storage.database import Database
from bot.storage.tables_duty import SwapRow
from tests.harness.clock import WindingClock

HOUR = timedelta(hours=1)


@pytest.fixture
def swap(database: Database, clock: WindingClock) -> SwapRow:
    """The second person is asked for the hour after next."""
    now = clock()
    with database.write() as uow:
        a, b = (uow.staff.add(f"{name}@town.test", name, Role.OFFICER, now).id for name in ("a", "b"))
        uow.desks.put("desk", kind="home_city", name="desk")
        times = {"starts_at": now + HOUR, "ends_at": now + 2 * HOUR, "asked_at": now, "state": "asked"}
        return uow.swaps.add(SwapRow(desk_id="desk", asked_by=a, asked_of=b, **times))


def answer(database: Database, swap: SwapRow, state: str, clock: WindingClock) -> bool:
    with database.write() as uow:
        return uow.swaps.answer(uow.swaps.get(swap.id), state, clock())


def test_of_two_answers_at_once_one_counts(
    connect: Callable[[], Database], database: Database, swap: SwapRow, clock: WindingClock
) -> None:
    barrier, counted = threading.Barrier(2), {}
    other = connect()

    def say(where: Database, state: str) -> None:
        barrier.wait(timeout=5)
        counted[state] = answer(where, swap, state, clock)

    threads = [threading.Thread(target=say, args=one) for one in ((database, "agreed"), (other, "withdrawn"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(counted.values()) == [False, True]
    with database.read() as uow:
        assert uow.swaps.get(swap.id).state == next(state for state, first in counted.items() if first)


def test_what_is_open_and_whom_it_concerns(database: Database, swap: SwapRow, clock: WindingClock) -> None:
    now = clock()
    with database.read() as uow:
        assert [row.id for row in uow.swaps.open(now, asked_by=swap.asked_by)] == [swap.id]
        assert uow.swaps.open(now, asked_by=swap.asked_of) == []
        assert uow.swaps.open(now + HOUR, asked_by=swap.asked_by) == [], "the shift has begun"
        for person in (swap.asked_by, swap.asked_of):
            assert [row.id for row in uow.swaps.of_person(person, now)] == [swap.id]
        assert uow.swaps.of_person(swap.asked_by, now + 2 * HOUR) == []
        with pytest.raises(LookupError):
            uow.swaps.get(999)


def test_no_answer_counts_after_the_shift_has_begun(database: Database, swap: SwapRow, clock: WindingClock) -> None:
    clock.forward(hours=1)
    assert not answer(database, swap, "agreed", clock)
    with database.read() as uow:
        assert uow.swaps.get(swap.id).state == "asked"
