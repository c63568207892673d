"""When the database is away, messages are still written down: one file each, synced, replayed later."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class Spool:
    """A folder of messages that could not be stored yet. Files appear whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, entry: dict[str, Any]) -> Path:
        """Write one entry durably. Raises OSError if even the disk is full."""
        self.folder.mkdir(parents=True, exist_ok=True)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        target = self.folder / f"{stamp}-{secrets.token_hex(4)}.json"
        draft = target.with_suffix(".part")
        try:
            with draft.open("w", encoding="utf-8") as file:
                json.dump(entry, file)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(target)
        except OSError:
            with suppress(OSError):
                draft.unlink()  # half a message helps nobody and the disk is full
            raise
        _sync_folder(self.folder)
        return target

    def entries(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Waiting entries, oldest first. A file that cannot be read is set aside as .bad, never deleted."""
        if not self.folder.is_dir():
            return
        for path in sorted(self.folder.glob("*.json")):
            try:
                entry = json.loads(path.read_text(encoding="utf-8"))
            except FileNotFoundError:
                continue  # another process has just replayed it
            except (ValueError, OSError):
                entry = None
            if isinstance(entry, dict):
                yield path, entry
            else:
                self.set_aside(path)

    def set_aside(self, path: Path) -> None:
        """Keep an entry that cannot be used for a person to look at, out of the others' way."""
        with suppress(FileNotFoundError):
            path.rename(path.with_suffix(".bad"))

    def done(self, path: Path) -> None:
        """The entry is in the database now."""
        path.unlink(missing_ok=True)

    def waiting(self) -> int:
        """How many entries wait."""
        return sum(1 for _ in self.folder.glob("*.json")) if self.folder.is_dir() else 0


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
