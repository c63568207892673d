"""The repository's own facts as values, without a database."""

from __future__ import annotations

import yaml

from bot.domain.directory import Directory
from bot.domain.taxonomy import parse_taxonomy
from bot.services.imports import KEYS, read_csv
from bot.settings import ROOT
from bot.storage.directory import to_directory
from bot.storage.tables_staff import FactRow

DATA = ROOT / "data"
TAXONOMY = parse_taxonomy(yaml.safe_load((DATA / "taxonomy.yml").read_text(encoding="utf-8")))


def _load() -> Directory:
    files = {
        name: [FactRow(file=name, **row) for row in read_csv(DATA / "directory" / f"{name}.csv", key)]
        for name, key in KEYS.items()
    }
    return to_directory(files)


DIRECTORY = _load()
