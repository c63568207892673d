"""The migrations make what the models say, up and down, on both engines."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.exc import StatementError

from bot.settings import ROOT
from bot.storage import tables_staff
from bot.storage.database import MIGRATIONS, Database
from bot.storage.tables import Base

assert tables_staff


def config(url: str) -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def tables(url: str) -> set[str]:
    database = Database(url)
    names = set(inspect(database.engine).get_table_names()) - {"alembic_version"}
    database.close()
    return names


def test_up_down_and_up_again(empty_url: str) -> None:
    command.upgrade(config(empty_url), "head")
    assert tables(empty_url) == set(Base.metadata.tables)
    command.downgrade(config(empty_url), "base")
    assert tables(empty_url) == set()
    command.upgrade(config(empty_url), "head")
    assert tables(empty_url) == set(Base.metadata.tables)


def test_each_single_step_goes_down_and_up(empty_url: str) -> None:
    revisions = [script.revision for script in ScriptDirectory.from_config(config(empty_url)).walk_revisions()]
    for revision in reversed(revisions):
        command.upgrade(config(empty_url), revision)
        command.downgrade(config(empty_url), "-1")
        command.upgrade(config(empty_url), revision)


def test_the_models_say_nothing_that_the_migrations_do_not(empty_url: str) -> None:
    command.upgrade(config(empty_url), "head")
    command.check(config(empty_url))


MIGRATE = "import sys; from bot.storage.database import Database; Database(sys.argv[1]).migrate()"


def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    """Gateway and worker of one machine, or several machines on one PostgreSQL."""
    command_line = [sys.executable, "-c", MIGRATE, empty_url]
    processes = [subprocess.Popen(command_line, cwd=ROOT, stderr=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    assert tables(empty_url) == set(Base.metadata.tables)


MOMENT = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
TIMES = [
    ("UTC stays as it is", MOMENT),
    ("another zone is the same moment", MOMENT.astimezone(timezone(timedelta(hours=3)))),
    ("microseconds are kept", MOMENT.replace(microsecond=123456)),
]


@pytest.mark.parametrize("moment", [row[1] for row in TIMES], ids=[row[0] for row in TIMES])
def test_moments_come_back_as_they_were_in_utc(database: Database, moment: datetime) -> None:
    with database.write() as uow:
        uow.conversations.create("web:x", "web", "", "de", moment)
    with database.read() as uow:
        row = uow.conversations.by_key("web:x")
        assert row is not None
        assert row.created_at == moment
        assert row.created_at.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"), database.write() as uow:
        uow.conversations.create("web:x", "web", "", "de", datetime(2026, 3, 29, 1, 30))
