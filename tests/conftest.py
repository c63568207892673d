"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.servers import Postgres, Valkey
from tests.harness.town import Town


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this process keeps its prepared database."""
    return tmp_path_factory.mktemp("templates")


@pytest.fixture
def make_town(tmp_path: Path, templates: Path) -> Iterator[Callable[..., Town]]:
    """Builds towns and closes them."""
    towns: list[Town] = []

    def make(**options: Any) -> Town:
        town = Town(tmp_path / f"town{len(towns)}", templates, **options)
        towns.append(town)
        return town

    yield make
    for town in towns:
        town.database.close()


@pytest.fixture
def town(make_town: Callable[..., Town]) -> Town:
    """A town without Rasa: the crisis path and the content must hold alone."""
    return make_town()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL for this test process; skips with a reason where none can run."""
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """A real server that speaks Redis."""
    server = Valkey()
    yield server
    server.stop()
