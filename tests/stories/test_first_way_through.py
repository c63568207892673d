"""Promises of the first way through, told as stories with a winding clock."""

from __future__ import annotations

import pytest

from bot.domain.cases import CaseError, EventKind
from tests.harness.dialogue import ScriptedDialogue
from tests.harness.town import Town

STOLEN = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"


def said(messages) -> str:
    return "\n".join(message.text for message in messages)


DOUBTFUL = "Hilfe!"  # nobody knows yet what has happened


def kinds(town: Town, case_id: int) -> list[str]:
    return [event.kind for event in town.events(case_id)]


def test_a_stolen_passport_in_cologne_becomes_a_case_at_its_consulate_with_reasons(town: Town) -> None:
    officer = town.officer("Ayşe", "de-koln-bk")
    citizen = town.citizen()

    first, second, *_ = citizen.writes(STOLEN)

    assert first.text.splitlines()[0].find("110") >= 0, "the police number of Germany comes first"
    assert "+49 30 56 83 73 099" in first.text, "the call centre's German access number is on the card"
    case = town.case(citizen.case_id)
    assert (case.label, case.severity) == ("passport_lost_travel", "urgent")
    assert (case.mission_id, case.desk_id) == ("de-koln-bk", "de-koln-bk")
    routed = next(event for event in town.events(case.id) if event.kind == EventKind.ROUTED)
    steps = {step["desk"]: step for step in routed.data["chain"]}
    assert steps["de-koln-bk"]["why_here"]["code"] == "district"
    assert steps["de-koln-bk"]["passed_over"] is None
    assert steps["de-berlin-be"]["why_here"]["code"] == "embassy_not_consular"
    assert steps["de-berlin-be"]["passed_over"]["code"] == "not_set_up"
    assert officer.name not in second.text, "nobody is promised before they have accepted"


def test_the_officer_accepts_and_replies_and_the_bot_stays_silent_until_the_case_is_closed(
    town: Town,
) -> None:
    officer = town.officer("Ayşe", "de-koln-bk")
    citizen = town.citizen()
    citizen.writes(STOLEN)
    seen = citizen.reads()[-1].seq

    town.accept(citizen.case_id, officer)
    case_id = citizen.case_id
    town.reply(case_id, officer, "Merhaba, ben Ayşe. Karakol tutanağınız var mı?")
    told, reply = citizen.reads(seen)
    assert "Ayşe" in told.text
    assert (reply.author, reply.name) == ("officer", "Ayşe")

    assert citizen.writes("evet var, merhaba") == [], "the bot does not speak over a person"
    (number,) = citizen.writes("İmdat! Babam nefes almıyor!")
    assert "112" in number.text, "a number that saves a life is no talk"
    assert len(number.text.splitlines()) == 1
    assert citizen.writes("İmdat! Babam nefes almıyor!") == [], "said once; the person is told each time"
    assert town.case(case_id).severity == "life"
    assert kinds(town, case_id).count(EventKind.CITIZEN_WROTE) == 3

    town.close_case(case_id, officer)
    assert citizen.writes("merhaba"), "afterwards the bot answers again"


def test_a_card_needs_no_place_and_the_place_brings_the_right_numbers(town: Town) -> None:
    citizen = town.citizen()
    first = citizen.writes("Help! My mother is not breathing")
    assert "112" in first[0].text.splitlines()[0]
    assert first[-1].extra.get("ask_location")
    second = said(citizen.writes("we are in Rotterdam"))
    assert "+31 10 766 0007" in second
    assert town.case(citizen.case_id).mission_id == "nl-rotterdam-bk"


def test_a_shared_position_routes_without_a_word(town: Town) -> None:
    citizen = town.citizen()
    citizen.writes("Hilfe, ich werde verfolgt, er hat ein Messer")
    citizen.writes(lat=48.2082, lon=16.3738)
    assert town.case(citizen.case_id).mission_id == "at-viyana-bk"


def test_a_doubtful_message_gets_the_number_and_one_gentle_question(town: Town) -> None:
    citizen = town.citizen()
    (reply,) = citizen.writes(DOUBTFUL)
    assert "112" in reply.text, "the number stands in the same message, before the question"
    assert [button["payload"] for button in reply.extra["buttons"]] == ["/yes", "/no"]
    citizen.presses("/yes")
    assert town.case(citizen.case_id).severity == "life"


def test_no_to_the_gentle_question_opens_nothing(town: Town) -> None:
    citizen = town.citizen()
    citizen.writes(DOUBTFUL)
    citizen.presses("/no")
    with pytest.raises(AssertionError, match="no case"):
        _ = citizen.case_id


