"""Two officers, one case: the database decides, on both engines."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.domain.accounts import Role
from bot.storage.database import Database
from bot.storage.tables import CaseRow
from tests.harness.clock import WindingClock


def a_case(database: Database, clock: WindingClock) -> int:
    with database.write() as uow:
        conversation = uow.conversations.create("web:x", "web", "", "de", clock())
        return uow.cases.add(
            CaseRow(
                conversation_id=conversation.id,
                label="passport_lost_travel",
                severity="urgent",
                language="de",
                desk_id="coordination",
                opened_at=clock(),
                due_at=clock(),
            )
        ).id


@pytest.mark.parametrize("officers", [2, 8])
def test_exactly_one_of_simultaneous_takers_gets_the_case(
    connect: Callable[[], Database], clock: WindingClock, officers: int
) -> None:
    databases = [connect() for _ in range(officers)]
    with databases[0].write() as uow:
        staff = [uow.staff.add(f"{n}@town.test", str(n), Role.OFFICER, clock()).id for n in range(officers)]
    case_id = a_case(databases[0], clock)
    together = threading.Barrier(officers)

    def take(position: int) -> bool:
        together.wait()
        with databases[position].write() as uow:
            return uow.cases.take(case_id, staff[position], clock(), clock())

    with ThreadPoolExecutor(officers) as pool:
        won = list(pool.map(take, range(officers)))
    assert won.count(True) == 1
    with databases[0].read() as uow:
        case = uow.cases.get(case_id)
        assert (case.status, case.owner_id) == ("accepted", staff[won.index(True)])


def test_a_take_that_is_rolled_back_leaves_the_case_open(connect: Callable[[], Database], clock: WindingClock) -> None:
    database = connect()
    with database.write() as uow:
        staff = uow.staff.add("a@town.test", "A", Role.OFFICER, clock()).id
    case_id = a_case(database, clock)

    def take_and_die() -> None:
        with database.write() as uow:
            assert uow.cases.take(case_id, staff, clock(), clock())
            raise RuntimeError("the process dies here")

    with pytest.raises(RuntimeError):
        take_and_die()
    with connect().read() as uow:
        assert uow.cases.get(case_id).status == "open"


def test_sequence_numbers_of_a_conversation_never_repeat(connect: Callable[[], Database], clock: WindingClock) -> None:
    databases = [connect() for _ in range(4)]
    with databases[0].write() as uow:
        conversation = uow.conversations.create("web:x", "web", "", "de", clock())

    def talk(database: Database) -> None:
        for _ in range(10):
            with database.write() as uow:
                uow.conversations.say(uow.conversations.get(conversation.id), "bot", "x", clock())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(talk, databases))
    with databases[0].read() as uow:
        assert [m.seq for m in uow.conversations.after(conversation.id, 0)] == list(range(1, 41))
