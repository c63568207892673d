"""Rosters, absences and overrides on both engines, and what routing sees of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import event, update

from bot.domain.accounts import Role
from bot.domain.cases import CaseStatus
from bot.domain.desks import COORDINATION, Officer
from bot.domain.rosters import Absence, Override, Roster, RosterError
from bot.storage.database import Database
from bot.storage.tables import CaseRow
from bot.storage.tables_duty import RosterRow
from tests.harness.clock import WindingClock

DESK = "de-koln-bk"
HOUR = timedelta(hours=1)


@pytest.fixture
def people(database: Database, clock: WindingClock) -> list[int]:
    """Two officers of a desk, a third of another, and a coordinator."""
    with database.write() as uow:
        ids = [uow.staff.add(f"{name}@town.test", name, Role.OFFICER, clock()).id for name in ("a", "b", "other")]
        ids.append(uow.staff.add("c@town.test", "c", Role.COORDINATOR, clock()).id)
        for desk_id, kind in ((DESK, "consulate"), ("home", "home_city"), (COORDINATION, "coordination")):
            uow.desks.put(desk_id, kind=kind, name=desk_id, timezone="Europe/Berlin")
        for desk_id, staff_id in ((DESK, ids[0]), (DESK, ids[1]), ("home", ids[2])):
            uow.desks.assign(desk_id, staff_id)
    return ids


def weekly(*ids: int) -> Roster:
    """From Monday, 23 November 2026: the day on which the clock stands at 10:00 in Berlin."""
    return Roster(0, DESK, "Week", "mon-sun 08:00-20:00", date(2026, 11, 23), 7, time(9, 30), ids)


def officers(database: Database, now: datetime, desk: str = DESK) -> dict[str, Officer]:
    with database.read() as uow:
        return {officer.name: officer for officer in uow.desks.all(now, telegram=True)[desk].officers}


def on_duty(database: Database, now: datetime, desk: str = DESK) -> set[str]:
    return {name for name, officer in officers(database, now, desk).items() if officer.on_duty}


def test_a_roster_comes_back_as_it_was_stored_can_be_changed_and_removed(database: Database, people: list[int]) -> None:
    with database.write() as uow:
        stored = uow.duty.add_roster(weekly(*people[:2]))
    assert stored == replace(weekly(*people[:2]), id=stored.id)
    with database.write() as uow:
        uow.duty.add_roster(replace(stored, name="Night", turn_at=time(21), people=(people[1],)))
    with database.read() as uow:
        assert uow.duty.rosters(DESK) == uow.duty.rosters() == [
            replace(stored, name="Night", turn_at=time(21), people=(people[1],))
        ]  # fmt: skip
        assert uow.duty.rosters("home") == []
    with database.write() as uow:
        uow.duty.remove_roster(stored.id)
        uow.duty.remove_roster(stored.id)
        assert uow.duty.rosters() == []
        with pytest.raises(LookupError):
            uow.duty.add_roster(stored)


def test_absences_and_overrides_between_two_moments(database: Database, clock: WindingClock, people: list[int]) -> None:
    a, b, _, _ = people
    now = clock()
    with database.write() as uow:
        late = uow.duty.add_absence(Absence(a, now + 5 * HOUR, now + 9 * HOUR, "leave"))
        early = uow.duty.add_absence(Absence(b, now, now + HOUR))
        override = uow.duty.add_override(Override(DESK, b, a, now + 5 * HOUR, now + 9 * HOUR, "coordinator"))
    with database.read() as uow:
        duty = uow.duty
        assert duty.absences(now, now + 5 * HOUR) == [early, late], "from the first to the last moment"
        assert duty.absences(now, now + 5 * HOUR, a) == [late]
        assert duty.absences(now + HOUR, now + 4 * HOUR) == [], "ended when it ended, not begun yet"
        assert duty.overrides(now, now + 4 * HOUR) == []
        assert duty.overrides(now, now + 6 * HOUR) == duty.overrides(now, now + 6 * HOUR, DESK) == [override]
        assert duty.overrides(now, now + 6 * HOUR, "home") == []
    with database.write() as uow:
        uow.duty.remove_absence(late.id)
        uow.duty.remove_override(override.id)
        assert uow.duty.absences(now, now + 9 * HOUR) == [early]
        assert uow.duty.overrides(now, now + 9 * HOUR) == []


def test_a_plan_with_somebody_from_another_desk_is_refused(
    database: Database, clock: WindingClock, people: list[int]
) -> None:
    a, _, other, coordinator = people
    now = clock()
    with database.write() as uow:
        for plan in (weekly(a, other), weekly(a, coordinator), weekly(a, 999)):
            with pytest.raises(RosterError, match="not_on_desk"):
                uow.duty.add_roster(plan)
        with pytest.raises(RosterError, match="not_on_desk"):
            uow.duty.add_override(Override(DESK, other, None, now, now + HOUR))
        with pytest.raises(RosterError, match="ends_before_start"):
            uow.duty.add_absence(Absence(a, now, now))
        uow.staff.get(a).active = False
        with pytest.raises(RosterError, match="not_on_desk"):
            uow.duty.add_roster(weekly(a))
        uow.duty.add_roster(replace(weekly(coordinator), desk_id=COORDINATION))


def test_routing_sees_who_is_on_duty(database: Database, clock: WindingClock, people: list[int]) -> None:
    a, b, _, _ = people
    now = clock()
    assert on_duty(database, now) == {"a", "b"}, "without a roster everybody"
    with database.write() as uow:
        uow.duty.add_roster(weekly(a, b))
    assert on_duty(database, now) == {"a"}
    assert on_duty(database, now + timedelta(days=7)) == {"b"}
    assert on_duty(database, now + timedelta(hours=12)) == set(), "outside the roster's hours"
    with database.write() as uow:
        uow.duty.add_absence(Absence(a, now, now + 3 * HOUR))
    assert on_duty(database, now) == set()
    with database.write() as uow:
        uow.duty.add_override(Override(DESK, b, a, now + HOUR, now + 2 * HOUR))
    assert [on_duty(database, now + hours * HOUR) for hours in (0, 1, 2, 3)] == [set(), {"b"}, set(), {"a"}]
    assert on_duty(database, now, "home") == {"other"}, "one desk's plans are not another's"


def test_somebody_taken_off_the_desk_is_not_on_duty_there(
    database: Database, clock: WindingClock, people: list[int]
) -> None:
    with database.write() as uow:
        uow.duty.add_roster(weekly(people[0]))
        uow.desks.unassign(DESK, people[0])
    assert on_duty(database, clock()) == set(), "and nobody takes the turn silently"


def test_coordinators_are_always_on_duty(database: Database, clock: WindingClock, people: list[int]) -> None:
    now = clock()
    with database.write() as uow:
        uow.duty.add_absence(Absence(people[3], now, now + HOUR))
    assert on_duty(database, now, COORDINATION) == {"c"}


def test_a_roster_edited_into_nonsense_counts_as_none(
    database: Database, clock: WindingClock, people: list[int]
) -> None:
    with database.write() as uow:
        uow.duty.add_roster(weekly(people[0]))
        uow.session.execute(update(RosterRow).values(starts_on="next week"))
    assert on_duty(database, clock()) == {"a", "b"}


def test_routing_sees_languages_capacity_and_open_cases(
    database: Database, clock: WindingClock, people: list[int]
) -> None:
    with database.write() as uow:
        uow.staff.get(people[0]).languages, uow.staff.get(people[0]).capacity = ["tr", "ar"], 2
        talk = uow.conversations.create("web:1", "web", "1", "de", clock())
        for status, owner in (
            (CaseStatus.ACCEPTED, people[0]),
            (CaseStatus.ACCEPTED, people[0]),
            (CaseStatus.CLOSED, people[0]),
            (CaseStatus.OPEN, None),
        ):
            case = CaseRow(conversation_id=talk.id, label="accident", severity="urgent", language="de", desk_id=DESK)
            case.status, case.owner_id, case.opened_at = status, owner, clock()
            uow.session.add(case)
    seen = officers(database, clock())
    assert (seen["a"].languages, seen["a"].capacity, seen["a"].open_cases, seen["a"].full) == (("tr", "ar"), 2, 2, True)
    assert (seen["b"].languages, seen["b"].capacity, seen["b"].open_cases, seen["b"].full) == ((), 0, 0, False)


def test_more_desks_do_not_mean_more_queries(database: Database, clock: WindingClock, people: list[int]) -> None:
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    officers(database, clock())
    few = len(asked)
    with database.write() as uow:
        for number in range(20):
            uow.desks.put(f"desk{number}", kind="home_city", name="")
    asked.clear()
    officers(database, clock())
    assert len(asked) == few
