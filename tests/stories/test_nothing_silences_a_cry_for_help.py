"""What once went wrong in a review, told as stories: nothing may silence a cry for help."""

from __future__ import annotations

import pytest

from bot.domain.cases import EventKind
from bot.services import escalation
from bot.services.conversation import drain
from bot.services.escalation import sweep
from bot.understanding.understand import Understander
from tests.harness.town import Town
from tests.stories.test_first_way_through import STOLEN, kinds, said

FIRE = "Yangın var! Evimiz yanıyor, içerideyiz!"
HEART = "İmdat, babam kalp krizi geçiriyor!"


class BrokenBrain:
    labels = languages = ()

    def score(self, *_: object) -> None:
        raise RuntimeError("the classifier broke")


def test_a_broken_classifier_leaves_the_card_and_the_case(town: Town) -> None:
    whole = town.ports.understander
    broken = Understander(whole.taxonomy, whole._lexicons, whole.gazetteer, BrokenBrain())  # type: ignore[arg-type]
    town.ports.understander = broken
    citizen = town.citizen()
    assert "112" in said(citizen.writes(HEART))
    assert town.case(citizen.case_id).severity == "life"


def test_a_place_that_leads_back_to_a_desk_alerted_before_is_no_error(town: Town) -> None:
    town.officer("Ayşe", "de-koln-bk")
    town.officer("Emine", "de-hamburg-bk")
    citizen = town.citizen()
    citizen.writes(STOLEN)
    for place in ("Hamburg'dayım", "yok yok Köln'deyim", "Hamburg'dayım"):
        assert citizen.writes(place)
    assert town.case(citizen.case_id).desk_id == "de-hamburg-bk"
    alerts = [row for row in town.outbox() if row.dedup_key.startswith("alert:")]
    assert len(alerts) == 4, "each time the case came to a desk, the desk heard of it"


def test_a_question_that_turns_into_a_cry_for_help_is_treated_as_one(town: Town) -> None:
    town.officer("Ayşe", "de-koln-bk")
    citizen = town.citizen()
    citizen.writes("Köln'deyim")
    citizen.presses("/human")
    case_id = citizen.case_id
    assert town.case(case_id).severity == "normal"
    assert "112" in said(citizen.writes("Yardım edin!")), "a bare cry gets the number and the question"
    citizen.presses("/no")
    card = said(citizen.writes(HEART))
    assert "112" in card.splitlines()[0]
    case = town.case(case_id)
    assert (case.label, case.severity, case.desk_id) == ("medical_emergency", "life", "de-koln-bk")
    assert EventKind.RAISED in kinds(town, case_id)


def test_another_danger_gets_its_own_card_and_the_same_one_only_its_number(town: Town) -> None:
    citizen = town.citizen()
    citizen.writes(HEART)
    fire = citizen.writes(FIRE)
    assert "112" in fire[0].text
    again = citizen.writes(FIRE)
    assert [message.text.splitlines()[0] for message in again].count(fire[0].text.splitlines()[0]) == 1
    assert all(len(message.text.splitlines()) == 1 for message in again), "the number again, not the whole card"


@pytest.mark.parametrize("language", ["en", "de", "nl", "fr", "tr", "ar"])
def test_the_first_word_is_answered_in_the_language_the_channel_names(town: Town, language: str) -> None:
    citizen = town.citizen()
    citizen.writes("SOS", language=language)
    with town.database.read() as uow:
        conversation = uow.conversations.by_key(citizen.key)
        assert conversation is not None
        assert conversation.language == language


def test_the_last_alarm_reaches_coordinators_who_are_away(town: Town) -> None:
    coordinator = town.coordinator()
    with town.database.write() as uow:
        uow.staff.get(coordinator.id).available = False
    citizen = town.citizen()
    citizen.writes(HEART)
    town.pass_time(minutes=3)
    assert [row for row in town.outbox() if row.address == coordinator.telegram_chat]


def test_one_case_that_breaks_does_not_hold_up_the_others(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = town.citizen("first"), town.citizen("second")
    first.writes(HEART)
    second.writes(HEART)
    broken, sound = first.case_id, second.case_id
    real = escalation._escalate

    def sometimes(uow, ports, case, now):  # type: ignore[no-untyped-def]
        if case.id == broken:
            raise RuntimeError("this one breaks")
        real(uow, ports, case, now)

    monkeypatch.setattr(escalation, "_escalate", sometimes)
    town.clock.forward(minutes=3)
    assert sweep(town.ports) == 1
    assert EventKind.COORDINATORS_ALARMED in kinds(town, sound)


def test_a_cry_for_help_to_an_owner_who_sleeps_reaches_the_desk_again(town: Town) -> None:
    officer = town.officer("Ayşe", "de-koln-bk")
    town.officer("Mehmet", "de-koln-bk")
    citizen = town.citizen()
    citizen.writes(STOLEN)
    town.accept(citizen.case_id, officer)
    before = len(town.outbox())
    citizen.writes(HEART)
    citizen.writes(FIRE)
    cries = [row for row in town.outbox()[before:] if ":cry:" in row.dedup_key]
    assert len(cries) == 4, "two cries, two officers of the desk"


def test_a_message_that_cannot_be_handled_ends_with_an_apology_and_a_number(town: Town) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("nothing works")

    town.ports.understander = replace_understand(town, breaks)
    citizen = town.citizen()
    citizen.writes("merhaba", language="tr")
    for _ in range(5):
        town.clock.forward(minutes=1)
        drain(town.ports, citizen.key)
    assert "+90 312 292 29 29" in said(citizen.reads())


def replace_understand(town: Town, breaks: object) -> Understander:
    whole = town.ports.understander
    other = Understander(whole.taxonomy, whole._lexicons, whole.gazetteer, whole.brain)
    other.understand = breaks  # type: ignore[method-assign, assignment]
    return other


@pytest.mark.parametrize("words", ["Kommt jemand?", "kommt jemand", "KOMMT JEMAND?"])
def test_a_typed_button_is_the_button(town: Town, words: str) -> None:
    citizen = town.citizen()
    citizen.writes(HEART)
    assert said(citizen.writes(words)) == said(citizen.presses("/status"))


def test_a_cry_at_the_end_of_a_long_message_is_heard(town: Town) -> None:
    story = "Bugün hava güzeldi, pazara gittik, sonra eve döndük ve yemek yaptık. " * 60
    assert "112" in said(town.citizen().writes(story + " Kocam beni dövüyor, imdat, çok korkuyorum!"))


def test_an_sos_sign_is_a_cry_for_help(town: Town) -> None:
    (reply,) = town.citizen().writes("🆘🆘", language="de")
    assert "112" in reply.text
    assert [button["payload"] for button in reply.extra["buttons"]] == ["/yes", "/no"]
