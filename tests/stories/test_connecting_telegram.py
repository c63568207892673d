"""Nobody knows the number of their chat: one-time codes connect people and groups, and what is lost is noticed."""

from __future__ import annotations

import pytest

from bot.services.duty_chat_links import group_lost_at
from bot.storage.tables_staff import StaffRow
from tests.harness.bot_api import Fault
from tests.harness.duty_town import GROUP, STOLEN, DutyTown, accepted


@pytest.fixture
def deniz(duty: DutyTown) -> StaffRow:
    """An officer whose Telegram is not connected."""
    staff = duty.town.officer("Deniz", "de-koln-bk", telegram=None)
    with duty.town.database.write() as uow:
        uow.staff.get(staff.id).language = "en"
    return staff


def code_for(duty: DutyTown, *, staff: StaffRow | None = None, desk: str | None = None) -> str:
    with duty.town.database.write() as uow:
        return uow.telegram_links.issue(duty.town.clock(), staff_id=staff.id if staff else None, desk_id=desk)


def chat_of(duty: DutyTown, staff: StaffRow) -> str | None:
    with duty.town.database.read() as uow:
        return uow.staff.get(staff.id).telegram_chat


def test_a_person_connects_with_the_code_and_gets_alerts(duty: DutyTown, deniz: StaffRow) -> None:
    phone = duty.fake.user(7001, "en")
    phone.writes(f"/start link_{code_for(duty, staff=deniz)}")
    duty.happens()
    assert phone.reads() == [
        "Connected, Deniz. Your alerts arrive here, and you can answer citizens from here. /cases lists your cases."
    ]
    duty.town.citizen().writes(STOLEN)
    duty.deliver()
    assert phone.buttons() == ["Accept"]


WRONG = [
    ("used before", "used"),
    ("too old", "old"),
    ("replaced by a newer one", "replaced"),
    ("of a person who may not sign in any more", "inactive"),
    ("made up", "made up"),
    ("of a desk", "desk"),
]


