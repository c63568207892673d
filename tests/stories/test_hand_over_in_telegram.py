"""An officer does everything in Telegram: accept, read the story, answer, hear the citizen, close."""

from __future__ import annotations

import pytest

from bot.domain.cases import EventKind
from bot.services import cases
from bot.services.duty_chat_story import offer
from tests.harness.bot_api_people import TelegramUser
from tests.harness.duty_town import STOLEN, DutyTown, accepted, happened, in_need

SECRET_WORDS = "Hotel Regent, room 12"


def test_from_the_alert_to_the_end_without_the_console(duty: DutyTown, ayse: TelegramUser) -> None:
    citizen = in_need(duty)
    case_id = citizen.case_id
    (alert,) = ayse.reads()
    assert STOLEN not in alert
    assert ayse.buttons() == ["Accept"]

    ayse.presses("Accept")
    duty.happens()
    assert duty.town.case(case_id).owner_id == duty.staff(ayse).id
    story = ayse.reads()[-1]
    for part in (
        f"Case {case_id}: Passport lost",
        "urgent",
        "Place: Köln, Germany",
        "openstreetmap",
        "English",
        STOLEN,
    ):
        assert part in story, part
    assert ayse.shown() == [""]
    assert any("Ayşe" in line.text for line in citizen.reads())

    ayse.replies("Good evening. Where do you stay tonight?", to=STOLEN)
    duty.happens()
    assert [(m.author, m.name, m.text) for m in citizen.reads()][-1] == (
        "officer", "Ayşe", "Good evening. Where do you stay tonight?",
    )  # fmt: skip
    assert ayse.reads()[-1] == f"Case {case_id}: passed on to the citizen."

    assert citizen.writes(SECRET_WORDS) == [], "the bot never speaks over a person"
    duty.deliver()
    assert f"Case {case_id}, " in ayse.reads()[-1]
    assert ayse.reads()[-1].endswith(SECRET_WORDS)

    ayse.writes("Come to us at nine.")
    duty.happens()
    assert citizen.reads()[-1].text == "Come to us at nine."

    ayse.presses("Close the case")
    duty.happens()
    assert ayse.buttons() == ["helped", "referred to another body", "the citizen did not answer", "no emergency"]
    ayse.presses("helped")
    duty.happens()
    case = duty.town.case(case_id)
    assert (case.status, case.outcome) == ("closed", "helped")
    assert ayse.reads()[-1] == f"Case {case_id} is closed: helped. The citizen has been told."


def test_two_officers_press_at_once_and_one_has_it(duty: DutyTown, ayse: TelegramUser, burak: TelegramUser) -> None:
    citizen = in_need(duty)
    first, second = ayse.presses("Accept"), burak.presses("Accept")
    duty.happens(second, first)
    assert duty.town.case(citizen.case_id).owner_id == duty.staff(burak).id
    assert ayse.shown() == [f"Case {citizen.case_id}: Burak has it. Nothing was changed."]
    assert ayse.reads()[-1] == ayse.shown()[-1], "a bubble is gone in a moment, the message stays"
    assert all(STOLEN not in text for text in ayse.reads())
    assert ayse.buttons() == ["Take over from Burak"]
    ayse.presses("Take over from Burak")
    duty.happens()
    assert duty.town.case(citizen.case_id).owner_id == duty.staff(ayse).id
    assert STOLEN in ayse.reads()[-1]
    assert any("Ayşe took over" in text for text in burak.reads())


def test_in_the_group_the_first_press_wins_and_nothing_of_the_citizens_words_is_ever_said(
    duty: DutyTown, ayse: TelegramUser, burak: TelegramUser
) -> None:
    group = duty.group()
    citizen = in_need(duty)
    group.presses(burak, "Kabul et" if "Kabul et" in str(duty.fake.sent(group.chat_id)) else "Accept")
    duty.happens()
    assert burak.shown() == [f"Case {citizen.case_id} is yours. Its story is in our private chat."]
    assert STOLEN in burak.reads()[-1]
    assert group.reads()[-1] == f"Case {citizen.case_id}: Burak has it."
    group.presses(ayse, "Accept")
    duty.happens()
    assert ayse.shown() == [f"Case {citizen.case_id}: Burak has it. Nothing was changed."]
    citizen.writes(SECRET_WORDS)
    burak.writes("I am looking into it")
    duty.happens()
    group.hears_reply(ayse, "Who is it?")
    duty.happens()
    assert group.reads()[-1] == "Answer in our private chat. Nothing that is written here goes to a citizen."
    said = "\n".join(group.reads())
    for words in (STOLEN, "passport was", SECRET_WORDS, "looking into it"):
        assert words not in said
    assert "Who is it?" not in [line.text for line in citizen.reads()]


