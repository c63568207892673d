"""The arithmetic of the dispatch and intake sections; nothing here is timed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.dispatch import schedule, waits
from bench.intake import at_once, check


def test_an_event_waits_for_the_next_look_of_the_cycle() -> None:
    assert waits([100.0, 101.0, 104.5, 105.0, 106.0], began=100.0, every=5.0) == [0.0, 4.0, 0.5, 0.0, 4.0]


def test_the_same_seed_gives_the_same_moments_in_order() -> None:
    assert schedule(5, 1) == schedule(5, 1) == sorted(schedule(5, 1))
    assert schedule(5, 1) != schedule(5, 2)


@pytest.mark.parametrize("rows", [["a"], ["a", "b", "b"]], ids=["one is missing", "one is there twice"])
def test_a_message_that_is_not_there_once_is_found_out(tmp_path: Path, rows: list[str]) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        connection.execute("CREATE TABLE inbox (external_id TEXT)")
        connection.executemany("INSERT INTO inbox VALUES (?)", [(row,) for row in rows])
        connection.commit()
    with pytest.raises(RuntimeError):
        check(tmp_path / "x.db", {"a", "b"})


def test_what_a_caller_raises_is_not_lost() -> None:
    def refuse(caller: int, turn: int) -> None:
        raise ValueError(f"{caller} {turn}")

    with pytest.raises(ValueError, match="0 0"):
        at_once(refuse, 1, 3)