@pytest.mark.parametrize("why", [row[1] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_code_that_does_not_work_connects_nobody_and_says_so(duty: DutyTown, deniz: StaffRow, why: str) -> None:
    code = code_for(duty, staff=deniz) if why != "desk" else code_for(duty, desk="de-koln-bk")
    if why == "used":
        duty.happens(duty.fake.user(7000, "en").writes(f"/start link_{code}"))
    elif why == "old":
        duty.town.clock.forward(minutes=31)
    elif why == "replaced":
        code_for(duty, staff=deniz)
    elif why == "inactive":
        with duty.town.database.write() as uow:
            uow.staff.get(deniz.id).active = False
    elif why == "made up":
        code = "0" * 20
    before = chat_of(duty, deniz)
    phone = duty.fake.user(7001, "en")
    phone.writes(f"/start link_{code}")
    duty.happens()
    assert chat_of(duty, deniz) == before
    assert phone.reads()[-1].startswith("This code does not work")


def test_a_chat_belongs_to_one_person_only(duty: DutyTown, deniz: StaffRow) -> None:
    ayse = duty.officer("Ayşe")
    ayse.writes(f"/start link_{code_for(duty, staff=deniz)}")
    duty.happens()
    assert chat_of(duty, deniz) is None
    assert "connected to somebody else" in ayse.reads()[-1]


def test_a_chat_that_is_replaced_hears_of_it(duty: DutyTown) -> None:
    ayse = duty.officer("Ayşe")
    staff, other = duty.staff(ayse), duty.fake.user(7001, "en")
    duty.happens(other.writes(f"/start link_{code_for(duty, staff=staff)}"), times=2)
    assert chat_of(duty, staff) == "7001"
    assert len(ayse.reads()) == 1
    assert ayse.reads()[0].startswith("Your alerts go to another Telegram chat from now on, not to this one.")
    duty.happens(other.writes(f"/start link_{code_for(duty, staff=staff)}"))
    assert len(ayse.reads()) == 1
    assert not any("another Telegram chat" in text for text in other.reads()), "the same chat again is no other"


def test_on_another_phone_the_story_is_told_anew(duty: DutyTown) -> None:
    ayse = duty.officer("Ayşe")
    staff, other = duty.staff(ayse), duty.fake.user(7001, "en")
    citizen = accepted(duty, ayse)
    ayse.presses("Show conversation")
    duty.happens(other.writes(f"/start link_{code_for(duty, staff=staff)}"))
    other.writes("/cases")
    duty.happens()
    other.presses(f"Case {citizen.case_id}")
    duty.happens()
    assert STOLEN in other.reads()[-1]
    other.presses("Show conversation")
    duty.happens()
    assert len([text for text in other.reads() if STOLEN in text]) == 2


def test_a_chat_stays_with_one_person_when_its_former_owner_comes_back(duty: DutyTown, deniz: StaffRow) -> None:
    ayse = duty.officer("Ayşe")
    former = duty.staff(ayse)
    with duty.town.database.write() as uow:
        uow.staff.get(former.id).active = False
    duty.happens(ayse.writes(f"/start link_{code_for(duty, staff=deniz)}"))
    with duty.town.database.write() as uow:
        uow.staff.get(former.id).active = True
    assert (chat_of(duty, former), chat_of(duty, deniz)) == (None, str(ayse.chat_id))
    assert duty.staff(ayse).id == deniz.id


def test_the_code_itself_is_stored_nowhere(duty: DutyTown, deniz: StaffRow) -> None:
    code = code_for(duty, staff=deniz)
    duty.happens(duty.fake.user(7001, "en").writes(f"/start link_{code}"))
    stored = (duty.town.folder / "hemsehri.db").read_bytes() + (duty.town.folder / "hemsehri.db-wal").read_bytes()
    assert code.encode() not in stored
    assert b"telegram_linked" in stored, "we did look at what is stored"


def test_start_from_a_poster_stays_a_citizens_start(duty: DutyTown) -> None:
    phone = duty.fake.user(7001, "en")
    phone.writes("/start from-a-poster")
    duty.happens()
    assert phone.reads()[0].startswith("Hello! I am Hemşehri")


@pytest.mark.parametrize("words", ["/desk {code}", "/desk@hemsehri_bot {code}", "/start@hemsehri_bot desk_{code}"])
def test_a_group_connects_with_the_desks_code(duty: DutyTown, deniz: StaffRow, words: str) -> None:
    group, somebody = duty.fake.group(GROUP), duty.fake.user(7001, "en")
    group.hears(somebody, words.format(code=code_for(duty, desk="de-koln-bk")))
    duty.happens()
    assert duty.desk().telegram_group == str(GROUP)
    assert group.reads() == ["This group now gets the alerts of this desk: Consulate General of Türkiye in Köln."]
    group.hears(somebody, words.format(code="0" * 20))
    group.hears(somebody, "/desk")
    duty.happens()
    assert group.reads()[1].startswith("This code does not work")
    assert group.reads()[2] == "Write /desk and the code from the desk's page in the console."


def test_a_persons_code_does_not_connect_a_group(duty: DutyTown, deniz: StaffRow) -> None:
    group = duty.fake.group(GROUP)
    group.hears(duty.fake.user(7001, "en"), f"/desk {code_for(duty, staff=deniz)}")
    duty.happens()
    assert duty.desk().telegram_group is None


def test_a_desk_with_only_a_group_gets_the_case(duty: DutyTown, deniz: StaffRow) -> None:
    group = duty.group()
    citizen = duty.town.citizen()
    citizen.writes(STOLEN)
    duty.deliver()
    assert duty.town.case(citizen.case_id).desk_id == "de-koln-bk", "the group reaches its people"
    assert len(group.reads()) == 1


@pytest.mark.parametrize("told", [True, False], ids=["when we are told", "when a message is refused"])
def test_a_group_that_becomes_a_supergroup_is_followed(duty: DutyTown, told: bool) -> None:
    duty.officer("Ayşe")
    group = duty.group()
    new = group.becomes_a_supergroup(-1_000_500, told=told)
    duty.happens()
    duty.town.citizen().writes(STOLEN)
    duty.deliver()
    duty.town.clock.forward(seconds=1)
    duty.deliver()
    assert duty.desk().telegram_group == "-1000500"
    assert len(new.reads()) == 1
    assert group.reads() == []


def test_thrown_out_of_a_group_the_coordinators_hear_of_it(duty: DutyTown) -> None:
    ayse, boss = duty.officer("Ayşe"), duty.coordinator()
    group = duty.group()
    update = group.throws_the_bot_out(ayse)
    duty.happens(update, times=5)
    assert duty.desk().telegram_group is None
    assert len(boss.reads()) == 1
    assert "I was removed from the Telegram group of this desk" in boss.reads()[0]
    with duty.town.database.read() as uow:
        assert group_lost_at(uow, "de-koln-bk") == duty.town.clock()


def test_an_officer_hears_when_their_words_cannot_be_delivered(duty: DutyTown) -> None:
    ayse, ada = duty.officer("Ayşe"), duty.fake.user(42, "en")
    ada.writes(STOLEN)
    duty.happens()
    ayse.presses("Accept")
    duty.happens()
    duty.fake.script("sendMessage", Fault.blocked())
    ayse.writes("Are you safe?")
    duty.happens()
    assert any("could not be delivered to the citizen" in text for text in ayse.reads())
