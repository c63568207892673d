"""Files of citizens: fetched from the channel that keeps them, once, then kept in a folder of ours."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from bot.domain.files import MAX_BYTES, TooBig
from bot.services.ports import FileAway
from bot.storage.tables_cases import AttachmentRow

log = structlog.get_logger()


class FolderFiles:
    """A folder that only this user can read; `fetchers` get a file by channel and remote id."""

    def __init__(self, folder: Path, fetchers: Mapping[str, Callable[[str], bytes]]) -> None:
        self._folder = folder
        self._fetchers = dict(fetchers)

    def read(self, attachment: AttachmentRow) -> bytes:
        """The file's content. Raises FileAway, TooBig."""
        if attachment.size > MAX_BYTES:
            raise TooBig
        path = self._folder / f"{attachment.channel}-{attachment.id}"
        with contextlib.suppress(FileNotFoundError):
            return path.read_bytes()
        fetch = self._fetchers.get(attachment.channel)
        if fetch is None or not attachment.remote_id:
            raise FileAway("nobody keeps this file")
        try:
            content = fetch(attachment.remote_id)
        except TooBig:
            raise
        except Exception as error:  # whatever the channel's client raises: the page says that it is away
            log.info("file_away", attachment=attachment.id, error=type(error).__name__)
            raise FileAway(type(error).__name__) from error
        self._write(path, content)
        return content

    def _write(self, path: Path, content: bytes) -> None:
        """Whole or not at all, readable for this user only."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        draft.replace(path)
