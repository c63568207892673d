"""Looks at the database from outside, as a citizen's open page does, and notes when each line became visible."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import func, select

from bot.services.ports import Ports
from bot.storage.tables import ConversationRow, MessageRow

log = structlog.get_logger()
LOOK_EVERY = 0.05  # real seconds, at the latest; a notice from the engine wakes it before
LOOK_BACK = 200  # ids: on PostgreSQL a lower one may become visible after a higher one


@dataclass(frozen=True)
class Seen:
    """One line that became visible."""

    key: str  # of its conversation
    author: str
    extra: dict[str, Any]


class Watcher:
    """`seen` = message id → the real moment it was first visible. Calls `on_line` for each of the drill's lines."""

    def __init__(self, ports: Ports, prefix: str, on_line: Callable[[Seen], None]) -> None:
        self.seen: dict[int, float] = {}
        self._ports = ports
        self._prefix = prefix
        self._on_line = on_line
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="drill-watcher")
        with ports.database.read() as uow:
            self._newest = uow.session.scalar(select(func.max(MessageRow.id))) or 0
        self._first = self._newest

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """One last look, then end."""
        self._stopped.set()
        self._thread.join(timeout=10)
        self._look()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._ports.wakeup.wait("outbox", LOOK_EVERY)
            try:
                self._look()
            except Exception:
                log.exception("drill_watcher_failed")

    def _look(self) -> None:
        back = 0 if self._ports.database.is_sqlite else LOOK_BACK
        query = (
            select(MessageRow.id, MessageRow.author, MessageRow.extra, ConversationRow.key)
            .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
            .where(MessageRow.id > max(self._newest - back, self._first))
            .where(ConversationRow.key.startswith(self._prefix))
            .order_by(MessageRow.id)
        )
        with self._ports.database.read() as uow:
            rows = uow.session.execute(query).all()
        now = time.monotonic()
        for row in rows:
            if row.id not in self.seen:
                self.seen[row.id] = now
                self._newest = max(self._newest, row.id)
                self._on_line(Seen(row.key, row.author, row.extra))
