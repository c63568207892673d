"""Answers stored messages: a small pool of threads, one conversation at a time each, cries for help first."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from bot.line import Line
from bot.services.conversation import handle_claimed, handle_next
from bot.services.incoming import Incoming
from bot.services.intake import Stored, Taken, replay_spool, store_soon
from bot.services.ports import Dialogue, Ports
from bot.storage.inbox import REST

log = structlog.get_logger()
THREADS = 8
LOOK_EVERY = 1.0  # seconds between looks for messages whose first handler died
LEFT_BEHIND = timedelta(seconds=2)  # what waits so long, nobody may have been woken for: its process has died


class _Elsewhere:
    """The dialogue engine, during whose turns somebody else may have the processor."""

    def __init__(self, dialogue: Dialogue, line: Line) -> None:
        self._dialogue, self._line = dialogue, line

    def turn(self, conversation: str, text: str, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        """One turn. Raises DialogueAway."""
        with self._line.away(conversation):
            return self._dialogue.turn(conversation, text, metadata)


class Engine:
    """Runs the main flow for conversations that were woken, and for rows that were left behind."""

    def __init__(self, ports: Ports, left_behind: timedelta = LEFT_BEHIND) -> None:
        self._line = Line()
        self._ports = replace(ports, dialogue=_Elsewhere(ports.dialogue, self._line))
        self._left_behind = left_behind
        self._stopped = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, daemon=True, name="engine-sweep")
        self._threads = [
            threading.Thread(target=self._answer, daemon=True, name=f"engine-{number}") for number in range(THREADS)
        ]
        for thread in self._threads:
            thread.start()

    def start(self) -> None:
        """Begin to look for left-behind rows."""
        self._sweeper.start()

    async def take_in(self, incoming: Incoming) -> Stored:
        """Write a message down and answer it; returns when it is on disk. Raises NotStored."""
        stored = await store_soon(self._ports, incoming, take=self._line.is_short)
        if stored.state == "stored":
            self._line.join(incoming.conversation_key, stored.lane, stored.taken)
        return stored

    def wake(self, conversation_key: str, lane: int = REST) -> None:
        """One message was stored in this conversation."""
        self._line.join(conversation_key, lane)

    def remind(self, conversation_key: str) -> None:
        """Something may wait in this conversation, for another try."""
        if not self._line.holds(conversation_key):
            self._line.join(conversation_key, REST)

    def _answer(self) -> None:
        while (found := self._line.next()) is not None:
            key, taken = found
            try:
                self._answer_one(key, taken)
            except Exception:
                log.exception("answer_failed")  # the row stays; the sweep below finds it
            self._line.done(key)

    def _answer_one(self, key: str, taken: Taken | None) -> None:
        if taken is not None and self._ports.clock() < taken.row.available_at:
            handle_claimed(self._ports, *taken)
        else:  # nobody has claimed it, or the claim has run out
            handle_next(self._ports, key)

    def _sweep(self) -> None:
        left_behind = timedelta()  # the first time everything: who had it before this process was started?
        while not self._stopped.wait(LOOK_EVERY):
            try:
                replay_spool(self._ports)
            except Exception:
                log.exception("replay_failed")
            try:
                while not self._stopped.is_set() and handle_next(self._ports, left_behind=left_behind):
                    pass
                left_behind = self._left_behind
            except Exception:
                log.exception("sweep_failed")

    def stop(self) -> None:
        """Finish what runs, begin nothing new."""
        self._stopped.set()
        self._line.close()
        for thread in self._threads:
            thread.join()
        if self._sweeper.is_alive():
            self._sweeper.join(timeout=5)
