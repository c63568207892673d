"""Our side of the comparison: everything that `bot up` starts, with production settings, and citizens at its widget."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import Line, Load, Stream, encoded
from bench.processes import family, resident_megabytes
from bot.channels.web_widget import conversation_key, make_id
from bot.settings import load_settings
from tests.harness.whole import Up, whole_town

TURNS = 5  # messages of one conversation, before the client is somebody else
PATIENCE = 60.0  # seconds for an answer


@dataclass
class Said:
    """One message and words (of the JSON line) that one of the replies must contain."""

    text: str
    expected: bytes


class Town:
    """A running installation."""

    def __init__(self, up: Up) -> None:
        self.up, self.url = up, up.url
        assert up.process is not None
        self.pids = family(up.process.pid)
        self._secret = load_settings({"HEMSEHRI_VAR_DIR": str(up.folder)}).internal_token

    def new_conversation(self, language: str) -> str:
        """A widget's secret address, made as the gateway makes it: asking for thousands is (rightly) refused."""
        return make_id(self._secret, language)

    @property
    def megabytes(self) -> float:
        """Resident memory of everything."""
        return sum(map(resident_megabytes, self.pids))

    def query(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Look into the database file."""
        with sqlite3.connect(f"file:{self.up.folder / 'hemsehri.db'}?mode=ro", uri=True) as database:
            return database.execute(statement, values).fetchall()

    def waiting(self) -> int:
        """Messages that are not answered yet."""
        ((count,),) = self.query("select count(*) from inbox where state in ('new', 'triaged')")
        assert isinstance(count, int)
        return count

    def rasa_conversations(self) -> int:
        """How many conversations the dialogue engine knows."""
        with sqlite3.connect(f"file:{self.up.folder / 'rasa.sqlite'}?mode=ro", uri=True) as database:
            return int(database.execute("select count(*) from conversations").fetchone()[0])


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    """`bot up`, ready, with nobody else in it."""
    with whole_town(folder) as up:
        yield Town(up)


class Citizen:
    """A widget: one connection to write, one that listens; another conversation every few messages."""

    def __init__(self, place: Town, language: str = "tr", turns: int = TURNS) -> None:
        self._town, self._language, self._turns = place, language, turns
        self._line = Line(place.url)
        self._stream: Stream | None = None
        self._written = turns
        self.conversation = ""

    def asks(self, said: Said) -> float:
        """Write, and wait for the reply. Returns milliseconds. Raises RuntimeError if it is not the right one."""
        self.listen()
        assert self._stream is not None
        began = time.perf_counter()
        self.writes(said.text)
        self._stream.wait_for(b'"author":"bot"', said.expected, PATIENCE)
        return 1000 * (time.perf_counter() - began)

    def listen(self) -> None:
        """Be somebody who is connected; somebody else once this one has written enough."""
        if self._written < self._turns:
            return
        if self._stream is not None:
            self._stream.close()
        self.conversation = self._town.new_conversation(self._language)
        path = f"{self._town.url}/chat/v1/conversations/{self.conversation}"
        self._stream = Stream(f"{path}/events", PATIENCE)
        self._messages, self._written = f"{path}/messages", 0

    def writes(self, text: str) -> None:
        """Write; returns when it is on the town's disk."""
        body = {"client_message_id": f"m{self._written}", "text": text, "language": self._language}
        answer = self._line.send(encoded(self._messages, body))
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
        citizen, took, wrong, turn = Citizen(place, turns=turns), [], [], number * 7
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


def learn(place: Town, texts: Sequence[str], beginnings: Sequence[str]) -> list[Said]:
    """What each message must be answered with: the words given, as they stand in the JSON of the stream."""
    said = [Said(text, json.dumps(words, ensure_ascii=False)[1:-1].encode())
            for text, words in zip(texts, beginnings, strict=True)]  # fmt: skip
    citizen = Citizen(place)
    for one in said:
        citizen.asks(one)
    citizen.close()
    return said
