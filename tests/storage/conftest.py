"""The same tests on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.storage.database import Database
from bot.storage.tables import Base
from tests.harness.clock import WindingClock
from tests.harness.servers import Postgres

ENGINES = ["sqlite", "postgresql"]
_numbers = itertools.count(1)
_migrated: list[Database] = []


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create(f"empty{next(_numbers)}")


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database of each engine."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'test.db'}"
        Database(url).migrate()
        return url
    server: Postgres = request.getfixturevalue("postgres")
    if not _migrated:
        _migrated.append(Database(server.create("migrated")))
        _migrated[0].migrate()
    names = ", ".join(f'"{name}"' for name in Base.metadata.tables)
    with _migrated[0].engine.begin() as connection:
        connection.execute(text(f"truncate {names} restart identity cascade"))
    return _migrated[0].url


@pytest.fixture
def connect(url: str) -> Iterator[Callable[[], Database]]:
    """Opens the same database as one more process would: each call gives a connection pool of its own."""
    opened: list[Database] = []

    def open_it() -> Database:
        opened.append(Database(url))
        return opened[-1]

    yield open_it
    for database in opened:
        database.close()


@pytest.fixture
def database(connect: Callable[[], Database]) -> Database:
    return connect()


@pytest.fixture
def clock() -> WindingClock:
    return WindingClock()
