"""Workers die at random while cases fall due: each case still moves on once, is paged, and has one owner."""

from __future__ import annotations

import pytest

from tests.harness.escalations import Outcome, run

CASES, KILLS = 50, 8
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run(tmp_path_factory.mktemp("escalations") / "installation", CASES, KILLS, per_second=5)


@pytest.mark.parametrize(
    ("what", "at_most"),
    [("lost", 0), ("two_owners", 0), ("escalated_twice", 0), ("broken_chains", 0), ("repeated_pages", KILLS)],
)
def test_workers_are_killed_while_cases_fall_due(outcome: Outcome, what: str, at_most: int) -> None:
    assert outcome.cases == CASES
    assert getattr(outcome, what) <= at_most, outcome
