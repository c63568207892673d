"""The whole service as `bot up` starts it: six languages, both channels, with Rasa's own process and without it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.harness.whole import Up, WebCitizen, whole_town, words

pytestmark = pytest.mark.rasa

# language: (greeting, cry for help, city, a question about a consulate, "and on Saturdays?", Saturday in that language)
TALKS = {
    "tr": ("merhaba", "İmdat, babam kalp krizi geçiriyor!", "Köln'deyiz",
           "Bonn'da oturuyorum, hangi konsolosluğa gideceğim?", "peki cumartesi açık mı?", "cumartesi"),
    "de": ("Guten Tag", "Hilfe, mein Vater hat einen Herzinfarkt!", "wir sind in Köln",
           "Welches Konsulat ist für Bonn zuständig?", "und samstags?", "samstag"),
    "nl": ("hallo", "Help, mijn vader heeft een hartaanval!", "we zijn in Keulen",
           "Welk consulaat is verantwoordelijk voor Bonn?", "en op zaterdag?", "zaterdag"),
    "fr": ("bonjour", "Au secours, mon père fait une crise cardiaque !", "on est à Cologne",
           "Quel consulat est compétent pour Bonn ?", "et le samedi ?", "samedi"),
    "en": ("hello", "Help, my father is having a heart attack!", "we are in Cologne",
           "Which consulate is responsible for Bonn?", "and on Saturdays?", "saturday"),
    "ar": ("السلام عليكم", "ساعدوني أبي عنده نوبة قلبية!", "نحن في كولونيا",
           "أي قنصلية مسؤولة عن مدينة بون؟", "ويوم السبت؟", "السبت"),
}  # fmt: skip
KOLN_CALL_CENTRE = "+49 30 56 83 73 099"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with whole_town(tmp_path_factory.mktemp("whole") / "var") as running:
        yield running


def test_it_prints_the_addresses_and_the_one_time_sign_in(town: Up) -> None:
    assert f"{town.url}/console/welcome?token=" in town.printed
    assert f"{town.url}/" in town.printed


@pytest.mark.parametrize("language", TALKS)
def test_a_conversation_on_the_web_with_rasa(town: Up, language: str) -> None:
    greeting, cry, city, question, saturday, day = TALKS[language]
    citizen = WebCitizen(town.url, language)
    assert "Hemşehri" in words(citizen.writes(greeting))
    contact = words(citizen.writes(question))
    assert "konsolosluk.gov.tr" in contact, "the contact card of the mission for Bonn"
    assert KOLN_CALL_CENTRE in contact
    assert day in words(citizen.writes(saturday)).lower(), "the context is kept: the same consulate, that day"

    frightened = WebCitizen(town.url, language)
    card = frightened.writes(cry)
    assert "112" in words(card[:1]).splitlines()[0], "the number comes first, before any question"
    place_question = card[-1]
    assert place_question["ask_location"], "Rasa's form asks where"
    second = frightened.writes(city)
    assert KOLN_CALL_CENTRE in words(second), "the place brings the numbers of the country"
    assert [b["payload"] for b in second[-1]["buttons"]][:2] == ["/yes", "/no"], "the form's next question: safe now?"
    third = frightened.writes(payload="/yes")
    assert third, "and the next: how to reach you"
    done = frightened.writes("hier / burada / here")
    assert done[-1]["buttons"][0]["payload"] == "/status"


@pytest.mark.parametrize(("language", "chat"), [(language, 100 + n) for n, language in enumerate(TALKS)])
def test_a_conversation_on_telegram_with_rasa(town: Up, language: str, chat: int) -> None:
    greeting, cry, city, _, _, _ = TALKS[language]
    user = town.fake.user(chat, language)
    user.writes(greeting)
    assert town.fake.wait_until(lambda: len(town.fake.sent(chat)) >= 1, 30)
    assert "Hemşehri" in town.fake.sent(chat)[0]["text"]
    seen = len(town.fake.sent(chat))
    user.writes(cry)
    assert town.fake.wait_until(lambda: len(town.fake.sent(chat)) >= seen + 3, 30), town.fake.sent(chat)
    said = town.fake.sent(chat)[seen:]
    assert "112" in said[0]["text"].splitlines()[0]
    assert any("keyboard" in message.get("reply_markup", {}) for message in said), "a button shares the location"
    seen = len(town.fake.sent(chat))
    user.shares(50.94, 6.96)
    assert town.fake.wait_until(lambda: KOLN_CALL_CENTRE in words(town.fake.sent(chat)[seen:]), 30)
    assert city


def test_with_rasa_killed_the_card_and_the_case_are_still_there(town: Up) -> None:
    """Last in this file: from here on Rasa keeps being killed."""

    def kill_rasa() -> int:
        found = town.children("rasa run")
        for pid in found:
            os.kill(pid, signal.SIGKILL)
        return len(found)

    assert kill_rasa(), "Rasa was running"
    for language, (greeting, cry, city, question, _, _) in TALKS.items():
        kill_rasa()  # the supervisor starts it again and again
        citizen = WebCitizen(town.url, language)
        assert "Hemşehri" in words(citizen.writes(greeting)), language
        assert "konsolosluk.gov.tr" in words(citizen.writes(question)), language
        frightened = WebCitizen(town.url, language)
        card = frightened.writes(cry)
        assert "112" in words(card[:1]).splitlines()[0], language
        assert KOLN_CALL_CENTRE in words(frightened.writes(city)), language
        status = words(frightened.writes(payload="/status"))
        assert len(status.splitlines()) >= 2, (language, "the case is there, with its times")


def test_ctrl_c_stops_all_of_it(town: Up) -> None:
    assert town.stop() == 0
    assert town.children("bot.cli") + town.children("rasa") + town.children("actions.server") == []
