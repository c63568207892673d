"""Messages to Telegram: in order, within its limits, obeying its pauses, nothing dropped."""

from __future__ import annotations

import pytest

from bot.channels.telegram_messages import LIMIT, split
from bot.storage.tables import OutboxRow
from tests.channels.conftest import TelegramTown
from tests.harness.bot_api import Fault
from tests.harness.town import Town

PARAGRAPHS = "\n".join(f"{number}. " + "word " * 30 for number in range(60))

SPLITS: list[tuple[str, str, int]] = [
    ("a short text is one part", "hello", 1),
    ("4096 characters are one part", "x" * 4096, 1),
    ("one more are two", "x" * 4097, 2),
    ("lines are kept whole", PARAGRAPHS, 3),
    ("Arabic too", "مرحبا بكم " * 900, 3),
    ("no empty part follows a long tail of spaces", "x" * 4096 + " " * 50, 1),
    ("an empty text stays one part", "", 1),
]


@pytest.mark.parametrize(("message", "count"), [row[1:] for row in SPLITS], ids=[row[0] for row in SPLITS])
def test_a_long_text_is_cut_where_a_reader_would(message: str, count: int) -> None:
    parts = split(message)
    assert len(parts) == count
    assert all(len(part) <= LIMIT for part in parts)
    assert "".join("".join(parts).split()) == "".join(message.split()), "nothing is lost"
    assert all(part for part in parts) or message == ""


def test_a_long_text_arrives_in_parts_and_only_the_last_has_the_buttons(telegram: TelegramTown) -> None:
    telegram.queue(42, PARAGRAPHS, buttons=[{"title": "Talk to a person", "payload": "/human"}])
    telegram.deliver()
    sent = telegram.fake.sent(42)
    assert len(sent) == 3
    assert [bool(message.get("reply_markup")) for message in sent] == [False, False, True]


def test_a_part_that_arrived_is_not_sent_again_when_the_next_one_has_to_wait(telegram: TelegramTown) -> None:
    telegram.fake.script("sendMessage", Fault(), Fault.too_many(5))
    telegram.queue(42, PARAGRAPHS)
    telegram.deliver()
    assert len(telegram.fake.sent(42)) == 1
    telegram.town.clock.forward(seconds=6)
    telegram.deliver()
    assert [message["text"] for message in telegram.fake.sent(42)] == split(PARAGRAPHS)
    assert telegram.states() == ["sent"]


def test_buttons_are_inline_and_never_more_than_five(telegram: TelegramTown) -> None:
    ada = telegram.fake.user(42, language="de")
    telegram.town.citizen("42", "telegram").writes("Wie bekomme ich einen neuen Reisepass?")
    telegram.town.citizen("42", "telegram").presses("/language")
    telegram.deliver()
    for message in telegram.fake.sent(42):
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        assert len(rows) <= 5
    assert len(ada.buttons()) == 5, "the five other languages"


def test_the_question_for_the_place_has_a_button_that_shares_it(telegram: TelegramTown) -> None:
    telegram.town.citizen("42", "telegram").writes("Help! My mother is not breathing")
    telegram.deliver()
    keyboard = telegram.fake.sent(42)[-1]["reply_markup"]["keyboard"]
    assert keyboard[0][0]["request_location"] is True
    assert sum(bool(button.get("request_location")) for row in keyboard for button in row) == 1


def test_callback_data_keeps_telegrams_limit_of_64_bytes(telegram: TelegramTown) -> None:
    telegram.queue(42, "choose", buttons=[{"title": "ş" * 80, "payload": "/topic " + "ş" * 80}])
    telegram.deliver()
    assert telegram.states() == ["sent"]


def test_every_payload_that_we_really_use_fits_into_a_button(town: Town) -> None:
    taxonomy = town.ports.knowledge.taxonomy
    for label in taxonomy.labels:
        assert len(f"/topic {label}".encode()) <= 64, label


@pytest.mark.parametrize("pause", [3, 45, 3600], ids=["three seconds", "45 seconds", "an hour"])
def test_a_pause_that_telegram_asks_for_is_obeyed_and_nothing_is_dropped(telegram: TelegramTown, pause: int) -> None:
    telegram.fake.script("sendMessage", Fault.too_many(pause))
    telegram.queue(42, "first", "second")
    telegram.deliver()
    assert len(telegram.fake.attempts(42)) == 1, "the second message does not overtake"
    telegram.town.clock.forward(seconds=pause - 1)
    telegram.deliver()
    assert len(telegram.fake.attempts(42)) == 1, "not one second too early"
    telegram.town.clock.forward(seconds=2)
    telegram.deliver()
    assert [message["text"] for message in telegram.fake.sent(42)] == ["first", "second"]


