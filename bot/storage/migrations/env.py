"""Alembic's entry point: runs the migrations on the URL it was given."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import create_engine

from bot.storage import tables_alerts, tables_cases, tables_duty, tables_staff
from bot.storage.tables import Base
from bot.storage.types import UtcDateTime

# imported so that their tables are in the metadata
assert all((tables_alerts, tables_cases, tables_duty, tables_staff))


def _render(_kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """A migration is history: it must not depend on a type that may change in our code."""
    return "sa.DateTime(timezone=True)" if isinstance(thing, UtcDateTime) else False


def run() -> None:
    """Migrate in one transaction; two processes that start together wait for each other."""
    url = context.config.get_main_option("sqlalchemy.url")
    assert url is not None
    engine = create_engine(url)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("select pg_advisory_lock(4815162342)")
        else:
            # The write lock before the version is read: of two first starts, the second finds the work done.
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.isolation_level = None
            driver.execute("PRAGMA busy_timeout = 30000")
            driver.execute("BEGIN IMMEDIATE")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=_render,
            transactional_ddl=True,
            render_as_batch=connection.dialect.name == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


run()
