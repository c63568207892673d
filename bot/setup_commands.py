"""`bot settings`: the setup as a file, out and in."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from bot.app import prepare_database, utc_now
from bot.domain.setup import TABLES, Setup
from bot.domain.taxonomy import Taxonomy, parse_taxonomy
from bot.i18n.catalogues import text
from bot.services import setup, setup_file, setup_words
from bot.services.setup import SetupError
from bot.settings import Settings


def shipped(settings: Settings) -> Taxonomy:
    """The rules as they come with the service."""
    return parse_taxonomy(yaml.safe_load((settings.data / "taxonomy.yml").read_text(encoding="utf-8")))


def export(settings: Settings, kind: str, target: str) -> int:
    """Write the setup to a file or to stdout ('-'); as CSV into a folder, one file per table. Returns the status."""
    if kind == "csv" and target == "-":
        print("CSV is one file per table: name a folder.", file=sys.stderr)
        return 2
    database = prepare_database(settings)
    try:
        with database.read() as uow:
            tables = setup.state(uow, shipped(settings))
    finally:
        database.close()
    try:
        _write(tables, kind, target)
    except OSError as error:
        print(f"{target}: {error.strerror or error}", file=sys.stderr)
        return 2
    return 0


def _write(tables: Setup, kind: str, target: str) -> None:
    if kind == "csv":
        folder = Path(target)
        folder.mkdir(parents=True, exist_ok=True)
        for name in TABLES:
            (folder / f"{name}.csv").write_text(f"\ufeff{setup_file.to_csv(tables, name)}", encoding="utf-8")
    elif target == "-":
        print(setup_file.to_yaml(tables), end="")
    else:
        Path(target).write_text(setup_file.to_yaml(tables), encoding="utf-8")


def bring_in(settings: Settings, targets: list[str], *, dry_run: bool) -> int:
    """Show what files or folders of CSV files change, and change it unless `dry_run`. Status 1: mistakes."""
    try:
        files = [file for target in targets for file in _read(target)]
    except OSError as error:
        print(f"{error.filename}: {error.strerror or error}", file=sys.stderr)
        return 2
    database, email = prepare_database(settings), settings.mail_server is not None
    try:
        with database.read() as uow:
            directory = uow.directory.snapshot()
            planned = setup.plan(uow, shipped(settings), directory, files, utc_now(), email=email)
        print(setup_words.as_text(planned))
        if planned.mistakes:
            return 1
        if dry_run or not planned.changes:
            return 0
        with database.write() as uow:
            setup.apply(uow, shipped(settings), directory, files, None, utc_now(), shown=planned.digest)
    except SetupError:
        print("The setup was changed by somebody else just now. Nothing was applied: run this again.", file=sys.stderr)
        return 1
    finally:
        database.close()
    for line in [text("setup.applied", "en"), *setup_words.to_do(planned, "en")]:
        print(line)
    return 0


def _read(target: str) -> list[setup.File]:
    """One file, or every CSV file of a folder. One byte more than allowed is enough to refuse a file."""
    path = Path(target)
    paths = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    found = []
    for one in paths:
        with one.open("rb") as stream:
            found.append((one.name, stream.read(setup_file.MAX_BYTES + 1)))
    return found
