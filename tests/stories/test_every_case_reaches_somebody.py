"""Whatever the desks, people and shifts are: a case reaches a human or an alarm in bounded time, and has one owner."""

from __future__ import annotations

import random
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.cases import CaseError, EventKind
from bot.services import cases
from bot.services.watch import watch
from tests.harness.town import Town

STOLEN = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"
DYING = "Babam nefes almıyor, Köln'deyiz, yardım edin!"
DESKS = ("de-koln-bk", "de-berlin-be")
EVERY = {STOLEN: timedelta(minutes=15), DYING: timedelta(minutes=2)}
PEOPLE = st.lists(st.tuples(st.sampled_from(DESKS), st.booleans(), st.booleans()), max_size=5)


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("templates")


def new_town(templates: Path) -> Town:
    return Town(Path(tempfile.mkdtemp(dir=templates)), templates)


@settings(max_examples=25, deadline=None)
@given(
    people=PEOPLE,
    coordinators=st.integers(0, 2),
    hours=st.sampled_from(["", "mon-fri 09:00-17:00", "sat 22:00-02:00"]),
    cry=st.sampled_from([STOLEN, DYING]),
    later=st.integers(0, 7 * 24),
)
def test_nobody_answers_and_the_alarm_still_comes_in_bounded_time(
    templates: Path, people: list[tuple[str, bool, bool]], coordinators: int, hours: str, cry: str, later: int
) -> None:
    town = new_town(templates)
    town.clock.forward(hours=later)
    for number, (desk, reachable, available) in enumerate(people):
        officer = town.officer(f"Officer{number}", desk, telegram="on call" if reachable else None)
        with town.database.write() as uow:
            uow.staff.get(officer.id).available = available
            uow.desks.put(desk, hours=hours)
    for number in range(coordinators):
        town.coordinator(f"Coordinator{number}")
    citizen = town.citizen()
    citizen.writes(cry)
    opened = town.clock()
    for _ in range(len(DESKS) + 2):
        town.pass_time(seconds=EVERY[cry].total_seconds() + 1)
    events = town.events(citizen.case_id)
    alarmed = [event.at for event in events if event.kind == EventKind.COORDINATORS_ALARMED]
    assert alarmed, "the end of every chain"
    assert alarmed[0] - opened <= (len(DESKS) + 1) * (EVERY[cry] + timedelta(seconds=1))
    moved = [event.data["desk"] for event in events if event.kind == EventKind.MOVED_ON]
    assert len(moved) == len(set(moved)), "no desk is asked twice before the alarm"
    assert watch(town.ports) == []


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_whatever_officers_do_a_case_has_one_owner_and_its_events_tell_the_same(templates: Path, seed: int) -> None:
    chance = random.Random(seed)
    town = new_town(templates)
    staff = [town.officer(name, "de-koln-bk") for name in ("Ayşe", "Burak", "Can")]
    citizen = town.citizen()
    citizen.writes(STOLEN)
    case_id = citizen.case_id
    for _ in range(25):
        who = chance.choice(staff)
        act = chance.choice(["accept", "take over", "reply", "note", "wait", "citizen", "close"])
        try:
            with town.database.write() as uow:
                person = uow.staff.get(who.id)
                if act == "accept":
                    cases.accept(uow, town.ports, case_id, person, town.clock())
                elif act == "take over":
                    seen = chance.choice([None, *(one.id for one in staff)])
                    cases.take_over(uow, town.ports, case_id, person, seen, town.clock())
                elif act == "reply":
                    cases.reply_to_citizen(uow, case_id, person, "Buradayım.", town.clock())
                elif act == "note":
                    cases.note(uow, case_id, person, "aradı", town.clock())
                elif act == "close" and chance.random() < 0.2:
                    cases.close(uow, town.ports, case_id, person, "helped", town.clock())
        except CaseError:
            pass  # refused with a sentence; what matters is what the case looks like now
        if act == "wait":
            town.pass_time(minutes=chance.randint(1, 40))
        elif act == "citizen" and town.case(case_id).status != "closed":
            citizen.writes("hâlâ bekliyorum")
        assert watch(town.ports) == [], "row and events agree, the chain holds, nothing stalls"
