"""What the growth section multiplies keeps its meaning, on sizes small enough for a test."""

from __future__ import annotations

import random

import pytest

from bench.growth_cases import add_closed, add_desks, add_open
from bench.growth_pairs import grown
from bench.growth_router import MADE, expected, multiplied, places
from bench.growth_search import Stored
from bench.growth_search import multiplied as multiplied_lines
from bench.results import Options
from bot.domain.cases import CaseStatus
from bot.domain.jurisdiction import responsible_mission
from tests.harness.facts import DIRECTORY
from tests.harness.town import Town


@pytest.mark.parametrize("copies", [1, 3], ids=["the world as it is", "three times as many missions"])
def test_the_router_finds_what_a_look_at_every_row_finds(copies: int) -> None:
    directory = multiplied(DIRECTORY, copies)
    assert len(directory.missions) == copies * len(DIRECTORY.missions)
    for place in places(directory):
        found = responsible_mission(directory, place).mission
        assert found is not None
        assert found.id == expected(directory, place), place


def test_what_is_not_in_the_world_is_marked_and_has_another_name() -> None:
    directory = multiplied(DIRECTORY, 2)
    made = [one for one in directory.missions.values() if one.id not in DIRECTORY.missions]
    assert made
    assert all(one.status == MADE for one in made)
    assert DIRECTORY.missions.items() <= directory.missions.items()


def test_made_lines_come_after_the_real_ones_and_under_topics_of_their_own() -> None:
    real = [Stored("passport_renewal", "en", "how do I renew my passport"), Stored("tourism", "en", "what to see here")]
    lines = multiplied_lines(real, 30, random.Random(1))
    assert lines[:2] == real
    assert len({line.text for line in lines}) == 30
    assert not {"passport_renewal", "tourism"} & {line.topic for line in lines[2:]}


def test_cases_by_the_thousand_look_like_cases(town: Town) -> None:
    town.officer("Officer", "de-koln-bk")
    add_desks(town)
    add_closed(town, 40, town.clock())
    add_open(town, 20, town.clock())
    with town.database.read() as uow:
        assert uow.cases.count(None, [CaseStatus.CLOSED]) == 40
        waiting = uow.cases.queue(None, [CaseStatus.OPEN])
        assert len(waiting) == 20
        assert all(case.opened_at < town.clock() and case.due_at and case.due_at > town.clock() for case in waiting)
        assert len(uow.cases.events(uow.cases.queue(None, [CaseStatus.CLOSED])[0].id)) == 2


def test_growth_is_the_large_time_beside_what_the_aim_allows(town: Town) -> None:
    options = Options(town.folder, rounds=1)
    result = grown("work", 2, ("1 row", [lambda: 4.0]), ("9 rows", [lambda: 6.0]), options)
    assert (result.ours, result.peer) == (6.0, 8.0)
    assert result.ratio > 1
    assert options.notes == ["work: 4 ms with 1 row, 6 ms with 9 rows: 1.50 times."]
