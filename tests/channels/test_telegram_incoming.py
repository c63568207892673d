"""What an update from Telegram means to us."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Update

from bot.channels.telegram import incoming_from, secret_fits
from bot.services.incoming import Incoming
from bot.storage.staff import hash_secret
from tests.harness.bot_api_people import message_in


def update(**content: Any) -> Update:
    parsed = Update.de_json({"update_id": 5, **content}, None)
    assert parsed is not None
    return parsed


def private(**content: Any) -> Update:
    return update(message=message_in(42, "de", **content))


def in_a_group(**content: Any) -> Update:
    return update(message=message_in(-100, "de", "supergroup", **content))


PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
VOICE = {"file_id": "f", "file_unique_id": "u", "duration": 3}
CONTACT = {"phone_number": "+4915112345678", "first_name": "Ayşe"}
POSITION = {"latitude": 50.94, "longitude": 6.96}
QUERY = {"id": "9", "from": message_in(42, "de")["from"], "chat_instance": "1", "message": message_in(42, text="?")}

TABLE: list[tuple[str, Update, dict[str, Any]]] = [
    ("a text is a text", private(text="Pasaportum çalındı"), {"text": "Pasaportum çalındı"}),
    ("a known command is a payload", private(text="/start"), {"payload": "/start"}),
    ("a command may carry the bot's name", private(text="/help@hemsehri_bot"), {"payload": "/help"}),
    ("what follows a command is left out", private(text="/start from-a-poster"), {"payload": "/start"}),
    ("an unknown command is a text", private(text="/pizza"), {"text": "/pizza"}),
    ("a pressed button is its payload", update(callback_query=QUERY | {"data": "/topic x"}), {"payload": "/topic x"}),
    ("a typed button label is a text here", private(text="Talk to a person"), {"text": "Talk to a person"}),
    ("a shared position is a position", private(location=POSITION), {"lat": 50.94, "lon": 6.96}),
    ("a contact is a phone number", private(contact=CONTACT), {"text": "+4915112345678"}),
    ("a photo cannot be read", private(photo=PHOTO), {"unreadable": "attachment"}),
    ("its caption can", private(photo=PHOTO, caption="İmdat"), {"text": "İmdat"}),
    ("a voice message cannot be read", private(voice=VOICE), {"unreadable": "attachment"}),
    ("a corrected text counts", update(edited_message=message_in(42, "de", text="Köln, not Bonn")),
     {"text": "Köln, not Bonn"}),
    ("a command in a group is noticed", in_a_group(text="/start"), {"unreadable": "group"}),
]  # fmt: skip

ORIGINAL = message_in(42, text="Case 1") | {"message_id": 77, "from": {"id": 4242, "is_bot": True, "first_name": "B"}}
SOMEBODY_ELSES = ORIGINAL | {"from": {"id": 9, "is_bot": False, "first_name": "Ada"}}
IN_GROUP = {"id": "9", "from": message_in(42, "de")["from"], "chat_instance": "1",
            "message": message_in(-100, "de", "supergroup", text="Case 1")}  # fmt: skip
BOT = {"id": 4242, "is_bot": True, "first_name": "B"}
LEFT = {"chat": message_in(-100, "", "group")["chat"], "from": message_in(42)["from"], "date": 1,
        "old_chat_member": {"user": BOT, "status": "member"},
        "new_chat_member": {"user": BOT, "status": "left"}}  # fmt: skip
JOINED = LEFT | {"new_chat_member": {"user": BOT, "status": "member"}}
CODE = "0123456789abcdef0123"

DUTY: list[tuple[str, Update, dict[str, Any]]] = [
    ("who writes is known", private(text="merhaba"), {"sender": "42"}),
    ("a reply names what it answers", private(text="merhaba", reply_to_message=ORIGINAL),
     {"sender": "42", "reply_to": "77"}),
    ("a press can be answered", update(callback_query=QUERY | {"data": "duty:accept:1"}),
     {"sender": "42", "query": "9"}),
    ("a press in a group names person and group", update(callback_query=IN_GROUP | {"data": "duty:accept:1"}),
     {"sender": "42", "query": "9", "group": True}),
    ("of a code only the hash is kept", private(text=f"/start link_{CODE}"),
     {"sender": "42", "link": hash_secret(CODE)}),
    ("typed in capitals it is the same", private(text=f"/start link_{CODE.upper()}"),
     {"sender": "42", "link": hash_secret(CODE)}),
    ("a desk's code in a group", in_a_group(text=f"/desk@hemsehri_bot {CODE}"),
     {"sender": "100", "group": True, "link": hash_secret(CODE)}),
    ("an answer to us in a group, without its words", in_a_group(text="secret", reply_to_message=ORIGINAL),
     {"sender": "100", "group": True, "event": "answer", "reply_to": "77"}),
    ("a group with a new number", in_a_group(migrate_to_chat_id=-5),
     {"sender": "100", "group": True, "event": "moved", "to": "-5"}),
    ("we were removed", update(my_chat_member=LEFT), {"sender": "42", "group": True, "event": "left"}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "wanted"), [row[1:] for row in DUTY], ids=[row[0] for row in DUTY])
def test_what_matters_when_the_sender_is_staff(given: Update, wanted: dict[str, Any]) -> None:
    incoming = incoming_from(given, "4242")
    assert incoming is not None
    assert incoming.duty == wanted
    assert "secret" not in str(incoming.to_dict()), "words in a group are not stored"
    assert CODE not in str(incoming.to_dict()).lower(), "nor is a code"
    assert Incoming.from_dict(incoming.to_dict()) == incoming


NOTHING: list[tuple[str, Update]] = [
    ("talk in a group is not for us", in_a_group(text="merhaba")),
    ("nor is a channel's post", update(channel_post=message_in(-5, "", "channel", text="news"))),
    ("nor is an update of a kind that we do not know", update(some_new_kind={"a": 1})),
    ("each step of a live location would be a flood", update(edited_message=message_in(42, "de", location=POSITION))),
    ("nothing is nothing", update()),
    ("words between people in a group", in_a_group(text="merhaba", reply_to_message=SOMEBODY_ELSES)),
    ("a citizen's button in a group", update(callback_query=IN_GROUP | {"data": "/help"})),
    ("that we were added to a group", update(my_chat_member=JOINED)),
]


@pytest.mark.parametrize(("given", "wanted"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_an_update_becomes_one_incoming_message(given: Update, wanted: dict[str, Any]) -> None:
    incoming = incoming_from(given, "4242")
    assert incoming is not None
    said = {name: getattr(incoming, name) for name in ("text", "payload", "lat", "lon", "unreadable")}
    assert {name: value for name, value in said.items() if value not in ("", None)} == wanted
    assert incoming.external_id == "4242:5", "unique per bot: two bots may see the same number"
    assert incoming.conversation_key.startswith("telegram:4242:")
    assert incoming.language == "de"


@pytest.mark.parametrize("given", [row[1] for row in NOTHING], ids=[row[0] for row in NOTHING])
def test_an_update_that_is_none_of_our_business_is_left_alone(given: Update) -> None:
    assert incoming_from(given, "4242") is None


SECRETS = [
    ("the same secret fits", "s", "s", True),
    ("another one does not", "t", "s", False),
    ("no header does not fit", None, "s", False),
    ("an empty header does not fit", "", "s", False),
    ("without a configured secret nothing fits", "s", None, False),
    ("not even nothing", None, None, False),
    ("not even an empty header and an empty secret", "", "", False),
    ("letters outside ASCII are only wrong", "ş", "s", False),
]


@pytest.mark.parametrize(("given", "wanted", "fits"), [row[1:] for row in SECRETS], ids=[row[0] for row in SECRETS])
def test_the_webhooks_secret_fails_closed(given: str | None, wanted: str | None, fits: bool) -> None:
    assert secret_fits(given, wanted) is fits
