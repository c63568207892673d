"""The webhook believes nobody without the secret, and is never surprised by what it gets."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import func, select

from bot.storage.tables import CaseRow, InboxRow, MessageRow
from tests.channels.conftest import SECRET, TelegramTown
from tests.harness.bot_api import SECRET_HEADER
from tests.harness.bot_api_people import message_in

GOOD = {"update_id": 900, "message": message_in(42, "tr", text="merhaba")}
STOLEN = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"


def post(url: str, body: object, secret: bytes | str | None = SECRET) -> httpx.Response:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(url, content=content, headers=headers, trust_env=False, timeout=20)


def count(telegram: TelegramTown, table: type) -> int:
    with telegram.town.database.read() as uow:
        return uow.session.scalar(select(func.count()).select_from(table)) or 0


def test_without_the_right_secret_every_call_is_refused_and_nothing_is_stored(telegram: TelegramTown) -> None:
    with telegram.gateway() as url:
        for secret in (None, "", "wrong", SECRET.upper(), SECRET + " x", "ş".encode()):
            response = post(url, GOOD, secret)
            assert response.status_code == 403, secret
            assert response.headers["content-type"] == "application/problem+json"
    with telegram.gateway(secret=None) as url:
        for secret in (None, "", SECRET):
            assert post(url, GOOD, secret).status_code == 403, "no secret is configured: fail closed"
    assert count(telegram, InboxRow) == 0


def nested(depth: int) -> bytes:
    return b'{"update_id": 1, "message": ' + b"[" * depth + b"]" * depth + b"}"


ODD: list[tuple[str, bytes]] = [
    ("no body", b""),
    ("not JSON", b"{not json"),
    ("not UTF-8", b"\xff\xfe\x00"),
    ("a list", b"[1, 2]"),
    ("null", b"null"),
    ("a number", b"12"),
    ("an update without its number", b'{"message": {}}'),
    ("a number that is none", b'{"update_id": true}'),
    ("a message that is a text", b'{"update_id": 1, "message": "hello"}'),
    ("a message without its chat", b'{"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "x"}}'),
    ("a text that is a number",
     json.dumps({"update_id": 1, "message": message_in(42, text=7)}).encode()),
    ("a date beyond time",
     json.dumps({"update_id": 1, "message": message_in(42, text="x") | {"date": 10**30}}).encode()),
    ("brackets without end", nested(100_000)),
    ("only an update's number", b'{"update_id": 1}'),
]  # fmt: skip


def test_a_malformed_update_is_ignored_and_never_an_error(telegram: TelegramTown) -> None:
    with telegram.gateway() as url:
        for label, body in ODD:
            response = post(url, body)
            assert (response.status_code, response.json()) == (200, {"state": "ignored"}), label
        huge = post(url, json.dumps(GOOD | {"padding": "x" * 1_100_000}).encode())
        assert huge.status_code == 413
        assert huge.headers["content-type"] == "application/problem+json"
        assert count(telegram, InboxRow) == 0
        assert post(url, GOOD).json() == {"state": "stored"}, "afterwards a good one is taken as ever"


def test_a_text_with_letters_that_no_database_takes_is_stored_without_them(telegram: TelegramTown) -> None:
    with telegram.gateway() as url:
        body = json.dumps({"update_id": 5, "message": message_in(42, text="a\x00b")}).encode()
        assert post(url, body).json() == {"state": "stored"}
        lone = body.replace(b"a\\u0000b", b"lone \\ud83d half").replace(b'"update_id": 5', b'"update_id": 6')
        assert post(url, lone).json() == {"state": "stored"}
    with telegram.town.database.read() as uow:
        assert [row.body["text"] for row in uow.session.scalars(select(InboxRow).order_by(InboxRow.id))] == [
            "ab",
            "lone ? half",
        ]


def test_the_same_update_five_times_at_once_and_again_after_a_restart_has_one_effect(telegram: TelegramTown) -> None:
    stolen = {"update_id": 77, "message": message_in(42, "tr", text=STOLEN)}
    with telegram.gateway() as url, ThreadPoolExecutor(5) as pool:
        states = [r.json()["state"] for r in pool.map(lambda _: post(url, stolen), range(5))]
    assert sorted(states) == ["repeat"] * 4 + ["stored"]
    with telegram.gateway() as url:  # another process on the same database
        assert post(url, stolen).json() == {"state": "repeat"}
    telegram.deliver()
    cards = [text for text in telegram.fake.user(42).reads() if "110" in text]
    assert len(cards) == 1
    assert count(telegram, CaseRow) == 1
    with telegram.town.database.read() as uow:
        written = uow.session.scalars(select(MessageRow).where(MessageRow.author == "citizen")).all()
    assert len(written) == 1


def test_update_numbers_may_start_again_lower_after_a_week_of_silence(telegram: TelegramTown) -> None:
    with telegram.gateway() as url:
        for update_id in (800_000_000, 12, 13, 799_999_999):
            body = {"update_id": update_id, "message": message_in(42, "tr", text="merhaba")}
            assert post(url, body).json() == {"state": "stored"}, update_id
    assert count(telegram, InboxRow) == 4


@pytest.mark.parametrize("disk_full", [True], ids=["neither database nor disk take it"])
def test_an_update_that_cannot_be_stored_is_refused_so_that_telegram_repeats_it(
    telegram: TelegramTown, monkeypatch: pytest.MonkeyPatch, disk_full: bool
) -> None:
    from sqlalchemy.exc import OperationalError

    def away(*_: object, **__: object) -> None:
        raise OperationalError("begin", {}, Exception("the database is away"))

    def full(_entry: object) -> None:
        raise OSError(28, "No space left on device")

    with telegram.gateway() as url:
        with monkeypatch.context() as patched:
            patched.setattr(telegram.town.database, "write", away)
            patched.setattr(telegram.town.ports.spool, "write", full)
            response = post(url, GOOD)
            assert response.status_code == 503
            assert response.headers["content-type"] == "application/problem+json"
        assert post(url, GOOD).json() == {"state": "stored"}
