"""Setup files: YAML with everything, or CSV with one table, as spreadsheets write them. Bytes in, rows out."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain
from pathlib import PurePath

import yaml

from bot.domain.setup import REMOVE, TABLES, Place, RawRow, Remark, Setup, Table, write_value
from bot.domain.spelling import printable

MAX_BYTES = 250_000
MAX_ROWS = 20_000
LONGEST = 2 * MAX_BYTES  # characters and values, aliases written out: without them no file has so many
_BINARY = (b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"\xd0\xcf\x11\xe0")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# A spreadsheet takes a cell that begins so for a formula, and would run it.
_FORMULA = re.compile(r"'*[=+\-@]")


class FileProblem(Exception):  # noqa: N818 - what is wrong with a file as a whole
    """A file that cannot be read at all."""

    def __init__(self, place: Place, code: str, **words: str) -> None:
        super().__init__(code)
        self.remark = Remark(place, code, words)


@lru_cache(maxsize=4)  # what was shown is read again when it is applied, and then a database waits
def read(name: str, content: bytes) -> tuple[tuple[RawRow, ...], tuple[Remark, ...]]:
    """The rows of one file and the mistakes in its form. `name` is only for sentences and its ending."""
    name = PurePath(name.replace("\\", "/")).name or "-"
    try:
        text = _text(name, content)
        ending = PurePath(name).suffix.lower()
        if ending == ".csv" or (ending not in (".yml", ".yaml") and _looks_like_csv(text)):
            rows, remarks = _read_csv(name, text)
        else:
            rows, remarks = _read_yaml(name, text)
    except FileProblem as problem:
        return (), (problem.remark,)
    return tuple(rows), tuple(remarks)


def _text(name: str, content: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, or Windows-1254: what Excel in Turkish writes."""
    if len(content) > MAX_BYTES:
        raise FileProblem(Place(name), "file_large", most=str(MAX_BYTES // 1000))
    if content.startswith(_BINARY):
        raise FileProblem(Place(name), "file_type")
    for encoding in ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1254"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise FileProblem(Place(name), "file_encoding")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = _CONTROL.search(text)
    if found:
        raise FileProblem(Place(name, text.count("\n", 0, found.start()) + 1), "file_type")
    if not text.strip():
        raise FileProblem(Place(name), "file_empty")
    return text


def _looks_like_csv(text: str) -> bool:
    first = next(line for line in text.splitlines() if line.strip())
    return not first.lstrip().startswith("#") and ":" not in first


# --- YAML ------------------------------------------------------------------------------------------
def _read_yaml(name: str, text: str) -> tuple[list[RawRow], list[Remark]]:
    """Every scalar as it is written: NO stays Norway and 09:00 a time."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise FileProblem(Place(name, line), "yaml_wrong", detail=error.problem or error.context or "") from error
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:  # also: "\UFFFFFFFF"
        raise FileProblem(Place(name), "yaml_wrong", detail=type(error).__name__) from error
    if not isinstance(root, yaml.MappingNode):
        raise FileProblem(Place(name, 1), "yaml_no_tables", tables=", ".join(TABLES))
    rows: list[RawRow] = []
    remarks: list[Remark] = []
    seen: set[str] = set()
    room = LONGEST
    for key, value in root.value:
        table = _name_in(key)
        place = Place(name, key.start_mark.line + 1)
        if table not in TABLES:
            remarks.append(Remark(place, "table_unknown", {"table": table, "tables": ", ".join(TABLES)}))
        elif table in seen:
            remarks.append(Remark(place, "table_twice", {"table": table}))
        elif isinstance(value, yaml.SequenceNode):
            for node in value.value:
                room -= _length(node, room)
                if room < 0:
                    raise FileProblem(place, "file_large", most=str(MAX_BYTES // 1000))
                _yaml_row(name, table, node, rows, remarks)
        elif value.value:  # nothing at all is an empty list
            remarks.append(Remark(place, "table_no_list", {"table": table}))
        seen.add(table)
    return _limited(name, rows), remarks


def _yaml_row(name: str, table: str, node: yaml.Node, rows: list[RawRow], remarks: list[Remark]) -> None:
    place = Place(name, node.start_mark.line + 1)
    if not isinstance(node, yaml.MappingNode):
        remarks.append(Remark(place, "table_no_list", {"table": table}))
        return
    values: dict[str, str | tuple[str, ...]] = {}
    lines: dict[str, int] = {}
    for key, value in node.value:
        column, line = _name_in(key), key.start_mark.line + 1
        parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
        if not all(isinstance(part, yaml.ScalarNode) for part in parts):
            remarks.append(Remark(Place(name, line, column), "value_nested"))
            continue
        if column in values:
            remarks.append(Remark(Place(name, line, column), "column_twice", {"column": column}))
        texts = tuple(_scalar(part) for part in parts)
        values[column] = texts if isinstance(value, yaml.SequenceNode) else texts[0]
        lines[column] = line
    rows.append(RawRow(table, place, values, lines))


def _length(row: yaml.Node, most: int) -> int:
    """Characters and values of a row with its lists written out; beyond `most` it is not counted on."""
    length = 1
    for key, value in row.value if isinstance(row, yaml.MappingNode) else ():
        for part in chain((key,), value.value if isinstance(value, yaml.SequenceNode) else (value,)):
            length += 1 + (len(part.value) if isinstance(part, yaml.ScalarNode) else 0)
            if length > most:
                return length
    return length


def _name_in(node: yaml.Node) -> str:
    """A key's text; a list as a key is never written out: it may unfold without end."""
    return printable(str(node.value))[:80] if isinstance(node, yaml.ScalarNode) else "?"


def _scalar(node: yaml.ScalarNode) -> str:
    nothing = node.tag == "tag:yaml.org,2002:null"
    return "" if nothing else printable(str(node.value))


# --- CSV -------------------------------------------------------------------------------------------
def _read_csv(name: str, text: str) -> tuple[list[RawRow], list[Remark]]:
    """One table, recognised by its header; separated by semicolon, comma or tab."""
    lines = text.split("\n")
    skipped = 1 if lines[0].lower().startswith("sep=") else 0  # Excel's own note about the separator
    header_line = next((line for line in lines[skipped:] if line.strip()), "")
    separator = max(";,\t", key=header_line.count)
    reader = csv.reader(io.StringIO("\n".join(lines[skipped:])), delimiter=separator, strict=True)
    rows: list[RawRow] = []
    remarks: list[Remark] = []
    header: list[str] = []
    table: Table | None = None
    try:
        for cells in reader:
            line = reader.line_num + skipped
            if not any(cell.strip() for cell in cells):
                continue
            if table is None:
                header = [cell.strip().lower() for cell in cells]
                while header and not header[-1]:
                    header.pop()  # Excel's empty columns at the end
                table = _table_of(name, line, header)
                continue
            if any(cell.strip() for cell in cells[len(header) :]):
                words = {"cells": str(len(cells)), "columns": str(len(header))}
                remarks.append(Remark(Place(name, line), "cells_many", words))
                continue
            values = {column: _cell(cell) for column, cell in zip(header, cells, strict=False)}
            rows.append(RawRow(table.name, Place(name, line), values))
    except csv.Error as error:
        raise FileProblem(Place(name, reader.line_num + skipped), "csv_wrong", detail=str(error)) from error
    return _limited(name, rows), remarks


def _table_of(name: str, line: int, header: list[str]) -> Table:
    """The table whose columns these are; of several the one that needs most of them."""
    times = Counter(header)
    twice = next((column for column in header if times[column] > 1), "")
    if twice:
        raise FileProblem(Place(name, line, twice), "column_twice", column=twice)
    fits = [table for table in TABLES.values() if set(table.key) <= set(header)]
    clean = [table for table in fits if set(header) <= {*table.names, *REMOVE}]
    if clean:
        return max(clean, key=lambda table: len(table.key))
    if not fits:
        headers = "; ".join(f"{table.name}: {', '.join(table.key)}" for table in TABLES.values())
        raise FileProblem(Place(name, line), "header_unknown", headers=headers)
    likely = max(fits, key=lambda table: len(set(table.names) & set(header)))
    strange = next(column for column in header if column not in {*likely.names, *REMOVE})
    raise FileProblem(
        Place(name, line, strange), "column_unknown", column=strange[:80], columns=", ".join(likely.names)
    )


def _cell(text: str) -> str:
    """A cell as it was meant: the mark that keeps a spreadsheet from calculating is ours."""
    text = printable(text.strip())
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def _limited(name: str, rows: list[RawRow]) -> list[RawRow]:
    if len(rows) > MAX_ROWS:
        raise FileProblem(Place(name), "file_rows", most=str(MAX_ROWS))
    return rows


# --- writing ---------------------------------------------------------------------------------------
def to_yaml(setup: Setup) -> str:
    """Every table as one document that `read` reads back without a change."""
    document = {
        name: [
            dict(zip(table.key, key, strict=True))
            | {column: list(value) if isinstance(value, tuple) else value for column, value in row.items()}
            for key, row in setup[name].items()
        ]
        for name, table in TABLES.items()
    }
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120)


def to_csv(setup: Setup, table_name: str) -> str:
    """One table as comma-separated values. Raises KeyError for an unknown table."""
    table, out = TABLES[table_name], io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.names)
    for key, row in setup[table_name].items():
        writer.writerow([_guarded(part) for part in (*key, *_texts(table, row))])
    return out.getvalue()


def _texts(table: Table, row: Mapping[str, object]) -> list[str]:
    return [write_value(row[column.name]) for column in table.columns]  # type: ignore[arg-type]


def _guarded(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and not re.fullmatch(r"-?[0-9]+", text) else text
