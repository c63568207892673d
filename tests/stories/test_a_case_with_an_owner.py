"""Accepted is not yet helped: silence of the owner escalates, a colleague goes on, and nothing stalls unseen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.cases import CaseError, EventKind
from bot.services import cases, handing_on
from bot.services.watch import watch
from bot.storage.tables import CaseEventRow
from bot.storage.tables_staff import StaffRow
from tests.harness.town import Citizen, Town

STOLEN = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"


@pytest.fixture
def ayse(town: Town) -> StaffRow:
    return town.officer("Ayşe", "de-koln-bk")


@pytest.fixture
def citizen(town: Town, ayse: StaffRow) -> Citizen:
    citizen = town.citizen()
    citizen.writes(STOLEN)
    town.accept(citizen.case_id, ayse)
    return citizen


def happened(town: Town, case_id: int, kind: EventKind) -> list[CaseEventRow]:
    return [event for event in town.events(case_id) if event.kind == kind]


def take_over(town: Town, case_id: int, staff: StaffRow, seen: int | None) -> None:
    with town.database.write() as uow:
        cases.take_over(uow, town.ports, case_id, uow.staff.get(staff.id), seen, town.clock())


def test_an_owner_who_writes_in_time_is_left_in_peace(town: Town, ayse: StaffRow, citizen: Citizen) -> None:
    town.pass_time(minutes=14)
    town.reply(citizen.case_id, ayse, "Hemen bakıyorum.")
    town.pass_time(minutes=300)
    assert happened(town, citizen.case_id, EventKind.OWNER_SILENT) == []
    assert town.case(citizen.case_id).replied_at is not None


def test_an_owner_who_stays_silent_is_reported_to_the_desk_and_then_to_all_coordinators(
    town: Town, citizen: Citizen
) -> None:
    coordinator = town.coordinator()
    town.pass_time(minutes=14)
    assert happened(town, citizen.case_id, EventKind.OWNER_SILENT) == []
    town.pass_time(minutes=2)
    assert [e.data["desk"] for e in happened(town, citizen.case_id, EventKind.ALERTED)][1:] == ["de-koln-bk"]
    town.pass_time(minutes=16)
    assert len(happened(town, citizen.case_id, EventKind.OWNER_SILENT)) == 2
    assert happened(town, citizen.case_id, EventKind.ALERTED)[-1].data["desk"] == "coordination"
    assert town.case(citizen.case_id).status == "accepted", "the case stays with its owner until somebody takes it"
    assert coordinator.active


def test_words_of_the_citizen_start_the_clock_again(town: Town, ayse: StaffRow, citizen: Citizen) -> None:
    town.reply(citizen.case_id, ayse, "Hangi otelde kalıyorsunuz?")
    town.pass_time(minutes=600)
    assert happened(town, citizen.case_id, EventKind.OWNER_SILENT) == []
    citizen.writes("Dom Hotel")
    town.pass_time(minutes=16)
    assert len(happened(town, citizen.case_id, EventKind.OWNER_SILENT)) == 1


def test_a_colleague_takes_over_and_everybody_knows(town: Town, ayse: StaffRow, citizen: Citizen) -> None:
    burak = town.officer("Burak", "de-koln-bk")
    take_over(town, citizen.case_id, burak, ayse.id)
    take_over(town, citizen.case_id, burak, ayse.id)  # a double click
    assert town.case(citizen.case_id).owner_id == burak.id
    (event,) = happened(town, citizen.case_id, EventKind.TAKEN_OVER)
    assert event.data == {"name": "Burak", "former": "Ayşe"}
    assert "Burak" in citizen.reads()[-1].text
    told = [row for row in town.outbox() if row.dedup_key.startswith("taken_over:")]
    assert [row.address for row in told] == [ayse.telegram_chat]
    with pytest.raises(CaseError):
        town.reply(citizen.case_id, ayse, "Ben de buradayım")


def test_of_two_who_take_over_at_once_one_learns_of_the_other(town: Town, ayse: StaffRow, citizen: Citizen) -> None:
    burak, can = town.officer("Burak", "de-koln-bk"), town.officer("Can", "de-koln-bk")
    take_over(town, citizen.case_id, burak, ayse.id)
    with pytest.raises(CaseError) as refused:
        take_over(town, citizen.case_id, can, ayse.id)
    assert refused.value.args_for_text == {"name": "Burak"}


def test_a_stalled_case_is_found_and_moves_on(town: Town) -> None:
    town.officer("Ayşe", "de-koln-bk")
    citizen = town.citizen()
    citizen.writes(STOLEN)
    with town.database.write() as uow:
        uow.cases.get(citizen.case_id).due_at = None  # as a bug would leave it
    assert watch(town.ports) == [f"stalled:{citizen.case_id}"]
    assert watch(town.ports) == [], "once is enough"
    town.pass_time(seconds=1)
    assert happened(town, citizen.case_id, EventKind.STALLED)
    assert town.case(citizen.case_id).desk_id == "coordination"


def test_a_case_that_the_sweep_moves_in_time_is_never_called_stalled(town: Town) -> None:
    citizen = town.citizen()
    citizen.writes(STOLEN)
    for _ in range(50):
        town.pass_time(minutes=1)
        assert watch(town.ports) == []


def test_events_changed_by_hand_are_found(town: Town, citizen: Citizen) -> None:
    assert watch(town.ports) == []
    with town.database.write() as uow:
        uow.cases.events(citizen.case_id)[0].data = {"label": "thanks"}
    assert watch(town.ports) == [f"tampered:{citizen.case_id}", f"differs:{citizen.case_id}"]
    with town.database.read() as uow:
        assert uow.cases.broken_at(citizen.case_id) == 1


def test_a_frozen_worker_is_seen_from_outside(town: Town) -> None:
    with town.database.write() as uow:
        uow.heartbeats.beat("escalate", town.clock())
        uow.heartbeats.beat("escalate", town.clock() + timedelta(seconds=5))
    with town.database.read() as uow:
        assert uow.heartbeats.all() == {"escalate": town.clock() + timedelta(seconds=5)}


def transfer(town: Town, case_id: int, staff: StaffRow, desk: str) -> None:
    with town.database.write() as uow:
        handing_on.transfer(
            uow, town.ports, case_id, uow.staff.get(staff.id), desk, "kelimesi kelimesine", town.clock()
        )


def snooze(town: Town, case_id: int, staff: StaffRow, **time: float) -> None:
    with town.database.write() as uow:
        until = town.clock() + timedelta(**time)
        handing_on.snooze(uow, case_id, uow.staff.get(staff.id), until, town.clock())


def test_a_case_is_handed_to_another_desk_with_its_story(town: Town, ayse: StaffRow, citizen: Citizen) -> None:
    emine = town.officer("Emine", "de-berlin-be")
    transfer(town, citizen.case_id, ayse, "de-berlin-be")
    case = town.case(citizen.case_id)
    assert (case.status, case.owner_id, case.desk_id) == ("open", None, "de-berlin-be")
    assert "Berlin" in citizen.reads()[-1].text
    assert [row.address for row in town.outbox() if "transferred" in row.dedup_key] == [emine.telegram_chat]
    (event,) = happened(town, citizen.case_id, EventKind.TRANSFERRED)
    assert event.data["text"] == "kelimesi kelimesine"
    assert "kelimesi" not in " ".join(row.text for row in citizen.reads()), "the note is for the desk"
    town.pass_time(minutes=16)
    assert town.case(citizen.case_id).desk_id == "coordination", "the clock started anew, and nobody there took it"
    assert watch(town.ports) == []


@pytest.mark.parametrize(
    ("desk", "code"), [("de-koln-bk", "same_desk"), ("nowhere", "unknown_desk"), ("", "unknown_desk")]
)
def test_a_case_cannot_be_handed_to_nobody(town: Town, ayse: StaffRow, citizen: Citizen, desk: str, code: str) -> None:
    with pytest.raises(CaseError) as refused:
        transfer(town, citizen.case_id, ayse, desk)
    assert refused.value.code == code
    assert town.case(citizen.case_id).owner_id == ayse.id


def test_a_case_rests_until_its_time_or_until_the_citizen_writes(town: Town, ayse: StaffRow, citizen: Citizen) -> None:
    with pytest.raises(CaseError, match="write_first"):
        snooze(town, citizen.case_id, ayse, hours=2)
    town.reply(citizen.case_id, ayse, "Yarın sabah konsolosluk açılınca arayacağım.")
    with pytest.raises(CaseError, match="snooze_too_long"):
        snooze(town, citizen.case_id, ayse, days=3)
    snooze(town, citizen.case_id, ayse, hours=2)
    town.pass_time(minutes=110)
    assert happened(town, citizen.case_id, EventKind.OWNER_SILENT) == []
    town.pass_time(minutes=11)
    assert [row.address for row in town.outbox() if row.dedup_key.startswith("snooze:")] == [ayse.telegram_chat]
    town.pass_time(minutes=16)
    assert len(happened(town, citizen.case_id, EventKind.OWNER_SILENT)) == 1, "awake again: the clock runs"
    snooze(town, citizen.case_id, ayse, hours=2)
    citizen.writes("Bir haber var mı?")
    town.pass_time(minutes=16)
    assert len(happened(town, citizen.case_id, EventKind.OWNER_SILENT)) == 2, "words of the citizen end the rest"


def test_danger_to_life_never_rests(town: Town, ayse: StaffRow) -> None:
    citizen = town.citizen("other")
    citizen.writes("Babam nefes almıyor, Köln'deyiz!")
    town.accept(citizen.case_id, ayse)
    town.reply(citizen.case_id, ayse, "Yoldayım.")
    with pytest.raises(CaseError, match="no_snooze_for_life"):
        snooze(town, citizen.case_id, ayse, minutes=10)
