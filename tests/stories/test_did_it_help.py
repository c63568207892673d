"""'Did it help?': asked once, answered by button or in words, and a 'no' leads back to a person."""

from __future__ import annotations

import pytest

from bot.domain.cases import EventKind
from bot.i18n.catalogues import text
from bot.services.watch import watch
from bot.storage.tables import CaseEventRow
from bot.storage.tables_staff import StaffRow
from tests.harness.dialogue import ScriptedDialogue
from tests.harness.town import Citizen, Town

STOLEN = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"


@pytest.fixture
def ayse(town: Town) -> StaffRow:
    return town.officer("Ayşe", "de-koln-bk")


def closed_case(town: Town, ayse: StaffRow, words: str = STOLEN, outcome: str = "helped") -> tuple[Citizen, int]:
    citizen = town.citizen()
    citizen.writes(words)
    case_id = citizen.case_id
    town.accept(case_id, ayse)
    town.close_case(case_id, ayse, outcome)
    return citizen, case_id


def answers(town: Town, case_id: int) -> list[CaseEventRow]:
    return [event for event in town.events(case_id) if event.kind == EventKind.HELPED]


def payloads(citizen: Citizen) -> list[str]:
    return [button["payload"] for button in citizen.reads()[-1].extra.get("buttons", [])]


def test_the_question_comes_after_the_closing_words_with_two_buttons(town: Town, ayse: StaffRow) -> None:
    citizen, case_id = closed_case(town, ayse)
    assert [line.text for line in citizen.reads()][-2:] == [text("status.closed_now", "tr"), text("helped.ask", "tr")]
    assert payloads(citizen) == [f"/helped yes {case_id}", f"/helped no {case_id}"]


def test_on_telegram_the_same_question_is_delivered(town: Town, ayse: StaffRow) -> None:
    citizen = town.citizen("77", "telegram")
    citizen.writes(STOLEN)
    case_id = citizen.case_id
    town.accept(case_id, ayse)
    town.close_case(case_id, ayse)
    asked = [row.body for row in town.outbox() if row.address == "77"][-1]
    assert asked["text"] == text("helped.ask", "tr")
    assert [button["payload"] for button in asked["buttons"]] == [f"/helped yes {case_id}", f"/helped no {case_id}"]


WAYS = [
    ("the button", {"payload": "/helped yes {case}"}, True),
    ("the other button", {"payload": "/helped no {case}"}, False),
    ("the button's word, typed", {"text": "Evet"}, True),
    ("the other word, typed", {"text": "hayır"}, False),
]


@pytest.mark.parametrize(("way", "helped"), [row[1:] for row in WAYS], ids=[row[0] for row in WAYS])
def test_an_answer_is_kept_with_the_case_and_thanked_for(
    town: Town, ayse: StaffRow, way: dict[str, str], helped: bool
) -> None:
    citizen, case_id = closed_case(town, ayse)
    (line,) = citizen.writes(**{name: value.format(case=case_id) for name, value in way.items()})
    assert line.text == text("helped.thanks_yes" if helped else "helped.thanks_no", "tr")
    assert town.case(case_id).helped is helped
    assert [event.data for event in answers(town, case_id)] == [{"helped": helped}]


def test_the_same_answer_again_adds_nothing_and_another_one_corrects_it(town: Town, ayse: StaffRow) -> None:
    citizen, case_id = closed_case(town, ayse)
    for word in ("yes", "yes", "no", "no"):
        citizen.presses(f"/helped {word} {case_id}")
    assert [event.data["helped"] for event in answers(town, case_id)] == [True, False]
    assert town.case(case_id).helped is False
    assert watch(town.ports) == []


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        pytest.param("Kocam beni dövüyor, Köln'deyim", "helped", id="somebody may be reading along"),
        pytest.param(STOLEN, "false_alarm", id="nothing had happened"),
    ],
)
def test_it_is_not_asked_where_it_should_not(town: Town, ayse: StaffRow, words: str, outcome: str) -> None:
    citizen, _ = closed_case(town, ayse, words, outcome)
    assert citizen.reads()[-1].text == text("status.closed_now", "tr")