def test_a_stranger_who_presses_in_the_group_changes_nothing_and_is_told_how_to_connect(
    duty: DutyTown, ayse: TelegramUser
) -> None:
    group = duty.group()
    citizen = in_need(duty)
    before = group.reads()
    stranger = duty.fake.user(31337, "en")
    group.presses(stranger, "Accept")
    duty.happens()
    assert duty.town.case(citizen.case_id).status == "open"
    assert "I do not know this Telegram account" in stranger.shown()[0]
    assert group.reads() == before
    assert stranger.reads() == []


def test_somebody_of_another_desk_and_somebody_who_left_change_nothing(duty: DutyTown, ayse: TelegramUser) -> None:
    group = duty.group()
    citizen = in_need(duty)
    other, gone = duty.officer("Other", "fr-paris-bk"), duty.officer("Gone")
    with duty.town.database.write() as uow:
        uow.staff.get(duty.staff(gone).id).active = False
    for person, sentence in ((other, "This case is with another desk."), (gone, "I do not know this Telegram account")):
        group.presses(person, "Accept")
        duty.happens()
        assert sentence in person.shown()[-1]
    assert duty.town.case(citizen.case_id).status == "open"
    boss = duty.coordinator()
    group.presses(boss, "Accept")
    duty.happens()
    assert duty.town.case(citizen.case_id).owner_id == duty.staff(boss).id, "a coordinator may, everywhere"


def test_repeated_updates_have_one_effect(duty: DutyTown, ayse: TelegramUser) -> None:
    citizen = in_need(duty)
    for update in (ayse.presses("Accept"), ayse.writes("I read you"), ayse.writes("/note speaks no German")):
        duty.happens(update, times=5)
    assert happened(duty, citizen.case_id, EventKind.ACCEPTED) == 1
    assert happened(duty, citizen.case_id, EventKind.REPLIED) == 1
    assert happened(duty, citizen.case_id, EventKind.NOTE) == 1
    assert [m.text for m in citizen.reads()].count("I read you") == 1
    assert len(ayse.reads()) == 4, "alert, story, 'passed on', 'note saved'"


def test_double_clicks_change_nothing(duty: DutyTown, ayse: TelegramUser) -> None:
    citizen = accepted(duty, ayse)
    case_id = citizen.case_id
    before = len(ayse.reads())
    ayse.sends_data(f"duty:accept:{case_id}")
    duty.happens()
    assert len(ayse.reads()) == before, "the story stands above already"
    assert "Nothing has changed" in ayse.shown()[-1]
    ayse.presses("Close the case")
    duty.happens()
    ayse.presses("helped")
    ayse.presses("helped")
    duty.happens()
    assert happened(duty, case_id, EventKind.CLOSED) == 1
    assert sum("is closed: helped" in text for text in ayse.reads()) == 1


STALE = ["accept", "story", "close", "done:helped", "transfer", "sure:coordination", "take:1"]


@pytest.mark.parametrize("button", STALE)
def test_a_button_of_a_case_that_was_closed_meanwhile_says_so(
    duty: DutyTown, ayse: TelegramUser, burak: TelegramUser, button: str
) -> None:
    citizen = accepted(duty, burak)
    case_id = citizen.case_id
    duty.town.close_case(case_id, duty.staff(burak), "referred")
    events = len(duty.town.events(case_id))
    verb, _, argument = button.partition(":")
    ayse.sends_data(f"duty:{verb}:{case_id}:{argument}".rstrip(":"))
    duty.happens()
    assert ayse.shown()[-1] == f"Case {case_id} is closed. Nothing was changed."
    assert len(duty.town.events(case_id)) == events


