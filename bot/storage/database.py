"""The database: SQLite by default, PostgreSQL when it grows. The same code on both."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from bot.storage.group_commit import GroupCommit, WriteLockTaken
from bot.storage.unit_of_work import UnitOfWork

MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE = 15.0  # seconds a writer waits for its turn, unless it says otherwise
SHORT_PATIENCE = 3.0  # seconds; a frightened person must not wait longer for the database: then the spool takes it
Step = Callable[[UnitOfWork], Any]


class Database:
    """Opens units of work. One write at a time per process on SQLite, which has one writer anyway."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else _server_engine(url)
        self._write_lock = threading.Lock()
        self._together: GroupCommit[Step, Any] = GroupCommit(self._write_steps, SHORT_PATIENCE)

    def write_together[T](self, step: Callable[[UnitOfWork], T]) -> Future[T]:
        """Something small, written in one commit with what others write at this moment; done when the future is.

        It may be tried twice, and has SHORT_PATIENCE. The future raises what the step raised, or an SQLAlchemyError.
        """
        return self._together.submit(step)

    def _write_steps(self, steps: Sequence[Step], patience: float) -> Sequence[Any]:
        with self.write(patience) as uow:
            return [step(uow) for step in steps]

    @contextmanager
    def write(self, patience: float = PATIENCE) -> Iterator[UnitOfWork]:
        """A unit of work that commits on leaving, or rolls back if anything raises.

        On SQLite it waits up to `patience` seconds for its turn. Raises WriteLockTaken (an SQLAlchemyError).
        """
        with self._turn(patience), Session(self.engine, expire_on_commit=False) as session:
            connection = session.connection(execution_options={"write": True, "patience": patience})
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(patience * 1000)}")
            yield UnitOfWork(session)
            session.commit()

    @contextmanager
    def _turn(self, patience: float) -> Iterator[None]:
        """One writer at a time on SQLite; PostgreSQL sorts that out itself."""
        if not self.is_sqlite:
            yield
            return
        if not self._write_lock.acquire(timeout=patience):
            raise WriteLockTaken(f"the database was busy for {patience:g} s")
        try:
            yield
        finally:
            self._write_lock.release()

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """A unit of work for reading only: one consistent snapshot, no lock."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield UnitOfWork(session)

    def migrate(self) -> None:
        """Bring the schema to the newest revision; safe to run from several processes."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("sqlalchemy.url", self.url.replace("%", "%%"))
        command.upgrade(config, "head")

    def is_alive(self) -> bool:
        """Whether a trivial query works right now."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("select 1"))
        except Exception:
            return False
        return True

    def close(self) -> None:
        """Write what waits, and give all connections back."""
        self._together.close()
        self.engine.dispose()


def _server_engine(url: str) -> Engine:
    return create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        pool_pre_ping=True,
        pool_timeout=3,  # seconds: a message that cannot have a connection goes to the spool
        hide_parameters=True,  # an error must not carry a citizen's words into the log
        connect_args={"connect_timeout": 3},
    )


def _switch_to_wal(cursor: sqlite3.Cursor) -> None:
    """SQLite asks nobody to wait while another connection is switching or the last one is closing: so we do."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": 15, "check_same_thread": False},
        pool_size=8,
        max_overflow=24,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: Any) -> None:
        # We emit BEGIN ourselves (below): the driver's own would take the write lock too late.
        connection.isolation_level = None
        cursor = connection.cursor()
        _switch_to_wal(cursor)
        for pragma in (
            "synchronous=FULL",  # a message acknowledged is a message kept, also after a power cut
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        writes = options.get("write", False)
        patience = int(options.get("patience", PATIENCE) * 1000)
        if connection.info.get("patience") != patience:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience}")
            connection.info["patience"] = patience
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