def test_it_is_not_asked_in_a_drill(town: Town, ayse: StaffRow) -> None:
    citizen = town.citizen()
    citizen.writes(STOLEN)
    case_id = citizen.case_id
    with town.database.write() as uow:
        uow.cases.get(case_id).drill = True
    town.accept(case_id, ayse)
    town.close_case(case_id, ayse)
    assert citizen.reads()[-1].text == text("status.closed_now", "tr")


def test_a_cry_for_help_instead_of_an_answer_is_heard_first_and_ends_the_question(town: Town, ayse: StaffRow) -> None:
    citizen, case_id = closed_case(town, ayse)
    lines = citizen.writes("Babam nefes almıyor!")
    assert "112" in lines[0].text
    assert citizen.case_id != case_id
    citizen.writes("Hayır")
    assert answers(town, case_id) == []


def test_other_words_end_the_question(town: Town, ayse: StaffRow) -> None:
    citizen, case_id = closed_case(town, ayse)
    citizen.writes("Pasaport randevusu nasıl alınır?")
    citizen.writes("Evet")
    assert answers(town, case_id) == []


@pytest.mark.parametrize("words", ["yes 999999", "yes", "maybe {case}", "yes ²", "yes {other}", ""])
def test_a_button_that_was_made_up_changes_nothing(town: Town, ayse: StaffRow, words: str) -> None:
    stranger = town.citizen("stranger")
    stranger.writes(STOLEN)
    other = stranger.case_id
    town.accept(other, ayse)
    town.close_case(other, ayse)
    citizen, case_id = closed_case(town, ayse)
    assert citizen.presses(f"/helped {words.format(case=case_id, other=other)}")
    assert answers(town, case_id) == answers(town, other) == []
    assert town.case(other).helped is None


def test_after_a_no_a_person_has_it_again_at_the_same_desk(town: Town, ayse: StaffRow) -> None:
    citizen, case_id = closed_case(town, ayse)
    citizen.presses(f"/helped no {case_id}")
    (again,) = payloads(citizen)
    lines = citizen.presses(again)
    new = town.case(citizen.case_id)
    assert (new.id != case_id, new.desk_id, new.label, new.status) == (
        True,
        "de-koln-bk",
        "passport_lost_travel",
        "open",
    )
    assert town.events(new.id)[0].data["after"] == case_id
    assert "Köln" in lines[-1].text
    assert watch(town.ports) == [], "its events add up to what its row says"
    citizen.presses(again)
    assert citizen.case_id == new.id, "a second press opens no second case"


def test_the_same_desk_has_it_even_if_routing_would_now_choose_another(town: Town, ayse: StaffRow) -> None:
    citizen, case_id = closed_case(town, ayse)
    town.officer("Emine", "de-berlin-be")
    with town.database.write() as uow:
        talk = uow.conversations.by_key(citizen.key)
        assert talk is not None
        talk.location = {"country": "DE", "name": "Berlin", "lat": 52.52, "lon": 13.405}
    citizen.presses(f"/look_again {case_id}")
    assert town.case(citizen.case_id).desk_id == "de-koln-bk"


def test_the_dialogue_engine_is_never_asked_about_it(make_town) -> None:
    dialogue = ScriptedDialogue({"affirm": [{"directive": "say", "key": "say.greet"}]})
    town = make_town(dialogue=dialogue)
    citizen, case_id = closed_case(town, town.officer("Ayşe", "de-koln-bk"))
    before = len(dialogue.turns)
    citizen.writes("Evet")
    citizen.presses(f"/helped no {case_id}")
    assert len(dialogue.turns) == before
    assert town.case(case_id).helped is False


def test_danger_to_life_that_comes_back_begins_with_the_number(town: Town, ayse: StaffRow) -> None:
    citizen, case_id = closed_case(town, ayse, "Babam nefes almıyor, Köln'deyiz!")
    lines = citizen.presses(f"/look_again {case_id}")
    assert "112" in lines[0].text.splitlines()[0]
