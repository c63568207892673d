"""Pictures, recordings and places are passed on to people; nobody is told that they were read."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.cases import EventKind
from bot.i18n.catalogues import text
from bot.storage.tables import MessageRow
from bot.storage.tables_cases import AttachmentRow
from bot.storage.tables_staff import StaffRow
from tests.harness.town import Citizen, Town

STOLEN = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"
PHOTO = {"kind": "photo", "remote_id": "file-1", "mime": "image/jpeg", "size": 1234, "name": ""}


@pytest.fixture
def ayse(town: Town) -> StaffRow:
    return town.officer("Ayşe", "de-koln-bk")


def sends_a_photo(citizen: Citizen, caption: str = "", **more: Any) -> list[MessageRow]:
    fields = more if caption else more | {"unreadable": "attachment"}
    return citizen.writes(caption, attachments=[PHOTO], **fields)


def kept(town: Town) -> list[AttachmentRow]:
    with town.database.read() as uow:
        return list(uow.session.query(AttachmentRow))


def test_without_a_case_the_truth_and_the_way_to_a_person(town: Town, ayse: StaffRow) -> None:
    citizen = town.citizen("77", "telegram")
    (line,) = sends_a_photo(citizen)
    assert line.text == text("files.only_people", line.language)
    assert [button["payload"] for button in line.extra["buttons"]] == ["/human"]
    assert sends_a_photo(citizen) == [], "an album is ten messages: one answer"
    town.pass_time(minutes=5)
    assert sends_a_photo(citizen), "another picture, another day"
    citizen.presses("/human")
    assert town.case(citizen.case_id).status == "open"
    assert [(row.kind, row.remote_id, row.channel) for row in kept(town)] == [("photo", "file-1", "telegram")] * 3


def test_in_an_open_case_the_citizen_is_told_once_that_it_will_be_seen(town: Town, ayse: StaffRow) -> None:
    citizen = town.citizen("77", "telegram")
    citizen.writes(STOLEN)
    assert [line.text for line in sends_a_photo(citizen)] == [text("files.passed_on", "tr")]
    assert sends_a_photo(citizen) == []
    wrote = [e for e in town.events(citizen.case_id) if e.kind == EventKind.CITIZEN_WROTE]
    assert len(wrote) == 2, "the case shows that something came"


def test_while_a_person_has_it_the_bot_stays_silent_and_the_owner_is_told(town: Town, ayse: StaffRow) -> None:
    citizen = town.citizen("77", "telegram")
    citizen.writes(STOLEN)
    town.accept(citizen.case_id, ayse)
    assert sends_a_photo(citizen) == []
    assert len(kept(town)) == 1
    assert [row.address for row in town.outbox() if row.dedup_key.startswith("wrote:")] == [ayse.telegram_chat]


def test_a_cry_for_help_under_a_picture_is_heard_and_the_number_comes_first(town: Town, ayse: StaffRow) -> None:
    citizen = town.citizen("77", "telegram")
    lines = sends_a_photo(citizen, "Babam nefes almıyor, Köln'deyiz!")
    assert "112" in lines[0].text
    assert lines[-1].text == text("files.passed_on", "tr")
    assert town.case(citizen.case_id).severity == "life"


def test_an_ordinary_caption_is_answered_and_the_picture_is_not_pretended_to_be_read(town: Town) -> None:
    citizen = town.citizen("77", "telegram")
    lines = [line.text for line in sends_a_photo(citizen, "Pasaport yenilemek için ne gerekiyor?")]
    assert text("files.only_people_too", "tr") in lines
    assert len(lines) > 1, "and the question has its answer"


def test_a_place_shared_with_a_person_is_in_the_case_and_not_routed_again(town: Town, ayse: StaffRow) -> None:
    town.officer("Emine", "de-berlin-be")
    citizen = town.citizen()
    citizen.writes(STOLEN)
    town.accept(citizen.case_id, ayse)
    assert citizen.writes(lat=52.52, lon=13.405) == []
    details = [e.data for e in town.events(citizen.case_id) if e.kind == EventKind.DETAIL]
    assert details == [{"slot": "place", "value": "Mitte (52.52000, 13.40500)"}]
    case = town.case(citizen.case_id)
    assert (case.desk_id, case.owner_id, case.status) == ("de-koln-bk", ayse.id, "accepted")
    assert len([e for e in town.events(citizen.case_id) if e.kind == EventKind.ROUTED]) == 1
