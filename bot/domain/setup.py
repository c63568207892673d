"""An installation's setup as plain tables: what a file may name, how a value is read, and what a file would change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time

from bot.domain.policies import duration_in_order

Value = str | int | bool | tuple[str, ...]
Key = tuple[str, ...]
Row = Mapping[str, Value]
Setup = Mapping[str, Mapping[Key, Row]]  # table -> key -> columns without those of the key

REMOVE = ("remove", "delete")  # columns that take a row away
_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0", ""})
_BETWEEN = re.compile(r"[\s,;|]+")
LONGEST_VALUE = 2000


@dataclass(frozen=True)
class Column:
    """One column. `kind`: text, upper, clock, yes_no, number, list, set, mails, day (YYYY-MM-DD) or time (HH:MM)."""

    name: str
    kind: str = "text"
    default: Value = ""
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One table of a file. Rows of a table that is not `removable` are switched off, not removed."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    removable: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Every column, those of the key first."""
        return (*self.key, *(column.name for column in self.columns))


TABLES = {
    table.name: table
    for table in (
        Table("desks", ("id",), (
            Column("kind", required=True), Column("name"), Column("country", "upper"), Column("city"),
            Column("municipality"), Column("timezone", default="UTC", required=True), Column("hours"),
            Column("keeps_holidays", "yes_no", False), Column("active", "yes_no", True),
            Column("email"), Column("telegram_group"), Column("webhook_url"),
        ), removable=False),
        Table("people", ("email",), (
            Column("name", required=True), Column("role", required=True), Column("language", default="tr"),
            Column("languages", "list", ()), Column("capacity", "number", 0), Column("active", "yes_no", True),
        ), removable=False),
        Table("members", ("desk", "person")),
        Table("rosters", ("desk", "name"), (
            Column("hours"), Column("starts_on", "day", required=True), Column("turn_days", "number", 7),
            Column("turn_at", "time", "09:00"), Column("people", "mails", (), required=True),
            Column("active", "yes_no", True),
        )),
        Table("next_desks", ("desk",), (Column("next", required=True),)),
        Table("chains", ("label",), (Column("desks", "list", (), required=True),)),
        Table("clocks", ("severity",), (
            Column("acknowledge_within", "clock", required=True), Column("escalate_every", "clock", required=True),
        )),
        Table("permissions", ("role",), (Column("may", "set", (), required=True),)),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where in a file something stands. Line 0: the file as a whole."""

    file: str
    line: int = 0
    column: str = ""


@dataclass(frozen=True)
class Remark:
    """A mistake, or something worth knowing; `code` names its sentence."""

    place: Place
    code: str
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RawRow:
    """One row as a file has it: texts or lists of texts. `lines`: where each value stands, if not in `place.line`."""

    table: str
    place: Place
    values: Mapping[str, str | tuple[str, ...]]
    lines: Mapping[str, int] = field(default_factory=dict)

    def at(self, column: str = "") -> Place:
        """Where a value of this row stands."""
        return Place(self.place.file, self.lines.get(column, self.place.line), column)


@dataclass(frozen=True)
class Change:
    """What happens to one row: `old` is None for a new one, `new` is None for one that goes."""

    table: str
    key: Key
    old: Row | None
    new: Row | None
    raw: RawRow

    @property
    def fields(self) -> list[tuple[str, Value | None, Value | None]]:
        """(column, old, new) of every value that differs."""
        old, new = self.old or {}, self.new or {}
        names = [column.name for column in TABLES[self.table].columns]
        return [(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


@dataclass(frozen=True)
class Merged:
    """The setup as it would be, and how it differs."""

    after: Setup
    changes: tuple[Change, ...]
    mistakes: tuple[Remark, ...]


class ValueProblem(Exception):  # noqa: N818 - part of a remark
    """A value that cannot be read; `code` names the sentence."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_value(column: Column, raw: str | tuple[str, ...]) -> Value:
    """A file's value as the column's kind. Raises ValueProblem."""
    if column.kind in ("list", "set", "mails"):
        parts = [part.strip() for part in (_BETWEEN.split(raw) if isinstance(raw, str) else raw) if part.strip()]
        if column.kind == "set":
            return tuple(sorted(set(parts)))
        return tuple(part.lower() if column.kind == "mails" else part for part in parts)
    if not isinstance(raw, str):
        raise ValueProblem("one_value")
    text = " ".join(raw.split())
    if len(text) > LONGEST_VALUE:
        raise ValueProblem("value_long")
    if column.kind == "clock":
        return duration_in_order(text)
    if column.kind in ("text", "upper"):
        return (text.upper() if column.kind == "upper" else text) or column.default
    return _read_special(column, text.lower())


def _read_special(column: Column, text: str) -> Value:
    if not text:
        return column.default
    if column.kind == "yes_no":
        if text not in _YES | _NO:
            raise ValueProblem("yes_or_no")
        return text in _YES
    if column.kind == "number":
        if not (text.isascii() and text.isdigit() and len(text) < 6):
            raise ValueProblem("not_a_number")
        return int(text)
    try:
        if column.kind == "day":
            return date.fromisoformat(text).isoformat()
        return time.fromisoformat(text.rjust(5, "0")).isoformat("minutes")
    except ValueError as error:
        raise ValueProblem("not_a_day" if column.kind == "day" else "not_a_time") from error


def write_value(value: Value) -> str:
    """A value as one text that `read_value` reads again."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def merge(before: Setup, shipped: Setup, defaults: Setup, rows: Iterable[RawRow]) -> Merged:
    """What files change. Only what they name: other rows and columns stay, and a removed rule is as `shipped` again.

    `defaults`: values of rows that would be new, such as a mission's time zone.
    """
    after = {name: dict(before.get(name, {})) for name in TABLES}
    changes: list[Change] = []
    mistakes: list[Remark] = []
    seen: dict[tuple[str, Key], Place] = {}
    for raw in rows:
        table = TABLES[raw.table]
        key = _key(table, raw, mistakes)
        if key is None:
            continue
        if (table.name, key) in seen:
            first = seen[table.name, key]
            mistakes.append(Remark(raw.at(table.key[0]), "row_twice", {"row": ", ".join(key), "line": str(first.line)}))
            continue
        seen[table.name, key] = raw.at()
        old = before.get(table.name, {}).get(key)
        start = old if old is not None else defaults.get(table.name, {}).get(key, {})
        new: Row | None = _row(table, raw, start, old, mistakes)
        if _removes(raw, mistakes):
            new = shipped.get(table.name, {}).get(key)
            if not table.removable:
                mistakes.append(Remark(raw.at(), f"not_removable_{table.name}", {"row": ", ".join(key)}))
                continue
        if new == old:
            continue
        changes.append(Change(table.name, key, old, new, raw))
        if new is None:
            after[table.name].pop(key, None)
        else:
            after[table.name][key] = new
    return Merged(after, tuple(changes), tuple(mistakes))


def _key(table: Table, raw: RawRow, mistakes: list[Remark]) -> Key | None:
    parts = []
    for name in table.key:
        value = raw.values.get(name, "")
        text = " ".join(value.split()) if isinstance(value, str) else ""
        if not text or len(text) > LONGEST_VALUE:
            mistakes.append(Remark(raw.at(name), "value_missing", {"column": name}))
            return None
        parts.append(text.lower() if name in ("email", "person") else text)
    return tuple(parts)


def _row(table: Table, raw: RawRow, start: Row, old: Row | None, mistakes: list[Remark]) -> dict[str, Value]:
    row: dict[str, Value] = {}
    for column in table.columns:
        value = start.get(column.name, column.default)
        if column.name in raw.values:
            try:
                value = read_value(column, raw.values[column.name])
            except ValueProblem as problem:
                mistakes.append(Remark(raw.at(column.name), problem.code, {"text": str(raw.values[column.name])[:80]}))
        missing = column.required and value in ("", ()) and not _wants_removal(raw)
        if missing and (old is None or value != old[column.name]):
            mistakes.append(Remark(raw.at(column.name), "value_missing", {"column": column.name}))
        row[column.name] = value
    for name in raw.values:
        if name not in (*table.names, *REMOVE):
            words = {"column": name[:80], "columns": ", ".join(table.names)}
            mistakes.append(Remark(raw.at(name), "column_unknown", words))
    return row


def _wants_removal(raw: RawRow) -> bool:
    return any(str(raw.values.get(name, "")).strip().lower() in _YES for name in REMOVE)


def _removes(raw: RawRow, mistakes: list[Remark]) -> bool:
    for name in REMOVE:
        if str(raw.values.get(name, "")).strip().lower() not in _YES | _NO:
            mistakes.append(Remark(raw.at(name), "yes_or_no", {"text": str(raw.values[name])[:80]}))
    return _wants_removal(raw)
