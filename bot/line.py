"""Conversations in which something waits, the most urgent first, none of them twice at a time."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bot.services.intake import Taken
from bot.storage.inbox import REST, URGENT

SHORT = 20  # conversations: some tenths of a second
AT_WORK = 2  # ordinary messages computed at once: more only take the processor from each other, and from a cry


class Line:
    """Where conversations wait for a handler. `done`, `away` and the rest may be called from any thread.

    Nothing ordinary begins while somebody's cry for help is being answered: that takes milliseconds, and they do not
    share the processor with anyone.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._order = itertools.count()
        self._line: list[tuple[int, int, str]] = []  # lane, order of arrival, key
        self._waits: dict[str, tuple[int, int]] = {}  # by key: how many messages, and the lane of the most urgent
        self._taken: dict[str, Taken] = {}  # what was claimed for its handler already
        self._in_hand: dict[str, int] = {}  # by key: the lane it was taken from
        self._at_work = {URGENT: 0, REST: 0}
        self._closed = False

    @property
    def is_short(self) -> bool:
        """Whether a message that arrives now will be begun very soon."""
        return len(self._line) < SHORT

    def _may_begin(self, lane: int) -> bool:
        return lane == URGENT or (not self._at_work[URGENT] and self._at_work[REST] < AT_WORK)

    def join(self, key: str, lane: int, taken: Taken | None = None) -> None:
        """A message of this conversation waits. With a cry for help, what was written before moves up as well."""
        with self._changed:
            count, before = self._waits.get(key, (0, REST + 1))
            self._waits[key] = (count + 1, min(lane, before))
            if taken is not None:
                self._taken[key] = taken
            if key not in self._in_hand and lane < before:
                heapq.heappush(self._line, (lane, next(self._order), key))
                self._changed.notify()

    def holds(self, key: str) -> bool:
        """Whether somebody will look at this conversation anyway."""
        with self._changed:
            return key in self._waits

    def next(self) -> tuple[str, Taken | None] | None:
        """Take the most urgent conversation, waiting for one. None when the line is closed."""
        with self._changed:
            while not self._closed:
                while self._line and self._may_begin(self._line[0][0]):
                    lane, _, key = heapq.heappop(self._line)
                    if key in self._waits and key not in self._in_hand:  # else it was here twice, having moved up
                        self._in_hand[key] = lane
                        self._at_work[lane] += 1
                        self._wake_another()
                        return key, self._taken.pop(key, None)
                self._changed.wait()
        return None

    def _wake_another(self) -> None:
        if self._line and self._may_begin(self._line[0][0]):
            self._changed.notify()

    @contextmanager
    def away(self, key: str) -> Iterator[None]:
        """Whoever has this conversation in hand waits for another program meanwhile, and needs no processor."""
        lane = self._in_hand.get(key)
        self._work(lane, -1)
        try:
            yield
        finally:
            self._work(lane, +1)

    def _work(self, lane: int | None, change: int) -> None:
        if lane is None:  # it was not taken from this line
            return
        with self._changed:
            self._at_work[lane] += change
            self._wake_another()

    def done(self, key: str) -> None:
        """One message of the conversation is dealt with; if more wait, it stands in line again."""
        with self._changed:
            self._at_work[self._in_hand.pop(key)] -= 1
            count, lane = self._waits.pop(key)
            if count > 1:
                self._waits[key] = (count - 1, lane)
                heapq.heappush(self._line, (lane, next(self._order), key))
            self._wake_another()

    def close(self) -> None:
        """Nobody waits any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
