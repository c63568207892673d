"""By webhook or by long polling: a citizen notices no difference."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from telegram import Update

from bot.i18n.catalogues import text
from tests.channels.conftest import TelegramTown
from tests.harness.bot_api import Fault

WAYS = pytest.mark.parametrize("way", ["webhook", "polling"])
STOLEN = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"


@WAYS
def test_the_same_conversation_by_either_way(telegram: TelegramTown, way: str) -> None:
    ayse = telegram.fake.user(42, language="de")
    with telegram.running(way):
        ayse.writes("/start")
        greeting, choose = ayse.reads(at_least=2)[:2]
        assert greeting == text("say.greet", "de"), "Telegram says that this person's language is German"
        assert ayse.buttons(), choose
        ayse.presses("Türkçe")
        ayse.reads(at_least=4)
        before = len(ayse.reads())
        ayse.writes(STOLEN)
        card = ayse.reads(at_least=before + 2)[before]
        assert "110" in card.splitlines()[0]
        before = len(ayse.reads())
        ayse.shares(50.94, 6.96)
        assert len(ayse.reads(at_least=before + 1)) > before
        assert telegram.fake.wait_until(lambda: not telegram.fake.pending), "every update is acknowledged"
        assert telegram.fake.called("answerCallbackQuery"), "the button's spinner stops"
    with telegram.town.database.read() as uow:
        row = uow.conversations.by_key("telegram:4242:42")
        assert row is not None
        assert row.language == "tr"
        assert row.case_id is not None


@WAYS
def test_two_people_do_not_mix_and_each_keeps_the_order(telegram: TelegramTown, way: str) -> None:
    people = [telegram.fake.user(chat, language="en") for chat in (51, 52)]
    with telegram.running(way):
        for _ in range(3):
            for person in people:
                person.writes("/help")
                person.writes("/status")
        for person in people:
            texts = person.reads(at_least=6)
            assert texts[0::2] == [texts[0]] * 3
            assert texts[1::2] == [texts[1]] * 3
            assert texts[0] != texts[1]


@WAYS
def test_a_broken_start_of_telegram_is_survived(telegram: TelegramTown, way: str) -> None:
    telegram.fake.script("getUpdates", Fault.broken(), Fault.dropped(recorded=False))
    telegram.fake.script("answerCallbackQuery", Fault.bad_request("query is too old"))
    person = telegram.fake.user(42, language="en")
    with telegram.running(way):
        person.writes("/help")
        person.reads(at_least=1)
        title = person.buttons()[0]
        person.presses(title)
        assert len(person.reads(at_least=2)) == 2


def poll_in_the_background(telegram: TelegramTown, take, stopped: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=telegram.client.poll, args=(take, stopped), daemon=True)
    thread.start()
    return thread


def test_polling_confirms_only_what_was_taken(telegram: TelegramTown) -> None:
    """A crash between receipt and storing must bring the update again."""
    person = telegram.fake.user(42)
    person.writes("one")
    stopped, taken = threading.Event(), []

    def take(update: Update) -> None:
        taken.append(update.message.text if update.message else "")
        assert telegram.fake.pending, "while we are storing it, Telegram still has it"

    thread = poll_in_the_background(telegram, take, stopped)
    assert telegram.fake.wait_until(lambda: taken == ["one"] and not telegram.fake.pending)
    stopped.set()
    person.writes("two")
    thread.join(timeout=10)
    assert not thread.is_alive()


def test_polling_hears_numbers_that_start_again_lower_after_a_week_of_silence(telegram: TelegramTown) -> None:
    person = telegram.fake.user(42)
    stopped, taken = threading.Event(), []
    person.writes("before the holidays")
    thread = poll_in_the_background(telegram, lambda update: taken.append(update.update_id), stopped)
    assert telegram.fake.wait_until(lambda: taken and not telegram.fake.pending)
    telegram.fake.end_long_polls()
    calls = len(telegram.fake.called("getUpdates"))
    assert telegram.fake.wait_until(lambda: len(telegram.fake.called("getUpdates")) > calls)
    telegram.fake.next_update_id = 12
    person.writes("after them")
    assert telegram.fake.wait_until(lambda: 12 in taken), "an offset from before would have confirmed it unread"
    stopped.set()
    person.writes("bye")
    thread.join(timeout=10)


def test_an_update_that_breaks_us_does_not_end_the_polling(
    telegram: TelegramTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot import worker

    real = worker.incoming_from
    broken = []

    def breaks_once(update: Update, bot_id: str):
        if update.message and update.message.text == "poison":
            broken.append(update.update_id)
            raise ValueError("nobody thought of this")
        return real(update, bot_id)

    monkeypatch.setattr(worker, "incoming_from", breaks_once)
    person = telegram.fake.user(42, language="en")
    with telegram.running("polling"):
        person.writes("poison")
        person.writes("/help")
        assert len(person.reads(at_least=1)) == 1
    assert len(broken) == 1


MALFORMED: list[tuple[str, dict[str, Any]]] = [
    ("a membership without its fields", {"my_chat_member": {"date": 1}}),
    ("a membership of an unknown shape", {"my_chat_member": {"chat": 7, "from": [], "new_chat_member": "left"}}),
    ("a pressed button of nobody", {"callback_query": {"id": "1", "from": {"id": 7}, "data": "duty:accept:1"}}),
    ("a message that is a word", {"message": "secret words"}),
    ("a message without a chat", {"message": {"message_id": 1, "text": "secret words"}}),
    ("a photo in no size", {"message": {"message_id": 1, "date": 1, "photo": [{}], "caption": "secret words",
                                        "chat": {"id": 42, "type": "private"}}}),
]  # fmt: skip


@pytest.mark.parametrize("content", [row[1] for row in MALFORMED], ids=[row[0] for row in MALFORMED])
def test_an_update_that_cannot_be_read_is_left_behind_and_its_words_are_in_no_log(
    telegram: TelegramTown,
    content: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    person = telegram.fake.user(42)
    stopped, taken = threading.Event(), list[int]()
    telegram.fake.add_update(**content)
    person.writes("after it")
    thread = poll_in_the_background(telegram, lambda update: taken.append(update.update_id), stopped)
    assert telegram.fake.wait_until(lambda: taken and not telegram.fake.pending), "everybody else waits behind it"
    stopped.set()
    telegram.fake.end_long_polls()
    thread.join(timeout=10)
    captured = capsys.readouterr()
    assert "secret words" not in caplog.text + captured.out + captured.err


@WAYS
def test_an_officer_takes_a_case_and_answers_by_either_way(telegram: TelegramTown, way: str) -> None:
    staff = telegram.town.officer("Ayşe", "de-koln-bk")
    with telegram.town.database.write() as uow:
        uow.staff.get(staff.id).language = "en"
    ayse, ada = telegram.fake.user(int(staff.telegram_chat or 0), "en"), telegram.fake.user(42, "tr")
    with telegram.running(way):
        ada.writes(STOLEN)
        ayse.reads(at_least=1)
        ayse.presses("Accept")
        assert STOLEN in ayse.reads(at_least=2)[1]
        assert telegram.fake.wait_until(lambda: ayse.shown() == [""])
        ayse.writes("Hangi otelde kalıyorsunuz?")
        assert telegram.fake.wait_until(lambda: "Ayşe: Hangi otelde kalıyorsunuz?" in ada.reads())
