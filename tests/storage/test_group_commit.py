"""Group commit on both engines: each caller its own result, one bad message spoils nothing, a database away is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.storage.database import Database
from bot.storage.group_commit import GroupCommit, WriteLockTaken
from bot.storage.tables import InboxRow
from tests.harness.clock import WindingClock

PATIENCE = 3.0
AFTER = 10  # seconds: long enough for any machine, and never waited for where all is well
BAD = "no message"


class Intake:
    """Writes messages as intake does, and remembers how large its groups were."""

    def __init__(self, database: Database, clock: WindingClock) -> None:
        self.database, self.clock = database, clock
        self.groups: list[int] = []
        self.patience: list[float] = []
        self.seconds = 100.0
        self.may_go = threading.Event()
        self.may_go.set()
        self.commit: GroupCommit[str, int | None] = GroupCommit(self.write, PATIENCE, lambda: self.seconds)

    def write(self, names: Sequence[str], patience: float) -> list[int | None]:
        self.groups.append(len(names))
        self.patience.append(patience)
        self.may_go.wait(AFTER)
        with self.database.write(patience) as uow:
            return [uow.inbox.add("web", name, "web:a", self.body(name), self.clock()) for name in names]

    @staticmethod
    def body(name: str) -> dict[str, object]:
        return {"text": object() if name == BAD else name}  # what is no JSON breaks where it is written

    def stored(self) -> list[str]:
        with self.database.read() as uow:
            return list(uow.session.scalars(select(InboxRow.external_id).order_by(InboxRow.id)))

    def gather(self, names: Sequence[str]) -> list[object]:
        """All of these while a first commit is held up, so that they go together; each one's result or error."""
        self.may_go.clear()
        futures = [self.commit.submit("first")]
        while not self.groups:
            time.sleep(0.001)
        futures += [self.commit.submit(name) for name in names]
        self.may_go.set()
        return [future.exception(AFTER) or future.result() for future in futures[1:]]


@pytest.fixture
def intake(database: Database, clock: WindingClock) -> Iterator[Intake]:
    intake = Intake(database, clock)
    yield intake
    intake.commit.close()


def test_one_caller_alone_is_written_at_once(intake: Intake) -> None:
    assert intake.commit.submit("a").result(AFTER) is not None
    assert intake.stored() == ["a"]
    assert intake.groups == [1]


def test_what_comes_during_a_commit_goes_together_in_its_order(intake: Intake) -> None:
    ids = intake.gather(["c", "a", "b"])
    assert intake.groups == [1, 3]
    assert intake.stored() == ["first", "c", "a", "b"]
    assert ids == sorted(ids, key=str), "each has its own row"


def test_forty_at_once_are_all_there_once(intake: Intake) -> None:
    with ThreadPoolExecutor(40) as pool:
        ids = list(pool.map(lambda number: intake.commit.submit(f"m{number}").result(AFTER), range(400)))
    assert sorted(intake.stored()) == sorted(f"m{number}" for number in range(400))
    assert len(set(ids)) == 400
    assert len(intake.groups) < 400, "fewer commits than messages"


def test_a_repeat_is_told_to_be_one_also_in_the_same_group(intake: Intake) -> None:
    one, repeat, first_again = intake.gather(["a", "a", "first"])
    assert one is not None
    assert repeat is None
    assert first_again is None
    assert intake.stored() == ["first", "a"]


def test_one_bad_message_fails_alone(intake: Intake) -> None:
    before, bad, after = intake.gather(["a", BAD, "b"])
    assert isinstance(bad, Exception)
    assert isinstance(before, int)
    assert isinstance(after, int)
    assert intake.stored() == ["first", "a", "b"]


def test_two_gateways_store_the_same_messages_once(connect: Callable[[], Database], clock: WindingClock) -> None:
    gateways = [Intake(connect(), clock) for _ in range(2)]
    futures = [gateway.commit.submit(f"m{number}") for number in range(100) for gateway in gateways]
    wait(futures, AFTER)
    ids = [future.result() for future in futures]
    for gateway in gateways:
        gateway.commit.close()
    assert len([stored for stored in ids if stored is not None]) == 100
    assert len(gateways[0].stored()) == 100


@pytest.mark.parametrize("error", [WriteLockTaken("busy"), OperationalError("insert", {}, Exception("away"))])
def test_while_the_database_is_away_every_caller_hears_it_soon(intake: Intake, error: Exception, monkeypatch) -> None:
    away = intake.database.write

    def refuse(patience: float) -> object:
        raise error

    monkeypatch.setattr(intake.database, "write", refuse)
    assert intake.gather([f"m{number}" for number in range(50)]) == [error] * 50
    assert len(intake.groups) == 3, "the first one, all together, and one alone: the rest need not try"
    monkeypatch.setattr(intake.database, "write", away)
    assert intake.commit.submit("later").result(AFTER) is not None, "and when it is back, all goes on"


def test_who_waited_behind_others_does_not_wait_as_long_once_more(intake: Intake) -> None:
    intake.gather([])  # written, and nobody before it
    intake.may_go.clear()
    futures = [intake.commit.submit("a")]
    while len(intake.groups) < 2:
        time.sleep(0.001)
    futures.append(intake.commit.submit("b"))
    intake.seconds += 2
    intake.may_go.set()
    wait(futures, AFTER)
    assert intake.patience == [PATIENCE, PATIENCE, PATIENCE - 2]


def test_who_hangs_up_has_written_all_the_same(intake: Intake) -> None:
    future = intake.commit.submit("a")
    assert not future.cancel()
    future.result(AFTER)
    assert intake.stored() == ["a"]


def test_closing_writes_what_waits_and_who_comes_later_is_still_written(intake: Intake) -> None:
    futures = [intake.commit.submit(f"m{number}") for number in range(20)]
    intake.commit.close()
    assert all(future.done() for future in futures)
    assert len(intake.stored()) == 20
    intake.commit.submit("later").result(AFTER)
    assert intake.stored()[-1] == "later"
