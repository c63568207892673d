"""The crisis intake, turn by turn, without Rasa."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from actions import intake
from actions.intake import Intake
from actions.message import Message, Turn

KOELN = {"text": "Köln", "name": "Köln", "country": "DE", "level": "city"}
GERMANY = {"text": "Almanya", "name": "Germany", "country": "DE", "level": "country"}
TRABZON = {"text": "Trabzon", "name": "Trabzon", "country": "TR", "level": "city"}
LILLE = {"name": "Lille", "country": "FR"}


@dataclass
class Conversation:
    """Feeds messages to the form and keeps its slots."""

    known: Any = field(default_factory=list)  # what the gateway answers to a look-up; None: it is away
    slots: dict[str, Any] = field(default_factory=dict)
    asks: str | None = None

    def says(self, text: str, intent: str = "nlu_fallback", **more: Any) -> Turn:
        message = Message(text=text, intent=intent, **{"case": 7, **more})
        state = Intake.from_slots(self.slots)
        turn = (
            intake.answer(state, message, lambda *_: self.known)
            if self.asks
            else intake.begin(message, state, lambda *_: self.known)
        )
        self.slots, self.asks = turn.slots, turn.asks
        return turn


def keys(turn: Turn) -> list[str]:
    """A turn in short: 'detail:place=Köln', 'ask.safe', 'utter_answer' ..."""
    short = []
    for said in turn.says:
        if isinstance(said, str):
            short.append(said)
        elif said["directive"] == "detail":
            short.append(f"detail:{said['slot']}={said['value']}")
        else:
            short.append(said.get("key") or said["directive"])
    return short


def test_three_questions_one_at_a_time() -> None:
    talk = Conversation()
    assert keys(talk.says("Hilfe", "violence_attack")) == ["ask.place"]
    assert keys(talk.says("Köln", place=KOELN)) == ["detail:place=Köln", "ask.safe"]
    assert keys(talk.says("nein", "deny")) == ["detail:safe=no", "intake.not_safe", "ask.contact"]
    assert keys(talk.says("0170 1234567")) == ["detail:contact=0170 1234567", "intake_done"]
    assert talk.asks is None


def test_a_known_place_is_not_asked_for() -> None:
    assert keys(Conversation().says("Hilfe in Köln", "violence_attack", place=KOELN)) == ["ask.safe"]
    assert keys(Conversation().says("Hilfe", "violence_attack", location=LILLE)) == ["ask.safe"]


def test_a_home_town_and_a_country_are_no_place_to_send_help_to() -> None:
    assert keys(Conversation().says("Trabzonluyum, imdat", "violence_attack", place=TRABZON)) == ["ask.place"]
    talk = Conversation()
    assert keys(talk.says("Almanyadayım imdat", "violence_attack", place=GERMANY)) == ["ask.place"]
    assert keys(talk.says("Almanya", place=GERMANY)) == ["detail:place=Germany", "ask.place"]
    assert keys(talk.says("Almanya", place=GERMANY)) == ["detail:place=Germany", "ask.safe"]


def test_safety_is_not_asked_where_it_makes_no_sense() -> None:
    for kind in sorted(intake.NO_SAFETY_QUESTION):
        assert keys(Conversation().says("in Köln", kind, place=KOELN)) == ["ask.contact"]


def test_a_number_in_the_cry_for_help_is_not_asked_for_again() -> None:
    talk = Conversation()
    turn = talk.says("Überfall in Köln, ruft 0170 1234567 an", "violence_attack", place=KOELN)
    assert keys(turn) == ["detail:contact=0170 1234567", "ask.safe"]
    assert keys(talk.says("ja", "affirm")) == ["detail:safe=yes", "intake_done"]


def test_an_unknown_place_is_asked_for_twice_more_and_never_lost() -> None:
    talk = Conversation()
    talk.says("Hilfe", "violence_attack")
    assert keys(talk.says("Dingsda")) == ["detail:place=Dingsda", "ask.place_again"]
    assert keys(talk.says("Dingsbums")) == ["detail:place=Dingsbums", "ask.place_again"]
    assert keys(talk.says("Dingenskirchen")) == ["detail:place=Dingenskirchen", "ask.safe"]


def test_whoever_does_not_know_where_they_are_is_not_pressed() -> None:
    talk = Conversation()
    talk.says("imdat", "human_trafficking")
    assert keys(talk.says("bilmiyorum", "deny", confidence=0.4)) == ["detail:more=bilmiyorum", "ask.safe"]


def test_without_the_gateway_a_place_is_taken_as_written() -> None:
    talk = Conversation(known=None)
    talk.says("Hilfe", "violence_attack")
    assert keys(talk.says("Kleinkleckersdorf")) == ["detail:place=Kleinkleckersdorf", "ask.safe"]


def test_words_that_are_no_answer_are_kept_and_the_question_comes_again_once() -> None:
    talk = Conversation()
    talk.says("Feuer in Köln", "fire_or_disaster", place=KOELN)
    said = keys(talk.says("es raucht im ganzen Haus"))
    assert said == ["detail:more=es raucht im ganzen Haus", "intake.noted", "ask.safe"]
    assert keys(talk.says("wir sind zu fünft")) == ["detail:more=wir sind zu fünft", "ask.contact"]


def test_an_answer_that_tells_more_is_kept_whole() -> None:
    talk = Conversation()
    talk.says("Hilfe", "violence_attack")
    text = "in Köln, er steht noch vor der Tür"
    assert keys(talk.says(text, place=KOELN)) == ["detail:place=Köln", f"detail:more={text}", "ask.safe"]


def test_a_second_cry_for_help_is_no_answer_and_no_silence() -> None:
    talk = Conversation()
    talk.says("Hilfe", "violence_attack")
    assert keys(talk.says("er hat ein Messer", "violence_attack")) == [
        "detail:more=er hat ein Messer", "intake.noted", "ask.place",
    ]  # fmt: skip


def test_a_cry_for_help_after_the_questions_of_the_same_case_asks_nothing_twice() -> None:
    talk = Conversation()
    talk.says("Hilfe in Köln", "death_abroad", place=KOELN)
    talk.says("hier")
    assert keys(talk.says("er ist tot", "death_abroad")) == ["detail:more=er ist tot", "intake.noted"]
    assert keys(talk.says("Unfall", "accident", case=8)) == ["ask.place"]


def test_no_more_questions_ends_it_and_stays_ended() -> None:
    for text, intent in (("", "stop_questions"), ("keine Fragen mehr", "help"), ("nein", "deny")):
        talk = Conversation()
        talk.says("Hilfe", "violence_attack")
        assert keys(talk.says(text, intent)) == ["utter_intake_stopped"]
        assert talk.asks is None
        assert keys(talk.says("Hilfe!", "violence_attack")) == ["detail:more=Hilfe!", "intake.noted"]


def test_a_question_in_the_middle_is_left_to_the_rules_and_ours_comes_again() -> None:
    talk = Conversation()
    talk.says("Hilfe", "violence_attack")
    turn = talk.says("wie erneuere ich den Pass", "passport_renewal")
    assert (turn.leaves, turn.asks, turn.says) == (True, "place", ())
    assert keys(intake.again(Intake.from_slots(talk.slots), Message("", "passport_renewal"))) == ["ask.place"]
    assert keys(intake.again(Intake.from_slots(talk.slots), Message("", "change_language"))) == []


def test_an_unsure_label_does_not_turn_words_into_a_question() -> None:
    talk = Conversation()
    talk.says("Hilfe in Köln", "violence_attack", place=KOELN)
    assert not talk.says("er hat ein blaues Auto", "customs_vehicle", confidence=0.4).leaves


def test_the_consulate_is_shown_as_soon_as_the_place_is_known() -> None:
    talk = Conversation()
    talk.says("Hilfe", "arrest_detention")
    assert keys(talk.says("wo ist das Konsulat?", "consulate_contact")) == ["ask.place"]
    assert keys(talk.says("Köln", place=KOELN)) == ["detail:place=Köln", "contact", "ask.contact"]
    assert keys(talk.says("und das Konsulat?", "consulate_contact")) == ["contact", "ask.contact"]


def test_a_shared_position_answers_without_words() -> None:
    talk = Conversation()
    talk.says("Hilfe", "violence_attack")
    assert keys(talk.says("", "share_location", location=LILLE)) == ["ask.safe"]
