"""Browsers that take notifications, on both engines."""

from __future__ import annotations

import pytest

from bot.domain.accounts import Role
from bot.storage.database import Database
from tests.harness.clock import WindingClock

KEYS = {"p256dh": "p", "auth": "a"}


@pytest.fixture
def people(database: Database, clock: WindingClock) -> list[int]:
    with database.write() as uow:
        return [uow.staff.add(f"{name}@town.test", name, Role.OFFICER, clock()).id for name in "ab"]


def test_the_newest_browser_comes_first_and_an_endpoint_has_one_owner(
    database: Database, clock: WindingClock, people: list[int]
) -> None:
    one, other = people
    with database.write() as uow:
        uow.push_subscriptions.add(one, "https://push.test/1", **KEYS, now=clock())
        clock.forward(minutes=1)
        uow.push_subscriptions.add(one, "https://push.test/2", **KEYS, now=clock())
    with database.write() as uow:
        assert [row.endpoint[-1] for row in uow.push_subscriptions.of(one)] == ["2", "1"]
        before = uow.push_subscriptions.of(one)[0].id
        after = uow.push_subscriptions.add(other, "https://push.test/2", **KEYS, now=clock()).id
    with database.read() as uow:
        assert [row.endpoint[-1] for row in uow.push_subscriptions.of(one)] == ["1"]
        assert uow.push_subscriptions.people() == {one, other}
        assert uow.push_subscriptions.get(before) is None
        assert before != after


def test_a_number_is_not_given_away_again(database: Database, clock: WindingClock, people: list[int]) -> None:
    numbers = []
    for _ in range(20):
        with database.write() as uow:
            numbers.append(uow.push_subscriptions.add(people[0], "https://push.test/1", **KEYS, now=clock()).id)
            uow.push_subscriptions.remove(numbers[-1])
    assert len(set(numbers)) == 20
    with database.read() as uow:
        assert uow.push_subscriptions.people() == set()


def test_who_has_only_browsers_that_are_refused_has_none(
    database: Database, clock: WindingClock, people: list[int]
) -> None:
    with database.write() as uow:
        first = uow.push_subscriptions.add(people[0], "https://push.test/1", **KEYS, now=clock())
        second = uow.push_subscriptions.add(people[0], "https://push.test/2", **KEYS, now=clock())
        uow.bounces.add("push", str(first.id), "403", clock())
        uow.bounces.add("email", str(second.id), "an address of another kind", clock())
    with database.write() as uow:
        assert uow.push_subscriptions.people() == {people[0]}
        uow.bounces.add("push", str(second.id), "403", clock())
    with database.write() as uow:
        assert uow.push_subscriptions.people() == set()
        uow.push_subscriptions.remove(second.id)
    with database.read() as uow:
        assert ("push", str(second.id)) not in uow.bounces.all()
