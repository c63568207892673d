"""A plain question is answered from the content at once; what needs a conversation goes to the dialogue engine."""

from __future__ import annotations

from collections.abc import Callable

from bot.services.answers import answer
from tests.harness.dialogue import ScriptedDialogue
from tests.harness.town import Town

MakeTown = Callable[..., Town]
PASSPORT = "Pasaportumu nasıl yenilerim?"
ASKS_WHERE = {"directive": "ask", "key": "ask.place", "slot": "place", "buttons": []}
HANDS_OVER = {"directive": "hand_over", "topic": "passport_renewal"}


def dialogue() -> ScriptedDialogue:
    greets = [{"directive": "say", "key": "say.greet"}]
    answers = [{"directive": "answer", "topic": "passport_renewal"}]
    return ScriptedDialogue(
        {
            "greet": greets,
            "consulate_contact": [ASKS_WHERE],
            "passport_renewal": answers,
            "ask_human": [HANDS_OVER],
        }
    )


def test_the_content_answers_without_asking_the_dialogue_engine(make_town: MakeTown) -> None:
    rasa = dialogue()
    town = make_town(dialogue=rasa)
    (reply,) = town.citizen().writes(PASSPORT)
    expected = answer(town.ports, "passport_renewal", "tr")
    assert expected is not None
    assert reply.text == expected.text
    assert rasa.turns == []


def test_the_dialogue_engine_hears_with_its_next_turn_what_was_answered(make_town: MakeTown) -> None:
    rasa = dialogue()
    citizen = make_town(dialogue=rasa).citizen()
    citizen.writes(PASSPORT)
    citizen.writes("Doğum kaydı nasıl yapılır?")
    citizen.writes("Merhaba")
    citizen.writes("Merhaba")
    told = [metadata["answered"] for _, _, metadata in rasa.turns]
    assert told == [{"topic": "birth_registration", "turns": 2}, None], "once: then it knows"


def test_while_the_engine_waits_for_an_answer_a_question_goes_to_it(make_town: MakeTown) -> None:
    """It has a form open, and asks again after the answer."""
    rasa = dialogue()
    citizen = make_town(dialogue=rasa).citizen()
    citizen.writes("Hangi konsolosluğa bağlıyım?")
    citizen.writes(PASSPORT)
    assert [metadata["understanding"]["label"] for _, _, metadata in rasa.turns] == [
        "consulate_contact",
        "passport_renewal",
    ]
    citizen.writes(PASSPORT)
    assert len(rasa.turns) == 2, "it asked nothing after its last turn, so the gateway answers again"


def test_in_an_open_case_every_question_goes_to_the_engine(make_town: MakeTown) -> None:
    rasa = dialogue()
    town = make_town(dialogue=rasa)
    citizen = town.citizen()
    citizen.writes("Bir insanla konuşmak istiyorum")
    before = len(rasa.turns)
    assert before == 1
    citizen.writes(PASSPORT)
    assert len(rasa.turns) == before + 1
