"""Two people report one event at the same moment, and two clicks at once: on both engines one of each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain.accounts import Role
from bot.domain.cases import EventKind
from bot.domain.incidents import LastPage
from bot.services.grouping import group
from bot.storage.database import Database
from bot.storage.tables import CaseRow
from bot.storage.tables_cases import IncidentRow
from tests.harness.clock import WindingClock

KOLN = {"country": "DE", "name": "Köln", "lat": 50.94, "lon": 6.96}


def report(database: Database, clock: WindingClock, number: int) -> int:
    """Open a case and group it, in one unit of work, as opening a case does."""
    with database.write() as uow:
        talk = uow.conversations.create(f"web:{number}", "web", "", "de", clock())
        case = uow.cases.add(
            CaseRow(
                conversation_id=talk.id,
                label="fire_or_disaster",
                severity="life",
                language="de",
                location=KOLN,
                desk_id="coordination",
                opened_at=clock(),
                due_at=clock(),
            )
        )
        uow.cases.record(case.id, EventKind.OPENED, "bot", {"label": case.label, "severity": "life"}, clock())
        group(uow, case, clock())
        return case.id


@pytest.mark.parametrize("before", [0, 1, 2])
def test_reports_at_the_same_moment_make_one_incident(
    connect: Callable[[], Database], clock: WindingClock, before: int
) -> None:
    at_once = 6
    databases = [connect() for _ in range(at_once)]
    for number in range(before):
        report(databases[0], clock, 100 + number)
    together = threading.Barrier(at_once)

    def write(number: int) -> int:
        together.wait()
        return report(databases[number], clock, number)

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(write, range(at_once)))
    with databases[0].read() as uow:
        assert len(list(uow.session.scalars(select(IncidentRow.id)))) == 1
        assert set(uow.session.scalars(select(CaseRow.incident_id))) == {1}, "and nobody stays outside"
        assert uow.incidents.people(1) == before + at_once


def test_only_cases_of_one_country_kind_and_time_are_candidates(database: Database, clock: WindingClock) -> None:
    case_id = report(database, clock, 1)
    hour = timedelta(hours=1)
    with database.write() as uow:
        assert [row.id for row in uow.incidents.alone("fire_or_disaster", "DE", clock() - hour, 0)] == [case_id]
        assert uow.incidents.alone("fire_or_disaster", "FR", clock() - hour, 0) == []
        assert uow.incidents.alone("accident", "DE", clock() - hour, 0) == []
        assert uow.incidents.alone("fire_or_disaster", "DE", clock() + hour, 0) == []
        assert uow.incidents.alone("fire_or_disaster", "DE", clock() - hour, case_id) == []
        uow.cases.get(case_id).status = "closed"
        assert uow.incidents.alone("fire_or_disaster", "DE", clock() - hour, 0) == []


def test_counts_and_open_incidents(database: Database, clock: WindingClock) -> None:
    for number in range(3):
        report(database, clock, number)
        clock.forward(minutes=1)
    with database.write() as uow:
        uow.cases.get(1).status = "closed"
        counts = uow.incidents.counts([1])[1]
        assert (counts.people, counts.waiting, counts.accepted, counts.closed) == (3, 2, 0, 1)
        assert counts.oldest_waiting == uow.cases.get(2).opened_at
        assert uow.incidents.desks(1) == {"coordination": (2, 3)}
        kinds = ("fire_or_disaster",)
        assert [row.id for row in uow.incidents.open_ones("DE", kinds, drill=False, demo=False)] == [1]
        assert uow.incidents.open_ones("DE", kinds, drill=True, demo=False) == []
        assert uow.incidents.open_ones("DE", kinds, drill=False, demo=True) == []
        assert uow.incidents.open_ones("FR", kinds, drill=False, demo=False) == []


def test_the_newest_page_of_a_desk_is_remembered(database: Database, clock: WindingClock) -> None:
    first, second = LastPage(clock(), 0, 1), LastPage(clock() + timedelta(minutes=2), 1, 30)
    with database.write() as uow:
        assert uow.incidents.last_page(1, "de-koln-bk") is None
        assert uow.incidents.paged_desks(1) == set(), "asked about, but never paged"
        uow.incidents.note_page(1, "de-koln-bk", first)
        uow.incidents.note_page(1, "de-koln-bk", second)
        uow.incidents.note_page(11, "de-berlin-be", first)
    with database.write() as uow:
        assert uow.incidents.last_page(1, "de-koln-bk") == second
        assert uow.incidents.last_page(1, "de-berlin-be") is None
        assert uow.incidents.paged_desks(1) == {"de-koln-bk"}


def test_two_clicks_at_once_keep_one_broadcast(connect: Callable[[], Database], clock: WindingClock) -> None:
    databases = [connect() for _ in range(4)]
    for number in range(2):
        report(databases[0], clock, number)
    with databases[0].write() as uow:
        staff = uow.staff.add("a@town.test", "A", Role.OFFICER, clock()).id
    together = threading.Barrier(len(databases))

    def click(database: Database) -> tuple[int, bool]:
        together.wait()
        with database.write() as uow:
            row, made = uow.broadcasts.say(1, staff, {"tr": "Durum"}, "key", clock())
            return row.id, made

    with ThreadPoolExecutor(len(databases)) as pool:
        done = list(pool.map(click, databases))
    assert sorted(made for _, made in done) == [False, False, False, True]
    assert {number for number, _ in done} == {done[0][0]}


def test_who_still_has_to_hear_a_broadcast(database: Database, clock: WindingClock) -> None:
    for number in range(3):
        report(database, clock, number)
    with database.write() as uow:
        staff = uow.staff.add("a@town.test", "A", Role.OFFICER, clock()).id
        row, _ = uow.broadcasts.say(1, staff, {"tr": "Durum"}, "key", clock())
        closed = uow.cases.get(3)
        closed.status, closed.closed_at = "closed", clock()
        uow.cases.record(1, EventKind.BROADCAST, "staff:1", {"broadcast": row.id}, clock())
        uow.cases.record(2, EventKind.BROADCAST, "staff:1", {"broadcast": row.id + 1}, clock())
        assert [case.id for case in uow.broadcasts.unreached(row, None, 9)] == [2]
        assert [case.id for case in uow.broadcasts.unreached(row, clock(), 9)] == [2, 3]
        assert uow.broadcasts.receivers(1, None) == {"de": 2}
        assert uow.broadcasts.has_got(uow.cases.get(1).conversation_id, row.id)
        assert not uow.broadcasts.has_got(uow.cases.get(2).conversation_id, row.id)
        assert uow.broadcasts.newest(clock()) == [row.id]
        assert uow.broadcasts.newest(clock() + timedelta(seconds=1)) == []


def test_who_was_joined_to_a_page_of_others(database: Database, clock: WindingClock) -> None:
    for number in range(4):
        report(database, clock, number)
    moment = clock() + timedelta(seconds=5)
    joined = {"desk": "coordination", "ways": ["console"], "joined": True}
    alone = {"desk": "coordination", "ways": ["email", "console"]}
    told = [(1, joined, clock()), (2, joined, moment), (3, alone, moment), (4, joined | {"desk": "other"}, moment)]
    with database.write() as uow:
        for case_id, data, at in told:
            uow.cases.record(case_id, EventKind.ALERTED, "bot", data, at)
        for lock in (False, True):
            found = uow.incidents.joined_since(1, "coordination", moment, apart_from=1, lock=lock)
            assert [case.id for case in found] == [2]
        assert uow.incidents.joined_since(1, "coordination", moment, apart_from=2) == []


def test_a_step_that_breaks_takes_only_its_own_traces_along(database: Database, clock: WindingClock) -> None:
    with database.write() as uow:
        talk = uow.conversations.create("web:1", "web", "", "de", clock())

        def half_done() -> None:
            uow.conversations.create("web:2", "web", "", "de", clock())
            uow.conversations.create("web:1", "web", "", "de", clock())  # the key is taken

        assert not uow.attempt(half_done, "test", 0)
        talk.language = "fr"
    with database.read() as uow:
        found = uow.conversations.by_key("web:1")
        assert found is not None
        assert found.language == "fr"
        assert uow.conversations.by_key("web:2") is None
