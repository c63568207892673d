"""How many messages a second are written down durably, beside what this machine can do at all.

Over HTTP: the real gateway's POST beside a bare echo of the same request. In process: `intake.store`, which also
listens for cries for help, beside bare inserts of the same bytes into the same table, alone and committed together.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue

import httpx

from bench.load import TURNS, Shot, drive, encoded
from bench.results import Options, Result, median
from bot.app import build, prepare_database
from bot.channels.web_widget import conversation_key, make_id
from bot.services.incoming import Incoming
from bot.services.intake import store
from bot.settings import ROOT, Settings, load_settings
from tests.harness.servers import free_port
from tests.harness.town import SHARED_VAR

AIM = 0.6  # of the raw limit
CLIENTS = 32
TEXTS = (
    ("de", "Hallo, ich habe meinen Ausweis verloren und fliege morgen. Was soll ich tun?"),
    ("tr", "Merhaba, pasaportumu kaybettim, yarın uçağım var. Ne yapmalıyım?"),
    ("en", "What do I need to register the birth of my daughter, and where do I go?"),
)
COLUMNS = "channel, external_id, conversation_key, body, received_at, available_at, lane, attempts, state"
INSERT = f"INSERT INTO inbox ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"


def measure(options: Options) -> Sequence[Result]:
    """Rounds of ours and theirs in turn; every stored message is looked for afterwards."""
    each = 25 if options.quick else 100  # messages of each client
    figures: dict[str, list[float]] = {}

    def took(name: str, figure: float) -> None:
        figures.setdefault(name, []).append(figure)

    town = Installation(options.folder / "installation")
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)  # as in the gateway
    try:
        with InProcess(town) as process:
            for turn in range(options.rounds):
                for callers, turns in ((1, each * 4), (CLIENTS, each)):
                    took(f"raw {callers}", process.raw(f"raw-{turn}-{callers}", callers, turns))
                    took(f"store {callers}", process.stored(f"ours-{turn}-{callers}", callers, turns))
                took("batches", process.batches(f"batch-{turn}", each))
        with town.serving("gateway") as gateway, town.serving("echo") as echo:
            for _ in range(options.rounds):
                took("echo", over_http(town, echo, each, look=False))
                took("gateway", over_http(town, gateway, each, look=True))
    finally:
        sys.setswitchinterval(before)
    middle = {name: median(values) for name, values in figures.items()}
    options.note(
        "Durable intake: the gateway is the real one in a process of its own, without the engine that would answer"
        f" ({CLIENTS} connections). Rows made beforehand and handed over {CLIENTS} at a time by a single thread,"
        f" with no caller to wait for, go in at {middle['batches']:,.0f}/s: what the disk and SQLite alone allow."
    )
    unit, many = "messages/s", f"{CLIENTS} callers"
    return [
        Result("durable intake over HTTP", middle["gateway"], middle["echo"], "a bare FastAPI echo, nothing kept",
               unit, "higher", AIM),
        Result(f"stored in process, {many}", middle[f"store {CLIENTS}"], middle[f"raw {CLIENTS}"],
               f"bare inserts of {many}, committed together", unit, "higher", AIM),
        Result("stored in process, one caller", middle["store 1"], middle["raw 1"],
               "bare inserts, a commit each", unit, "higher", AIM),
    ]  # fmt: skip


class Installation:
    """A prepared database in a folder of its own, and the servers over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        for name in ("brain", "search"):
            (folder / name).symlink_to(SHARED_VAR / name)
        self.environment = {"HEMSEHRI_VAR_DIR": str(folder)}
        self.settings: Settings = load_settings(self.environment)
        prepare_database(self.settings).close()
        self.database = folder / "hemsehri.db"

    @contextmanager
    def serving(self, name: str) -> Iterator[str]:
        """One of bench/intake_servers.py, as a process; gives its address."""
        port = free_port()
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("HEMSEHRI_")}
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "bench.intake_servers", name, str(port)],
                cwd=ROOT, env=inherited | self.environment, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 60
            while time.monotonic() < until and process.poll() is None:
                with suppress(httpx.HTTPError), httpx.Client(trust_env=False) as client:
                    if client.get(f"{url}/health/live", timeout=2).status_code == 200:
                        break
                time.sleep(0.05)
            else:
                raise RuntimeError(f"no {name}: {(self.folder / f'{name}.log').read_text()[-1000:]}")
            yield url
        finally:
            process.terminate()
            process.wait(20)


