"""Statements of the path that every message takes, built once: building one anew costs more than running it."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from sqlalchemy import Insert, Table
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import DeclarativeBase, Session, make_transient_to_detached


def table_of(model: type[DeclarativeBase]) -> Table:
    """The table of a mapped class; statements on it skip the mapper's bookkeeping."""
    return cast(Table, model.__table__)


def is_sqlite(session: Session) -> bool:
    """Which of the two engines this is."""
    return session.get_bind().dialect.name == "sqlite"


def insert_for(session: Session) -> Any:
    """The engine's own `insert`, which knows ON CONFLICT."""
    return sqlite_insert if is_sqlite(session) else postgres_insert


def insert_once(session: Session, model: type[DeclarativeBase], values: dict[str, Any]) -> int | None:
    """Insert a row unless a unique column says it is there already. Returns its id, or None."""
    number: int | None = session.execute(_once(model, is_sqlite(session)), values).scalar_one_or_none()
    return number


def insert_row[Row: DeclarativeBase](session: Session, model: type[Row], values: dict[str, Any]) -> Row:
    """Insert a row at once and have it in the session as if it had been read. `values` names every column but id."""
    row = model(**values, id=session.execute(_returning_id(model), values).scalar_one())
    make_transient_to_detached(row)
    session.add(row)
    return row


@cache
def _once(model: type[DeclarativeBase], sqlite: bool) -> Insert:
    table = table_of(model)
    insert: Any = sqlite_insert if sqlite else postgres_insert
    statement: Insert = insert(table).on_conflict_do_nothing().returning(table.c.id)
    return statement


@cache
def _returning_id(model: type[DeclarativeBase]) -> Insert:
    table = table_of(model)
    return plain_insert(table).returning(table.c.id)
