"""The development set, as sections of the bench ask it: nobody trains on these messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from bot.settings import load_settings


@dataclass(frozen=True)
class Asked:
    """One message and what a reader said of it."""

    text: str
    label: str
    kind: str  # ordinary, crisis, veiled, hard_negative
    language: str


def dev_messages(quick: bool = False) -> Iterator[Asked]:
    """All of data/dev, or every eighth of it."""
    for path in sorted((load_settings().data / "dev").glob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for line in lines[:: 8 if quick else 1]:
            row = json.loads(line)
            yield Asked(row["text"], row["label"], row["kind"], path.stem)
