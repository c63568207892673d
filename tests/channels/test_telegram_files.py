"""Pictures, recordings and documents that come by Telegram, and fetching them again."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Update
from telegram.error import BadRequest

from bot.channels.telegram import CHANNEL, TelegramClient, incoming_from
from bot.clients.files import FolderFiles
from bot.domain.files import MAX_BYTES, TooBig
from bot.services.ports import FileAway
from bot.storage.tables_cases import AttachmentRow
from tests.channels.conftest import TelegramTown
from tests.harness.bot_api import TOKEN, FakeBotApi
from tests.harness.bot_api_people import message_in

ID = {"file_id": "f-large", "file_unique_id": "u", "file_size": 99}
SMALL = {"file_id": "f-small", "file_unique_id": "v", "width": 1, "height": 1}
SIZED = ID | {"width": 9, "height": 9}

KINDS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("of a picture the largest size", {"photo": [SMALL, SIZED]}, {"kind": "photo", "mime": "image/jpeg"}),
    ("a document with its name", {"document": ID | {"file_name": "pass.pdf", "mime_type": "application/pdf"}},
     {"kind": "document", "mime": "application/pdf", "name": "pass.pdf"}),
    ("a recording", {"voice": ID | {"duration": 3, "mime_type": "audio/ogg"}}, {"kind": "voice", "mime": "audio/ogg"}),
    ("a piece of music is a recording too", {"audio": ID | {"duration": 3}}, {"kind": "voice", "mime": ""}),
    ("a video", {"video": SIZED | {"duration": 3, "mime_type": "video/mp4"}}, {"kind": "video", "mime": "video/mp4"}),
    ("a round video", {"video_note": ID | {"length": 9, "duration": 3}}, {"kind": "video", "mime": ""}),
    ("a name with half a letter in it", {"document": ID | {"file_name": "a\ud800b"}},
     {"kind": "document", "mime": "", "name": "a?b"}),
]  # fmt: skip


def taken(**content: Any) -> Any:
    update = Update.de_json({"update_id": 5, **content}, None)
    assert update is not None
    incoming = incoming_from(update, "4242")
    assert incoming is not None
    return incoming


@pytest.mark.parametrize(("content", "wanted"), [row[1:] for row in KINDS], ids=[row[0] for row in KINDS])
def test_what_came_along_is_described(content: dict[str, Any], wanted: dict[str, Any]) -> None:
    incoming = taken(message=message_in(42, "de", **content))
    assert incoming.attachments == [{"remote_id": "f-large", "size": 99, "name": "", **wanted}]
    assert (incoming.text, incoming.unreadable) == ("", "attachment")


def test_a_caption_is_read_and_the_picture_comes_along() -> None:
    incoming = taken(message=message_in(42, "de", photo=[SIZED], caption="İmdat"))
    assert (incoming.text, incoming.unreadable, len(incoming.attachments)) == ("İmdat", "", 1)


def test_a_corrected_caption_does_not_bring_the_picture_again() -> None:
    assert taken(edited_message=message_in(42, "de", photo=[SIZED], caption="Köln")).attachments == []


def test_a_sticker_is_no_file() -> None:
    sticker = SIZED | {"type": "regular", "is_animated": False, "is_video": False}
    assert taken(message=message_in(42, "de", sticker=sticker)).attachments == []


def test_a_file_is_fetched_as_it_was_sent(fake: FakeBotApi) -> None:
    fake.files["f-1"] = bytes(range(256)) * 40
    assert TelegramClient(TOKEN, fake.url).file("f-1") == fake.files["f-1"]


def test_a_file_that_is_gone_or_too_big_is_not_fetched(fake: FakeBotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    client = TelegramClient(TOKEN, fake.url)
    with pytest.raises(BadRequest):
        client.file("f-none")
    fake.files["f-big"] = b"x" * 100
    monkeypatch.setattr("bot.channels.telegram_files.MAX_BYTES", 99)
    with pytest.raises(TooBig):
        client.file("f-big")


def row(**fields: Any) -> AttachmentRow:
    values = {"id": 7, "channel": CHANNEL, "remote_id": "f-1", "size": 5, **fields}
    return AttachmentRow(**values)


def test_a_file_is_asked_of_telegram_once_and_then_kept_for_us_alone(fake: FakeBotApi, telegram: TelegramTown) -> None:
    fake.files["f-1"] = b"bytes"
    folder = telegram.town.folder / "attachments"
    files = FolderFiles(folder, {CHANNEL: telegram.client.file})
    assert files.read(row()) == files.read(row()) == b"bytes"
    assert len(fake.called("getFile")) == 1
    (kept,) = folder.iterdir()
    assert (kept.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


AWAY: list[tuple[str, dict[str, Any], type[Exception]]] = [
    ("Telegram does not have it any more", {"remote_id": "f-none"}, FileAway),
    ("nobody knows where it is", {"remote_id": None}, FileAway),
    ("the channel is not here", {"channel": "pigeon"}, FileAway),
    ("it is announced as too big", {"size": MAX_BYTES + 1}, TooBig),
]


@pytest.mark.parametrize(("fields", "wanted"), [line[1:] for line in AWAY], ids=[line[0] for line in AWAY])
def test_a_file_that_cannot_be_had_is_said_to_be_away(
    telegram: TelegramTown, fields: dict[str, Any], wanted: type[Exception]
) -> None:
    files = FolderFiles(telegram.town.folder / "attachments", {CHANNEL: telegram.client.file})
    with pytest.raises(wanted):
        files.read(row(**fields))