def test_any_number_of_pauses_uses_up_no_attempt(telegram: TelegramTown) -> None:
    telegram.fake.script("sendMessage", *[Fault.too_many(2)] * 30, Fault.broken())
    telegram.queue(42, "patient")
    for _ in range(40):
        telegram.deliver()
        telegram.town.clock.forward(seconds=5)
    assert len(telegram.fake.sent(42)) == 1


REFUSALS = [
    ("who has blocked the bot", Fault.blocked(), "blocked"),
    ("whose chat is unknown", Fault.bad_request(), "hat not found"),
]


@pytest.mark.parametrize(("fault", "why"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_a_person_is_given_up_for_that_message_and_the_next_ones_go(
    telegram: TelegramTown, fault: Fault, why: str
) -> None:
    telegram.fake.script("sendMessage", fault)
    telegram.queue(42, "lost")
    telegram.queue(43, "other person")
    telegram.queue(42, "after unblocking")
    telegram.deliver()
    assert telegram.states() == ["failed", "sent", "sent"]
    assert why in (telegram.rows()[0].error or "")
    assert len(telegram.fake.sent(43)) == len(telegram.fake.sent(42)) == 1


TROUBLE = [
    ("their server is broken", [Fault.broken()] * 3),
    ("the connection drops before they have it", [Fault.dropped(recorded=False)] * 3),
    ("our token is refused for a while", [Fault.unauthorized()] * 3),
]


@pytest.mark.parametrize("faults", [row[1] for row in TROUBLE], ids=[row[0] for row in TROUBLE])
def test_after_trouble_everything_arrives_in_order_per_chat_and_nobody_else_waits(
    telegram: TelegramTown, faults: list[Fault]
) -> None:
    telegram.fake.script("sendMessage", *faults)
    telegram.queue(42, "one", "two", "three")
    telegram.deliver()
    telegram.queue(43, "somebody else")
    for _ in range(8):
        telegram.deliver()
        telegram.town.clock.forward(seconds=61)
    assert [message["text"] for message in telegram.fake.sent(42)] == ["one", "two", "three"]
    assert len(telegram.fake.sent(43)) == 1
    assert set(telegram.states()) == {"sent"}


def test_a_connection_lost_after_they_have_it_repeats_that_one_message_once(telegram: TelegramTown) -> None:
    telegram.fake.script("sendMessage", Fault.dropped(recorded=True))
    telegram.queue(42, "one", "two")
    telegram.deliver()
    telegram.town.clock.forward(seconds=10)
    telegram.deliver()
    assert [m["text"] for m in telegram.fake.sent(42)] == ["one", "one", "two"], "sendMessage has no idempotency key"


def test_a_row_that_breaks_the_transport_steps_aside(telegram: TelegramTown) -> None:
    with telegram.town.database.write() as uow:
        body = {"text": "x", "language": "en"}
        uow.outbox.add("telegram", "not-a-chat", body, telegram.town.clock(), dedup_key="poison")
    telegram.queue(43, "still goes")
    telegram.deliver()
    assert len(telegram.fake.sent(43)) == 1
    for _ in range(20):
        telegram.town.clock.forward(minutes=11)
        telegram.deliver()
    assert telegram.states() == ["new", "sent"], "an outage of hours is waited out"
    telegram.town.clock.forward(hours=24)
    telegram.deliver()
    assert telegram.states() == ["failed", "sent"]


def test_an_update_of_a_row_whose_lease_was_lost_changes_nothing(telegram: TelegramTown) -> None:
    telegram.queue(42, "slow")
    clock = telegram.town.clock
    with telegram.town.database.write() as uow:
        slow = uow.outbox.claim(clock(), ("telegram",))
    clock.forward(seconds=61)
    with telegram.town.database.write() as uow:
        again = uow.outbox.claim(clock(), ("telegram",))
    assert isinstance(slow, OutboxRow)
    assert isinstance(again, OutboxRow)
    with telegram.town.database.write() as uow:
        uow.outbox.failed(slow, "too late to say so")
    assert telegram.states() == ["new"]


def test_menu_and_webhook_are_announced_in_every_language(telegram: TelegramTown) -> None:
    telegram.client.announce("http://127.0.0.1:9/telegram/webhook", "s")
    languages = {call.params.get("language_code") for call in telegram.fake.called("setMyCommands")}
    assert languages == {"tr", "de", "nl", "fr", "en", "ar", None}
    (hook,) = telegram.fake.called("setWebhook")
    assert hook.params["secret_token"] == "s"
    telegram.client.announce(None, None)
    assert telegram.fake.called("deleteWebhook")
