"""Content search over the real answers: other words than the stored questions, in every language."""

from __future__ import annotations

import pytest

from bot.services.search import SearchIndex
from tests.harness.town import Town


@pytest.mark.parametrize(
    ("language", "question", "topic"),
    [
        ("tr", "pasaportumun süresi doluyor ne yapmam lazım", "passport_renewal"),
        ("tr", "babamın cenazesini memlekete nasıl götürürüz", "funeral_repatriation"),
        ("de", "Mein Kind braucht einen türkischen Pass, muss der Vater unterschreiben?", "passport_child"),
        ("de", "Wie melde ich mein in der Türkei gekauftes Telefon an", "phone_registration"),
        ("nl", "ik wil mijn militaire dienst afkopen", "military_service"),
        ("nl", "waar vraag ik een apostille aan", "document_apostille"),
        ("fr", "comment récupérer un mot de passe e-devlet", "e_government_password"),
        ("fr", "inscrire la naissance de ma fille", "birth_registration"),
        ("en", "I want to give my brother power to sell our flat", "power_of_attorney"),
        ("en", "can I vote from abroad", "voting_abroad"),
        ("ar", "كيف أجدد جواز سفري", "passport_renewal"),
        ("ar", "أريد حجز موعد في القنصلية", "appointment"),
    ],
)
def test_the_topic_is_among_the_first_three(town: Town, language: str, question: str, topic: str) -> None:
    hits = town.ports.knowledge.current.index.search(question, language, limit=3)
    assert topic in [hit.topic for hit in hits]


def test_nonsense_is_answered_with_i_do_not_know(town: Town) -> None:
    (reply,) = town.citizen().writes("qwrtz plmkj vbnmx")
    assert next(button["payload"] for button in reply.extra["buttons"]) == "/human"


def test_an_edit_is_found_and_answered_without_retraining(town: Town) -> None:
    with town.database.write() as uow:
        uow.content.publish(
            "tourism", "en", "Zeppelin rides", "Book at the town hall.", ["where can I ride a zeppelin"],
            origin="console", by="test", now=town.clock(),
        )  # fmt: skip
    town.ports.knowledge.refresh()
    hits = town.ports.knowledge.current.index.search("where can I ride a zeppelin?", "en", limit=1)
    assert hits[0].topic == "tourism"
    assert hits[0].score > 0.9


def test_an_empty_index_and_an_empty_question_give_nothing() -> None:
    assert SearchIndex.build([]).search("anything") == []
    assert SearchIndex.build([("t", "en", ("a title",))]).search("  ") == []


def test_a_first_start_does_not_wait_for_meanings_and_still_finds_by_letters(town: Town) -> None:
    documents = [
        ("passport_renewal", "de", ("Reisepass verlängern", "Wie verlängere ich meinen Pass?")),
        ("appointment", "de", ("Termin buchen", "Wie bekomme ich einen Termin?")),
    ]
    index = SearchIndex.build(documents, cache=town.folder / "empty", at_most=1)
    assert index.meanings is None
    assert index.search("meinen Pass verlängern", "de")[0].topic == "passport_renewal"
    complete = SearchIndex.build(documents, cache=town.folder / "empty")
    assert complete.meanings is not None
    again = SearchIndex.build(documents, cache=town.folder / "empty", at_most=0)
    assert again.meanings is not None, "from the cache now"