@pytest.mark.parametrize(
    "data", ["duty:", "duty:accept", "duty:accept:x", "duty:accept:999999", "duty:fly:1", "duty:accept:٣"]
)
def test_a_button_that_means_nothing_any_more_says_so(duty: DutyTown, ayse: TelegramUser, data: str) -> None:
    ayse.sends_data(data)
    duty.happens()
    assert ayse.shown() == ["This button belongs to nothing that is still here. Nothing was changed."]


def test_transfer_asks_once_more_and_then_the_case_is_theirs(duty: DutyTown, ayse: TelegramUser) -> None:
    boss = duty.coordinator()
    citizen = accepted(duty, ayse)
    case_id = citizen.case_id
    ayse.presses("Hand to another desk")
    duty.happens()
    assert ayse.buttons()[-1] == "coordination team"
    ayse.presses("coordination team")
    duty.happens()
    assert duty.town.case(case_id).desk_id == "de-koln-bk", "a slip of the thumb hands nothing away"
    ayse.presses("Yes, hand it over")
    duty.happens()
    case = duty.town.case(case_id)
    assert (case.desk_id, case.status, case.owner_id) == ("coordination", "open", None)
    assert ayse.reads()[-1] == f"Case {case_id} is now at this desk: coordination team. The citizen has been told."
    ayse.writes("are you still there?")
    ayse.presses("Yes, hand it over")
    duty.happens()
    assert ayse.shown()[-1].startswith(f"Case {case_id} is not yours: it waits at this desk: coordination team.")
    assert happened(duty, case_id, EventKind.TRANSFERRED) == 1
    boss.presses("Accept")
    duty.happens()
    assert STOLEN in boss.reads()[-1]


def test_citizen_and_officer_both_in_telegram(duty: DutyTown, ayse: TelegramUser) -> None:
    ada = duty.fake.user(42, "en")
    ada.writes(STOLEN)
    duty.happens()
    ayse.presses("Accept")
    duty.happens()
    ada.writes(SECRET_WORDS)
    ayse.writes("Are you safe?")
    duty.happens()
    ada.shares(50.94, 6.96)
    duty.happens()
    assert "Ayşe: Are you safe?" in ada.reads()
    passed_on = [text for text in ayse.reads() if "The citizen:" in text]
    assert SECRET_WORDS in passed_on[0]
    assert "openstreetmap.org/?mlat=50.94000&mlon=6.96000" in passed_on[1]
    assert not any(SECRET_WORDS in text for text in ada.reads())


def test_accepted_at_the_console_the_chat_offers_to_go_on_and_says_nothing_before(
    duty: DutyTown, ayse: TelegramUser
) -> None:
    citizen = in_need(duty)
    with duty.town.database.write() as uow:
        staff = uow.staff.get(duty.staff(ayse).id)
        case = cases.accept(uow, duty.town.ports, citizen.case_id, staff, duty.town.clock())
        offer(uow, duty.town.ports, case, staff, duty.town.clock())
    citizen.writes(SECRET_WORDS)
    duty.deliver()
    assert not any(SECRET_WORDS in text for text in ayse.reads())
    ayse.presses("Answer here")
    duty.happens()
    assert SECRET_WORDS in ayse.reads()[-1]
    citizen.writes("and one more thing")
    duty.deliver()
    assert ayse.reads()[-1].endswith("and one more thing")


def test_an_owner_who_has_left_reads_no_further_word_of_the_citizen(duty: DutyTown, ayse: TelegramUser) -> None:
    citizen = accepted(duty, ayse)
    with duty.town.database.write() as uow:
        uow.staff.get(duty.staff(ayse).id).active = False
    before = ayse.reads()
    citizen.writes(SECRET_WORDS)
    duty.deliver()
    ayse.presses("Show conversation")
    ayse.writes("/cases")
    duty.happens()
    after = ayse.reads()[len(before) :]
    assert not any(SECRET_WORDS in text for text in after)
    assert not any(f"Case {citizen.case_id}" in text for text in after), "not even that there was something"
