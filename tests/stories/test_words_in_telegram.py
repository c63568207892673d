"""Whose words go where: an officer with several cases, with none, and what is never passed on."""

from __future__ import annotations

from tests.harness.bot_api_people import TelegramUser
from tests.harness.duty_town import STOLEN, DutyTown, accepted, in_need

SECRET_WORDS = "Hotel Regent, room 12"


def test_with_several_cases_nothing_is_sent_until_it_is_clear_for_whom_and_the_words_are_kept(
    duty: DutyTown, ayse: TelegramUser
) -> None:
    first = accepted(duty, ayse, "first")
    second = accepted(duty, ayse, "second")
    ayse.writes("Please go to the police")
    duty.happens()
    assert "Which one is this for?" in ayse.reads()[-1]
    assert not {"Please go to the police"} & {m.text for citizen in (first, second) for m in citizen.reads()}
    title = f"Case {second.case_id}: Passport lost while travelling"
    assert title in ayse.buttons()
    ayse.presses(title)
    ayse.presses(title)
    ayse.presses(f"Case {first.case_id}: Passport lost while travelling")
    duty.happens()
    assert [m.text for m in second.reads()].count("Please go to the police") == 1
    assert "Please go to the police" not in [m.text for m in first.reads()], "the same words go to one person only"
    assert "was used already" in ayse.reads()[-1]
    ayse.replies("And this is for you", to=f"Case {first.case_id}: Passport")
    duty.happens()
    assert first.reads()[-1].text == "And this is for you"


def test_kept_words_are_only_their_writers(duty: DutyTown, ayse: TelegramUser, burak: TelegramUser) -> None:
    accepted(duty, ayse, "first")
    accepted(duty, ayse, "second")
    third = accepted(duty, burak, "third")
    ayse.writes("for one of mine")
    duty.happens()
    with duty.town.database.read() as uow:
        newest = max(row for row in range(1, 50) if uow.inbox.get(row))
    burak.sends_data(f"duty:say:{third.case_id}:{newest}")
    duty.happens()
    assert "belongs to nothing" in burak.shown()[-1]
    assert "for one of mine" not in [m.text for m in third.reads()]


def test_a_reply_to_an_old_alert_gets_a_sentence_and_goes_nowhere(
    duty: DutyTown, ayse: TelegramUser, burak: TelegramUser
) -> None:
    citizen = in_need(duty)
    ayse.replies("I take it", to=f"Case {citizen.case_id}")
    duty.happens()
    assert "is not yours: it waits at this desk" in ayse.reads()[-1]
    assert ayse.buttons() == ["Accept"]
    burak.presses("Accept")
    duty.happens()
    ayse.replies("I take it", to=f"Case {citizen.case_id}: Passport")
    duty.happens()
    assert ayse.reads()[-1] == f"Case {citizen.case_id}: Burak has it. Nothing was changed."
    assert "I take it" not in [m.text for m in citizen.reads()]


def test_staff_without_a_case_are_citizens_like_everybody(duty: DutyTown, ayse: TelegramUser) -> None:
    ayse.writes(STOLEN)
    duty.happens()
    with duty.town.database.read() as uow:
        row = uow.conversations.by_key(f"telegram:4242:{ayse.chat_id}")
    assert row is not None
    assert row.case_id is not None, "a stolen passport is a stolen passport"
    assert any("110" in text for text in ayse.reads())
    ayse.replies("At the station", to="110")
    duty.happens()
    assert not any("Nothing was changed" in text for text in ayse.reads()), "that was the citizen's own conversation"


def test_the_list_of_cases_has_a_button_for_each(duty: DutyTown, ayse: TelegramUser) -> None:
    ayse.writes("/cases")
    duty.happens()
    assert ayse.reads()[-1] == "You have no case, and none waits at your desks."
    mine, waiting = accepted(duty, ayse, "first"), in_need(duty, "second")
    ayse.writes("/cases")
    duty.happens()
    own, others = ayse.reads()[-2:]
    assert own.startswith("Your cases:")
    assert f"Case {mine.case_id}: " in own
    assert f"Case {waiting.case_id}: " in others
    assert "stolen" not in own + others, "numbers and kinds, not a word of the citizen's"
    ayse.presses(f"Accept case {waiting.case_id}")
    duty.happens()
    assert duty.town.case(waiting.case_id).owner_id == duty.staff(ayse).id


def test_what_cannot_be_passed_on_is_said_and_a_command_never_reaches_the_citizen(
    duty: DutyTown, ayse: TelegramUser
) -> None:
    citizen = accepted(duty, ayse)
    before = len(citizen.reads())
    ayse.shares(50.94, 6.96)
    ayse.writes("/notes are fine")
    ayse.writes("/note")
    duty.happens()
    only_words, unknown, how = ayse.reads()[-3:]
    assert "I pass on words only" in only_words
    assert "I do not know this command" in unknown
    assert "Write /note and then the text" in how
    assert len(citizen.reads()) == before


def test_show_conversation_shows_what_both_said_and_is_noted(duty: DutyTown, ayse: TelegramUser) -> None:
    citizen = accepted(duty, ayse)
    citizen.writes("ş" * 5_000)
    duty.happens(ayse.writes("I have read it"))
    ayse.presses("Show conversation")
    duty.happens()
    shown = "\n".join(ayse.reads())
    assert "ş" * 1_000 in shown
    assert "Ayşe: I have read it" in shown
    with duty.town.database.read() as uow:
        read = [row for row in uow.audit.newest() if row.action == "read" and row.subject == f"case:{citizen.case_id}"]
    assert len(read) == 2, "the story and the conversation"


def test_of_a_picture_the_owner_hears_that_it_is_there(duty: DutyTown, ayse: TelegramUser) -> None:
    citizen = accepted(duty, ayse)
    photo = {"kind": "photo", "remote_id": "f1", "mime": "image/jpeg", "size": 10, "name": "passport.jpg"}
    citizen.writes("This is the report", attachments=[photo])
    duty.deliver()
    assert "This is the report" in ayse.reads()[-1]
    assert f"the console shows it: http://town.test/console/cases/{citizen.case_id}" in ayse.reads()[-1]
