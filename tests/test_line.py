"""Who is answered next: cries for help first and alone, each conversation in order and in one pair of hands."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest

from bot.line import AT_WORK, SHORT, Line
from bot.services.intake import Taken
from bot.storage.inbox import REST, URGENT
from bot.storage.tables import InboxRow

AFTER = 10  # seconds: long enough for any machine, and never waited for where all is well
A_MOMENT = 0.1  # seconds, after which nothing has happened that must not


class Handlers:
    """So many, none of whom ever finishes what was begun."""

    def __init__(self, line: Line, count: int = 8) -> None:
        self._begun: list[str] = []
        for _ in range(count):
            threading.Thread(target=self._work, args=(line,), daemon=True).start()

    def _work(self, line: Line) -> None:
        if found := line.next():
            self._begun.append(found[0])

    def begun(self) -> list[str]:
        """What they have in hand, after everyone has had the time to begin."""
        time.sleep(A_MOMENT)
        return sorted(self._begun)


def next_key(line: Line) -> str:
    found = line.next()
    assert found is not None
    return found[0]


def test_a_cry_for_help_goes_before_what_came_earlier() -> None:
    line = Line()
    for number in range(3):
        line.join(f"q{number}", REST)
    line.join("cry", URGENT)
    assert next_key(line) == "cry"


def test_what_was_written_before_the_cry_moves_up_with_it() -> None:
    line = Line()
    line.join("q", REST)
    line.join("x", REST)
    line.join("x", URGENT)
    assert next_key(line) == "x"
    line.done("x")
    assert next_key(line) == "x"  # two messages
    line.done("x")
    assert next_key(line) == "q"


def test_one_conversation_is_never_in_two_hands() -> None:
    line = Line()
    line.join("a", REST)
    line.join("a", URGENT)
    assert Handlers(line).begun() == ["a"]


def test_only_a_few_ordinary_messages_are_begun_at_once() -> None:
    line = Line()
    for number in range(AT_WORK + 3):
        line.join(f"q{number}", REST)
    assert len(Handlers(line).begun()) == AT_WORK


def test_cries_are_begun_whatever_is_at_work_and_nothing_ordinary_beside_them() -> None:
    line = Line()
    for number in range(AT_WORK):
        line.join(f"q{number}", REST)
    handlers = Handlers(line)
    ordinary = handlers.begun()
    assert len(ordinary) == AT_WORK
    for number in range(3):
        line.join(f"cry{number}", URGENT)
    line.join("later", REST)
    assert handlers.begun() == ["cry0", "cry1", "cry2", *ordinary]
    for key in ordinary:
        line.done(key)
    assert "later" not in handlers.begun()  # there is room, but three people cry for help
    for number in range(3):
        line.done(f"cry{number}")
    assert "later" in handlers.begun()


@pytest.mark.parametrize("lane", [URGENT, REST])
def test_whoever_waits_for_the_dialogue_lets_others_begin(lane: int) -> None:
    line = Line()
    for number in range(AT_WORK):
        line.join(f"q{number}", lane)
    assert len(Handlers(line, AT_WORK).begun()) == AT_WORK
    line.join("next", REST)
    heard = threading.Thread(target=line.next, daemon=True)
    heard.start()
    heard.join(A_MOMENT)
    assert heard.is_alive()
    with line.away("q0"):
        if lane == URGENT:
            with line.away("q1"):
                heard.join(AFTER)
        heard.join(AFTER)
        assert not heard.is_alive()


def test_a_conversation_of_another_line_may_be_away_without_harm() -> None:
    line = Line()
    with line.away("swept"):
        pass
    line.join("q", REST)
    assert next_key(line) == "q"


def test_what_was_claimed_already_is_handed_over_once() -> None:
    line, taken = Line(), Taken(InboxRow(available_at=datetime(2026, 1, 1, tzinfo=UTC)), None)
    line.join("a", REST, taken)
    line.join("a", REST)
    assert line.next() == ("a", taken)
    line.done("a")
    assert line.next() == ("a", None)


def test_a_long_line_says_so() -> None:
    line = Line()
    for number in range(SHORT):
        assert line.is_short
        line.join(f"q{number}", REST)
    assert not line.is_short


def test_a_closed_line_sends_everyone_home() -> None:
    line = Line()
    waiting = threading.Thread(target=line.next, daemon=True)
    waiting.start()
    line.close()
    waiting.join(AFTER)
    assert not waiting.is_alive()
