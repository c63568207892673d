"""What is due for an accepted case at the end of its owner's shift, as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.shift_end import Held, Step, next_step
from bot.domain.taxonomy import Severity
from tests.harness.facts import TAXONOMY

END = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
M = timedelta(minutes=1)
URGENT = Held(Severity.URGENT, END - 60 * M)
LIFE = Held(Severity.LIFE, END - 60 * M)
NORMAL = Held(Severity.NORMAL, END - 60 * M)


def held(like: Held = URGENT, **fields: object) -> Held:
    return Held(**{**like.__dict__, **fields})  # type: ignore[arg-type]


TABLE = [
    ("on duty: nothing", URGENT, None, True, END, Step.NONE),
    ("the shift has ended: offered at once", URGENT, END, True, END, Step.OFFER),
    ("who wrote two minutes before may go on", held(replied_at=END - 2 * M), END, True, END + 14 * M, Step.NONE),
    ("for a quarter of an hour", held(replied_at=END - 2 * M), END, True, END + 15 * M, Step.OFFER),
    ("who wrote half an hour before may not", held(replied_at=END - 30 * M), END, True, END, Step.OFFER),
    ("a case that rests is left to rest", held(snoozed_until=END + 60 * M), END, True, END + M, Step.NONE),
    ("until the rest is over", held(snoozed_until=END + 60 * M), END, True, END + 61 * M, Step.OFFER),
    ("taken off duty: time for a first word", URGENT, URGENT.since, True, URGENT.since + 14 * M, Step.NONE),
    ("and then offered", URGENT, URGENT.since, True, URGENT.since + 15 * M, Step.OFFER),
    ("offered, and the clock runs", held(settled_at=END), END, True, END + 14 * M, Step.NONE),
    ("nobody took it: the coordinators", held(settled_at=END), END, True, END + 15 * M, Step.ALARM),
    ("once", held(settled_at=END, alarmed=True), END, True, END + 600 * M, Step.NONE),
    ("nobody is on duty: the coordinators at once", held(settled_at=END), END, False, END, Step.ALARM),
    ("the owner stays: nothing", held(settled_at=END, stays=True), END, True, END + 600 * M, Step.NONE),
    ("until the next shift ends", held(settled_at=END, stays=True), END + 1440 * M, True, END + 1440 * M, Step.OFFER),
    ("a life: the shorter clock", held(LIFE, settled_at=END), END, True, END + 2 * M, Step.ALARM),
    ("a question at night waits for the morning", NORMAL, END, False, END + 600 * M, Step.NONE),
    ("and is offered to who comes", NORMAL, END, True, END + 900 * M, Step.OFFER),
    ("but not for ever", NORMAL, END, False, END + 3 * 1440 * M, Step.OFFER),
]  # fmt: skip


@pytest.mark.parametrize(("label", "case", "ended", "on", "now", "step"), TABLE, ids=[row[0] for row in TABLE])
def test_at_the_end_of_a_shift(
    label: str, case: Held, ended: datetime | None, on: bool, now: datetime, step: Step
) -> None:
    assert next_step(case, ended, on, TAXONOMY, now) is step