def over_http(town: Installation, url: str, each: int, *, look: bool) -> float:
    """Messages per second of many clients; with `look`, each must lie in the inbox once."""
    clients, expected = [], set()
    for number in range(CLIENTS):
        shots = []
        for turn in range(each):
            if turn % TURNS == 0:
                language, words = TEXTS[(number + turn) % len(TEXTS)]
                address = make_id(town.settings.internal_token, language)
            body = {"client_message_id": f"m{turn}", "text": words, "language": language}
            request = encoded(f"{url}/chat/v1/conversations/{address}/messages", body)
            shots.append(Shot(request, b'"stored"' if look else words[:12].encode()))
            expected.add(f"{conversation_key(address)}:m{turn}")
        clients.append(iter(shots))
    load = drive(url, clients, 120, each).checked()
    if look:
        check(town.database, expected)
    return load.per_second


def check(database: Path, expected: set[str]) -> None:
    """Each of these messages is there, once."""
    with closing(sqlite3.connect(database)) as connection:
        found = [row[0] for row in connection.execute("SELECT external_id FROM inbox") if row[0] in expected]
    if len(found) != len(expected) or set(found) != expected:
        raise RuntimeError(f"{len(expected)} messages were acknowledged, {len(found)} rows are there")


class InProcess:
    """`store` on its own database, and bare inserts on a copy of it."""

    def __init__(self, town: Installation) -> None:
        copy = town.folder / "raw.db"
        shutil.copy(town.database, copy)
        self.database, self.copy = town.database, copy
        self._town = build(load_settings(town.environment), prepare=False)
        self._connection = sqlite3.connect(copy, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._like: tuple[object, ...] = ()

    def __enter__(self) -> InProcess:
        self.stored("like", 1, 2)
        with closing(sqlite3.connect(self.database)) as connection:
            self._like = connection.execute(f"SELECT {COLUMNS} FROM inbox").fetchone()
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._town.close()

    def stored(self, name: str, callers: int, each: int) -> float:
        """Our way, spools and repeats refused."""

        def one(caller: int, turn: int) -> None:
            language, words = TEXTS[turn % len(TEXTS)]
            key = f"web:{name}-{caller}-{turn // TURNS}"
            incoming = Incoming("web", f"{key}:m{turn}", key, "", text=words, language=language)
            state = store(self._town.ports, incoming).state
            if state != "stored":
                raise RuntimeError(f"a message was {state}")

        rate = at_once(one, callers, each)
        keys = ((f"web:{name}-{caller}-{turn // TURNS}", turn) for caller in range(callers) for turn in range(each))
        check(self.database, {f"{key}:m{turn}" for key, turn in keys})
        return rate

    def _row(self, name: str, caller: int, turn: int) -> tuple[object, ...]:
        """A row of the same bytes."""
        key = f"web:{name}-{caller}-{turn // TURNS}"
        return (self._like[0], f"{key}:m{turn}", key, *self._like[3:])

    def _commit(self, rows: list[tuple[object, ...]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(INSERT, rows)
        self._connection.execute("COMMIT")

    def raw(self, name: str, callers: int, each: int) -> float:
        """The bare way: one caller commits each row; of many, a thread commits what has gathered."""
        if callers == 1:
            return at_once(lambda caller, turn: self._commit([self._row(name, caller, turn)]), 1, each)
        gathered: SimpleQueue[tuple[tuple[object, ...], threading.Lock] | None] = SimpleQueue()
        done = [threading.Lock() for _ in range(callers)]

        def commit() -> None:
            while (first := gathered.get()) is not None:
                group = [first]
                with suppress(Empty):
                    while (following := gathered.get_nowait()) is not None:
                        group.append(following)
                self._commit([row for row, _ in group])
                for _, lock in group:
                    lock.release()

        def one(caller: int, turn: int) -> None:
            gathered.put((self._row(name, caller, turn), done[caller]))
            done[caller].acquire()

        for lock in done:
            lock.acquire()
        committer = threading.Thread(target=commit, daemon=True)
        committer.start()
        rate = at_once(one, callers, each)
        gathered.put(None)
        committer.join(10)
        check(self.copy, {str(self._row(name, caller, turn)[1]) for caller in range(callers) for turn in range(each)})
        return rate

    def batches(self, name: str, each: int) -> float:
        """No callers at all."""
        ready = [[self._row(name, caller, turn) for caller in range(CLIENTS)] for turn in range(each)]
        began = time.perf_counter()
        for rows in ready:
            self._commit(rows)
        return each * CLIENTS / (time.perf_counter() - began)


def at_once(one: Callable[[int, int], None], callers: int, each: int) -> float:
    """Calls per second when so many threads call so often; raises what a caller raised."""
    broken: list[Exception] = []

    def caller(number: int) -> None:
        try:
            for turn in range(each):
                one(number, turn)
        except Exception as error:
            broken.append(error)

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(callers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return callers * each / (time.perf_counter() - began)
