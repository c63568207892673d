"""Our side of the comparison: everything that `bot up` starts, with production settings, and citizens at its widget."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.dev_messages import Asked
from bench.load import Line, Load, Stream, encoded
from bench.processes import family, megabytes
from bot.app import Town as Installed
from bot.app import build
from bot.channels.web_widget import conversation_key, make_id
from bot.settings import load_settings
from tests.harness.whole import Up, whole_town

TURNS = 5  # messages of one conversation, before the client is somebody else
PATIENCE = 60.0  # seconds for an answer
WORDS = 24  # letters of an answer that tell it from others
BOT, CITIZEN = b'"author":"bot"', b'"author":"citizen"'


@dataclass(frozen=True)
class Said:
    """One message, and words (of the JSON line) that a line of this author must then contain."""

    text: str
    expected: bytes
    language: str = "tr"
    author: bytes = BOT


@dataclass
class Door:
    """Where citizens come in."""

    url: str
    secret: str

    def new_conversation(self, language: str) -> str:
        """A widget's secret address, made as the gateway makes it: asking for thousands is (rightly) refused."""
        return make_id(self.secret, language)


class Town(Door):
    """A running installation."""

    def __init__(self, up: Up) -> None:
        self.up, self.settings = up, load_settings({"HEMSEHRI_VAR_DIR": str(up.folder)})
        super().__init__(up.url, self.settings.internal_token)
        assert up.process is not None
        self.pids = family(up.process.pid)

    @cached_property
    def desk(self) -> Installed:
        """What somebody on duty needs of it, in this process."""
        return build(self.settings, prepare=False, understand=False)

    @property
    def megabytes(self) -> float:
        """Memory of everything."""
        return sum(map(megabytes, self.pids))

    def query(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Look into the database file."""
        with sqlite3.connect(f"file:{self.up.folder / 'hemsehri.db'}?mode=ro", uri=True) as database:
            return database.execute(statement, values).fetchall()

    def waiting(self) -> int:
        """Messages that are not answered yet."""
        ((count,),) = self.query("select count(*) from inbox where state in ('new', 'triaged')")
        assert isinstance(count, int)
        return count

    def rasa_knows(self, key: str) -> bool:
        """Whether the dialogue engine has taken part in this conversation."""
        with sqlite3.connect(f"file:{self.up.folder / 'rasa.sqlite'}?mode=ro", uri=True) as database:
            return bool(database.execute("select count(*) from conversations where sender = ?", (key,)).fetchone()[0])

    def wait_until_answered(self, seconds: float = 600) -> None:
        """Until nothing waits any more. Raises RuntimeError."""
        until = time.monotonic() + seconds
        while self.waiting():
            if time.monotonic() > until:
                raise RuntimeError(f"{self.waiting()} messages are still not answered")
            time.sleep(0.2)


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    """`bot up`, ready, with nobody else in it."""
    with whole_town(folder) as up:
        place = Town(up)
        yield place
        if "desk" in place.__dict__:
            place.desk.close()


class Citizen:
    """A widget: one connection to write, one that listens; another conversation every few messages."""

    def __init__(self, place: Door, turns: int = TURNS) -> None:
        self._town, self._turns = place, turns
        self._line = Line(place.url)
        self._stream: Stream | None = None
        self._written, self._language = 0, ""
        self.conversation = ""

    def asks(self, said: Said) -> float:
        """Write, and wait for the reply. Returns milliseconds. Raises RuntimeError if it is not the right one."""
        if said.language != self._language or self._written >= self._turns:
            self.enter(self._town.new_conversation(said.language), said.language)
        if self._stream is None:
            self._stream = Stream(f"{self._path}/events", PATIENCE)
        began = time.perf_counter()
        self.writes(said.text)
        self._stream.wait_for(said.author, said.expected, PATIENCE)
        return 1000 * (time.perf_counter() - began)

    def enter(self, conversation: str, language: str) -> None:
        """Be this person from now on."""
        if self._stream is not None:
            self._stream.close()
        self._stream, self._written = None, 0
        self.conversation, self._language = conversation, language
        self._path = f"{self._town.url}/chat/v1/conversations/{conversation}"

    def writes(self, text: str) -> None:
        """Write; returns when it is on the town's disk."""
        body = {"client_message_id": f"m{time.monotonic_ns()}", "text": text, "language": self._language}
        answer = self._line.send(encoded(f"{self._path}/messages", body))
        self._written += 1
        if b'"stored"' not in answer:
            raise RuntimeError(f"not stored: {answer[:300]!r}")

    @property
    def key(self) -> str:
        """How the database calls the conversation."""
        return conversation_key(self.conversation)

    def close(self) -> None:
        """Hang up."""
        self._line.close()
        if self._stream is not None:
            self._stream.close()


def ask_around(place: Town, said: Sequence[Said], clients: int, seconds: float, *, turns: int = TURNS) -> Load:
    """So many citizens at once, each asking the next when the last is answered."""
    load, lock, begin = Load(), threading.Lock(), threading.Barrier(clients + 1)

    def work(number: int) -> None:
        citizen, took, wrong, turn = Citizen(place, turns), [], [], number * 7
        begin.wait()
        cpu, until = time.thread_time(), time.perf_counter() + seconds
        while time.perf_counter() < until:
            try:
                took.append(citizen.asks(said[turn % len(said)]))
            except (OSError, RuntimeError) as error:
                wrong.append(repr(error).encode())
            turn += 1
        citizen.close()
        with lock:
            load.cpu_seconds += time.thread_time() - cpu
            load.milliseconds += took
            load.wrong_count += len(wrong)
            load.wrong += wrong[:3]

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(clients)]
    for thread in threads:
        thread.start()
    begin.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - began
    return load


def learn(place: Town, asked: Sequence[Asked], *, dialogue: bool) -> list[Said]:
    """Those of these messages that are answered with (or without) the dialogue engine, and how each answer begins.

    Ordered by language, so that a conversation has one.
    """
    found = []
    citizen = Citizen(place, turns=1)
    for one in asked:
        citizen.asks(Said(one.text, b"", one.language))
        place.wait_until_answered()
        query = (
            "select m.text from messages m join conversations c on c.id = m.conversation_id"
            " where c.key = ? and m.author = 'bot' order by m.seq limit 1"
        )
        ((reply,),) = place.query(query, citizen.key)
        if place.rasa_knows(citizen.key) is dialogue:
            words = json.dumps(str(reply)[:WORDS], ensure_ascii=False)[1:-1].encode()
            found.append(Said(one.text, words, one.language))
    citizen.close()
    return sorted(found, key=lambda said: said.language)
