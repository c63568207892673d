"""Answers stored messages: a small pool of threads, one conversation at a time each, cries for help first."""

from __future__ import annotations

import heapq
import itertools
import threading
from datetime import timedelta

import structlog

from bot.services.conversation import handle_next
from bot.services.intake import replay_spool
from bot.services.ports import Ports
from bot.storage.inbox import REST

log = structlog.get_logger()
THREADS = 8
LOOK_EVERY = 1.0  # seconds between looks for messages whose first handler died
LEFT_BEHIND = timedelta(seconds=2)  # what waits so long, nobody may have been woken for: its process has died


class Line:
    """Conversations in which something waits, the most urgent first, none of them twice at a time."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._order = itertools.count()
        self._line: list[tuple[int, int, str]] = []  # lane, order of arrival, key
        self._waits: dict[str, tuple[int, int]] = {}  # by key: how many messages, and the lane of the most urgent
        self._in_hand: set[str] = set()
        self._closed = False

    def join(self, key: str, lane: int) -> None:
        """A message of this conversation waits. With a cry for help, what was written before moves up as well."""
        with self._changed:
            count, before = self._waits.get(key, (0, REST + 1))
            self._waits[key] = (count + 1, min(lane, before))
            if key not in self._in_hand and lane < before:
                heapq.heappush(self._line, (lane, next(self._order), key))
                self._changed.notify()

    def holds(self, key: str) -> bool:
        """Whether somebody will look at this conversation anyway."""
        with self._changed:
            return key in self._waits

    def next(self) -> str | None:
        """Take the most urgent conversation, waiting for one. None when the line is closed."""
        with self._changed:
            while not self._closed:
                while self._line:
                    _, _, key = heapq.heappop(self._line)
                    if key in self._waits and key not in self._in_hand:  # else it was here twice, having moved up
                        self._in_hand.add(key)
                        return key
                self._changed.wait()
        return None

    def done(self, key: str) -> None:
        """One message of the conversation is dealt with; if more wait, it stands in line again."""
        with self._changed:
            self._in_hand.discard(key)
            count, lane = self._waits.pop(key)
            if count > 1:
                self._waits[key] = (count - 1, lane)
                heapq.heappush(self._line, (lane, next(self._order), key))
                self._changed.notify()

    def close(self) -> None:
        """Nobody waits any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class Engine:
    """Runs the main flow for conversations that were woken, and for rows that were left behind."""

    def __init__(self, ports: Ports, left_behind: timedelta = LEFT_BEHIND) -> None:
        self._ports = ports
        self._left_behind = left_behind
        self._line = Line()
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

    def wake(self, conversation_key: str, lane: int = REST) -> None:
        """One message was stored in this conversation."""
        self._line.join(conversation_key, lane)

    def remind(self, conversation_key: str) -> None:
        """Something may wait in this conversation, for another try."""
        if not self._line.holds(conversation_key):
            self._line.join(conversation_key, REST)

    def _answer(self) -> None:
        while (key := self._line.next()) is not None:
            try:
                handle_next(self._ports, key)
            except Exception:
                log.exception("answer_failed")  # the row stays; the sweep below finds it
            self._line.done(key)

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
