"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from xdist.scheduler import LoadScopeScheduling

from bot.services import signin
from tests.harness.servers import Postgres, Valkey
from tests.harness.town import Town

REAL_PROCESSES = ("browser", "durability", "rasa")  # folders


class ByFile(LoadScopeScheduling):
    """For several test processes. What starts servers or a browser stays in one of them, not in its own way."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return "processes" if any(f"tests/{folder}/" in file for folder in REAL_PROCESSES) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Files in their order: `processes`, which takes longest, comes nearly first and is not what all wait for."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """The same hash at the least cost: a quarter of a second each is for those who guess, not for tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signin, "_hasher", PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),)))
        yield


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