def test_nobody_takes_it_so_it_moves_on_and_at_the_end_the_citizen_is_told(town: Town) -> None:
    town.officer("Ayşe", "de-koln-bk")
    town.officer("Emine", "de-berlin-be")
    citizen = town.citizen()
    citizen.writes(STOLEN)
    case_id = citizen.case_id

    town.pass_time(minutes=14)
    assert town.case(case_id).desk_id == "de-koln-bk"
    town.pass_time(minutes=2)
    assert town.case(case_id).desk_id == "de-berlin-be"
    town.pass_time(minutes=16)
    assert town.case(case_id).desk_id == "coordination"
    assert EventKind.COORDINATORS_ALARMED in kinds(town, case_id)
    assert "+49 30 56 83 73 099" in citizen.reads()[-1].text
    town.pass_time(minutes=16)
    alarms = [text for text in kinds(town, case_id) if text == EventKind.COORDINATORS_ALARMED]
    assert len(alarms) == 2, "coordinators are alarmed again until somebody takes it"
    told = [m for m in citizen.reads() if m.text == citizen.reads()[-1].text]
    assert len(told) == 1, "the citizen is told once"


def test_two_officers_accept_at_once_and_one_of_them_is_told_who_has_it(town: Town) -> None:
    first, second = town.officer("Ayşe", "de-koln-bk"), town.officer("Mehmet", "de-koln-bk")
    citizen = town.citizen()
    citizen.writes(STOLEN)
    town.accept(citizen.case_id, first)
    with pytest.raises(CaseError) as refused:
        town.accept(citizen.case_id, second)
    assert refused.value.args_for_text == {"name": "Ayşe"}
    town.accept(citizen.case_id, first)  # a double click does no harm
    assert kinds(town, citizen.case_id).count(EventKind.ACCEPTED) == 1


def test_a_person_taking_over_while_the_dialogue_engine_thinks_silences_the_bot(make_town) -> None:
    dialogue = ScriptedDialogue({"greet": [{"directive": "say", "key": "say.greet"}]})
    town = make_town(dialogue=dialogue)
    officer = town.officer("Ayşe", "de-koln-bk")
    citizen = town.citizen()
    citizen.writes(STOLEN)
    case_id = citizen.case_id
    dialogue.before_answering = lambda: town.accept(case_id, officer)
    seen = citizen.reads()[-1].seq
    citizen.writes("merhaba")
    assert [m.author for m in citizen.reads(seen)] == ["bot"], "only 'Ayşe has taken it'"
    assert "Ayşe" in citizen.reads(seen)[0].text


@pytest.mark.parametrize("repeats", [5])
def test_the_same_message_five_times_has_one_effect(town: Town, repeats: int) -> None:
    citizen = town.citizen()
    states = [citizen.sends(STOLEN, external_id="bot:77") for _ in range(repeats)]
    assert states == ["stored"] + ["repeat"] * (repeats - 1)
    replies = citizen.writes("tamam")
    cards = [m for m in citizen.reads() if "110" in m.text]
    assert len(cards) == 1
    assert replies


def test_is_anyone_coming_is_answered_from_the_events(town: Town) -> None:
    officer = town.officer("Ayşe", "de-koln-bk")
    citizen = town.citizen()
    citizen.writes(STOLEN)
    before = said(citizen.presses("/status"))
    assert "Ayşe" not in before
    town.accept(citizen.case_id, officer)
    assert "Ayşe" in said(citizen.presses("/status"))


def test_saying_where_instead_of_whether_keeps_the_question_open(town: Town) -> None:
    citizen = town.citizen()
    citizen.writes(DOUBTFUL)
    (again,) = citizen.writes("Utrecht")
    assert "+31 10 766 0007" in again.text
    assert [button["payload"] for button in again.extra["buttons"]] == ["/yes", "/no"]
    citizen.presses("/yes")
    assert town.case(citizen.case_id).mission_id == "nl-amsterdam-bk"


def test_a_typed_yes_to_the_question_about_danger_reaches_the_dialogue_as_that_danger(make_town) -> None:
    dialogue = ScriptedDialogue()
    town = make_town(dialogue=dialogue)
    citizen = town.citizen()
    citizen.writes(DOUBTFUL)
    citizen.writes("ja")
    label = town.case(citizen.case_id).label
    _, _, metadata = dialogue.turns[-1]
    assert (metadata["understanding"]["label"], metadata["understanding"]["crisis"]) == (label, "certain")
    assert metadata["case"] == citizen.case_id
