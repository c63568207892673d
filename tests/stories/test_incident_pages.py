"""However many people report one event, and whatever happens: few pages, and nobody without one in time."""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.domain.cases import CaseError, EventKind
from bot.domain.incidents import GROWTH
from bot.domain.taxonomy import Severity
from bot.services import cases, incidents
from bot.services.escalation import sweep
from bot.services.watch import watch
from bot.storage.tables import CaseRow
from tests.harness.town import Town

KOLN = {"country": "DE", "name": "Köln", "lat": 50.94, "lon": 6.96, "admin1": "DE-NW"}
EVERY = {Severity.LIFE: timedelta(minutes=2), Severity.URGENT: timedelta(minutes=15)}
CROWD = 40  # a thousand are counted in tests/domain/test_incidents.py: there they take no database
DESKS = ("de-koln-bk", "de-berlin-be", "coordination")


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("templates")


def new_town(templates: Path) -> Town:
    town = Town(Path(tempfile.mkdtemp(dir=templates)), templates)
    town.coordinator()
    for name, desk in (("Ayşe", "de-koln-bk"), ("Burak", "de-koln-bk"), ("Emine", "de-berlin-be")):
        town.officer(name, desk)
    return town


def opened(town: Town, number: int, label: str, severity: Severity) -> int:
    with town.database.write() as uow:
        talk = uow.conversations.create(f"web:{number}", "web", str(number), "tr", town.clock())
        talk.location = KOLN
        return cases.open_case(uow, town.ports, talk, label, severity, town.clock()).case.id


def every_case_was_paged_in_time(town: Town, case_ids: Iterable[int]) -> int:
    """Each alert of an incident's case is a page, or its desk had one within the case's interval. Counts the pages."""
    paged: dict[tuple[int, str], list[datetime]] = defaultdict(list)
    joined = []
    with town.database.read() as uow:
        for case_id in case_ids:
            events, case = uow.cases.events(case_id), uow.cases.get(case_id)
            assert any(event.kind == EventKind.ALERTED for event in events), f"case {case_id} has no alert at all"
            severity = Severity.NORMAL  # as it was when each alert was due: it may have been raised later
            for event in events:
                severity = Severity(event.data.get("severity") or severity)
                if event.kind == EventKind.ALERTED and event.data.get("joined"):
                    joined.append((event, severity))
                elif event.kind == EventKind.ALERTED and case.incident_id is not None:
                    paged[case.incident_id, event.data["desk"]].append(event.at)
    for event, severity in joined:
        before = paged[event.data["incident"], event.data["desk"]]
        assert any(event.at - EVERY[severity] < at <= event.at for at in before), (event.case_id, event.data)
    return sum(map(len, paged.values()))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_nobody_in_an_incident_goes_without_a_page_to_the_desk_within_their_interval(
    templates: Path, seed: int
) -> None:
    chance = random.Random(seed)
    town = new_town(templates)
    with town.database.read() as uow:
        staff = [person.id for person in uow.desks.members("de-koln-bk")]
    case_ids: list[int] = []
    for number in range(16):
        act = chance.choice(["report", "report", "report", "wait", "accept", "accept all", "raise"])
        label, severity = chance.choice([("fire_or_disaster", Severity.LIFE), ("accident", Severity.URGENT)])
        if act == "report":
            case_ids.append(opened(town, number, label, severity))
        elif act == "wait":
            for _ in range(chance.randint(1, 8)):
                town.pass_time(seconds=20)
        elif act == "accept all" and case_ids and town.case(case_ids[-1]).incident_id:
            incidents.accept_waiting(town.ports, 1, "de-koln-bk", staff[0], town.clock())
        elif case_ids:
            with suppress(CaseError), town.database.write() as uow:
                case = uow.cases.get(chance.choice(case_ids))
                if act == "accept":
                    cases.accept(uow, town.ports, case.id, uow.staff.get(staff[1]), town.clock())
                else:
                    cases.raise_severity(uow, town.ports, case, Severity.LIFE, town.clock())
    for _ in range(25):
        town.pass_time(seconds=20)
    every_case_was_paged_in_time(town, case_ids)
    for case_id in case_ids:
        events, case = town.events(case_id), town.case(case_id)
        reached_the_end = any(event.kind == EventKind.COORDINATORS_ALARMED for event in events)
        long_ago = town.clock() - case.opened_at > 3 * EVERY[Severity(case.severity)] + 3 * timedelta(seconds=20)
        assert case.owner_id is not None or reached_the_end or not long_ago, "every clock runs to its end"
    assert watch(town.ports) == []


def test_a_crowd_is_a_handful_of_pages_and_every_case_goes_the_whole_way(templates: Path) -> None:
    town = new_town(templates)
    began = town.clock()
    case_ids = []
    for number in range(CROWD):
        case_ids.append(opened(town, number, "fire_or_disaster", Severity.LIFE))
        town.clock.forward(seconds=0.1)
    for _ in range(5):
        town.clock.forward(minutes=1)
        while sweep(town.ports):
            pass
    with town.database.read() as uow:
        groups = set(uow.session.scalars(select(CaseRow.incident_id)))
        assert groups == {1}, "one event"
    pages = every_case_was_paged_in_time(town, case_ids)
    rounds = (town.clock() - began) / EVERY[Severity.LIFE] + 1
    assert pages <= len(DESKS) * (rounds + len([step for step in GROWTH if step <= CROWD]))
    to_phones = [row for row in town.outbox() if row.dedup_key.startswith("alert:")]
    assert len(to_phones) <= 2 * pages, "at most both people of a desk each time"
    assert {town.case(case_id).desk_id for case_id in case_ids} == {"coordination"}, "each has gone the whole way"
