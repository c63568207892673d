"""Parts go away: the number is still shown, the message is still kept, and nothing happens twice afterwards."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.clients.rasa import RasaDialogue
from bot.clients.wakeup import make_wakeup
from bot.services.conversation import handle_next
from bot.services.intake import replay_spool
from bot.services.ports import DialogueAway
from bot.storage.tables import CaseRow, InboxRow
from bot.web.server import create_app
from tests.channels.widgets import Stream, Widget
from tests.harness.servers import Postgres, Valkey, free_port, serving
from tests.harness.town import Town

STOLEN = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"


def count(town: Town, table: type) -> int:
    with town.database.read() as uow:
        return uow.session.scalar(select(func.count()).select_from(table)) or 0


def until(true: Callable[[], bool], what: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """One that a test may stop."""
    server = Postgres()
    yield server
    server.remove()


def test_with_the_database_gone_the_card_is_shown_the_message_kept_and_handled_once_when_it_is_back(
    make_town: Callable[..., Town], own_postgres: Postgres
) -> None:
    town = make_town(database_url=own_postgres.create("town"))
    town.ports.clock = lambda: datetime.now(UTC)
    town.ports.knowledge.refresh()
    with serving(create_app(town.ports, town.settings)) as url:
        known, new = Widget(url), Widget(url)
        known.writes("merhaba")
        stream = Stream(known)
        stream.wait(lambda: len(stream.messages()) >= 2)

        own_postgres.stop()
        assert known.http.get("/health/ready").status_code == 503
        assert known.http.get("/health/live").status_code == 200
        first = new.sends(STOLEN, "same").json()
        assert first["state"] == "spooled"
        assert "110" in first["replies"][0]["text"].splitlines()[0], "the number at once, in the answer itself"
        assert "+49 30 56 83 73 099" in first["replies"][0]["text"]
        assert new.sends(STOLEN, "same").json()["state"] == "spooled", "the widget insists"
        calm = known.sends("Wie lange ist mein Reisepass gültig?").json()
        assert calm["state"] == "spooled"
        assert calm["replies"], "an honest sentence"
        assert known.http.get("/health/ready").json()["spooled_messages"] == 3

        own_postgres.start()
        until(lambda: town.ports.spool.waiting() == 0, "the spool is replayed")
        until(lambda: len(new.lines()) >= 2, "and answered")
        stream.wait(lambda: len(stream.messages()) >= 4)
        assert [message["seq"] for message in stream.messages()][:4] == [1, 2, 3, 4], "the open page goes on"
        assert new.sends(STOLEN, "same").json()["state"] == "repeat"
        stream.close()
    assert count(town, CaseRow) == 1
    assert count(town, InboxRow) == 3
    town.database.close()


@pytest.fixture
def broken_sqlite(make_town: Callable[..., Town]) -> Town:
    """The database file cannot be used any more."""
    town: Town = make_town()
    town.ports.knowledge.refresh()
    return town


def lose_the_database(town: Town) -> None:
    town.database.close()
    (town.folder / "hemsehri.db").rename(town.folder / "away.db")
    (town.folder / "hemsehri.db").mkdir()


def bring_it_back(town: Town) -> None:
    town.database.close()
    (town.folder / "hemsehri.db").rmdir()
    (town.folder / "away.db").rename(town.folder / "hemsehri.db")


def test_the_same_on_sqlite_and_a_message_replayed_twice_has_one_effect(broken_sqlite: Town) -> None:
    town = broken_sqlite
    citizen = town.citizen()
    lose_the_database(town)
    assert [citizen.sends(STOLEN, external_id="x") for _ in range(2)] == ["spooled", "spooled"]
    assert replay_spool(town.ports) == 0, "still away: nothing moves, nothing is lost"
    assert town.ports.spool.waiting() == 2
    bring_it_back(town)
    assert replay_spool(town.ports) == 2
    while handle_next(town.ports):
        pass
    assert citizen.sends(STOLEN, external_id="x") == "repeat"
    assert town.case(citizen.case_id).label == "passport_lost_travel"
    assert count(town, CaseRow) == 1


def test_with_the_disk_full_too_the_refusal_itself_has_the_emergency_number(broken_sqlite: Town) -> None:
    def full(_entry: object) -> Path:
        raise OSError(28, "No space left on device")

    town = broken_sqlite
    with serving(create_app(town.ports, town.settings)) as url:
        widget = Widget(url)
        lose_the_database(town)
        town.ports.spool.write = full  # type: ignore[method-assign]
        response = widget.sends("Hilfe! Meine Mutter in Köln atmet nicht")
        assert response.status_code == 503
        assert response.headers["content-type"] == "application/problem+json"
        assert "112" in response.json()["detail"]
        bring_it_back(town)
        assert widget.writes("merhaba"), "and when there is room again it goes on"


def test_a_spool_that_runs_out_of_space_leaves_no_half_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.storage import spool

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    kept = spool.Spool(tmp_path / "spool")
    with monkeypatch.context() as patched:
        patched.setattr(spool.os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            kept.write({"text": "x"})
    assert list(kept.folder.iterdir()) == []


def test_a_spooled_file_that_nobody_can_read_is_set_aside_and_the_next_ones_go(tmp_path: Path) -> None:
    from bot.storage.spool import Spool

    spool = Spool(tmp_path / "spool")
    paths = [spool.write({"text": str(number)}) for number in range(4)]
    paths[0].write_text("{half a")
    paths[1].write_text("[1, 2]")
    read = []
    for path, entry in spool.entries():
        read.append(entry["text"])
        for other in (path, paths[3]):  # a second process is replaying too
            spool.done(other)
    assert read == ["2"]
    assert len(list(spool.folder.glob("*.bad"))) == 2, "kept for a person to look at"


# --- Rasa -----------------------------------------------------------------------------------------


class OddRasa:
    """Answers as a Rasa in trouble does."""

    def __init__(self, status: int, body: str, seconds: float) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                time.sleep(seconds)
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


SAY = json.dumps([{"recipient_id": "x", "custom": {"directive": "say", "key": "say.thanks"}}])
ODD: list[tuple[str, int, str, float]] = [
    ("its action server is down: 200 and an empty list", 200, "[]", 0),
    ("no model is loaded: a conflict", 409, '{"reason": "No agent loaded"}', 0),
    ("it is broken", 500, "Internal Server Error", 0),
    ("it answers something that is not JSON", 200, "<html>", 0),
    ("it answers something that is not a list", 200, '{"a": 1}', 0),
    ("it answers a list of something else", 200, "[1, null]", 0),
    ("it only knows texts", 200, '[{"recipient_id": "x", "text": "hello"}]', 0),
    ("it answers later than anyone waits", 200, SAY, 1.5),
    ("it answers a directive that does not exist", 200, '[{"custom": {"directive": "dance"}}]', 0),
    ("its directive has no name", 200, '[{"custom": {}}]', 0),
]


@pytest.mark.parametrize(("status", "body", "seconds"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_with_rasa_in_trouble_people_are_answered_from_content_and_crises_have_their_card(
    make_town: Callable[..., Town], monkeypatch: pytest.MonkeyPatch, status: int, body: str, seconds: float
) -> None:
    monkeypatch.setattr("bot.clients.rasa.READ", 0.4)
    rasa = OddRasa(status, body, seconds)
    town = make_town(dialogue=RasaDialogue(rasa.url))
    citizen = town.citizen()
    try:
        answer = citizen.writes("Reisepass verlängern, was brauche ich?")
        assert answer, "an answer from content"
        assert len(answer[0].text) > 20
        card = citizen.writes(STOLEN)
        assert "110" in card[0].text.splitlines()[0]
    finally:
        rasa.stop()
    assert count(town, CaseRow) == 1
    with town.database.read() as uow:
        states = set(uow.session.scalars(select(InboxRow.state)))
    assert states == {"done"}, "no message failed"


def test_a_rasa_that_is_not_there_is_not_waited_for_again_and_again() -> None:
    dialogue = RasaDialogue(f"http://127.0.0.1:{free_port()}")
    for reason in ("ConnectionError", "a moment ago"):
        with pytest.raises(DialogueAway, match=reason):
            dialogue.turn("web:x", "merhaba", {})
    assert not dialogue.is_ready()


def test_without_redis_and_when_it_goes_away_in_between_everything_works(make_town: Callable[..., Town]) -> None:
    server = Valkey()
    stopped = False
    town = make_town()
    town.ports.wakeup = make_wakeup(server.url)
    town.ports.clock = lambda: datetime.now(UTC)
    try:
        with serving(create_app(town.ports, town.settings)) as url:
            widget = Widget(url)
            stream = Stream(widget)
            assert widget.writes("merhaba")
            server.stop()
            stopped = True
            assert widget.writes(STOLEN)
            stream.wait(lambda: len(stream.messages()) >= len(widget.lines()))
            stream.close()
    finally:
        if not stopped:
            server.stop()
    assert count(town, CaseRow) == 1
