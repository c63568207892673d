"""What is still to be done in a drill, by the town's time, on a few threads."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import structlog

log = structlog.get_logger()
LOOK_EVERY = 0.01  # real seconds; the clock may run fast or leap


class Schedule:
    """Runs each action once its moment has come."""

    def __init__(self, clock: Callable[[], datetime], threads: int) -> None:
        self._clock = clock
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="drill")
        self._waiting: list[tuple[datetime, int, Callable[[], None]]] = []
        self._running = 0
        self._order = itertools.count()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="drill-schedule")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def at(self, moment: datetime, action: Callable[[], None]) -> None:
        """Do `action` at `moment`, or at once if that is over."""
        with self._lock:
            heapq.heappush(self._waiting, (moment, next(self._order), action))

    def next(self) -> datetime | None:
        """The moment of the earliest action that waits."""
        with self._lock:
            return self._waiting[0][0] if self._waiting else None

    def busy(self) -> bool:
        """Whether an action runs right now."""
        return self._running > 0

    def stop(self) -> None:
        """Finish what runs, begin nothing new."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        while not self._stopped.is_set():
            now = self._clock()
            while (action := self._take(now)) is not None:
                self._pool.submit(self._do, action)
            self._stopped.wait(LOOK_EVERY)

    def _take(self, now: datetime) -> Callable[[], None] | None:
        with self._lock:
            if not self._waiting or self._waiting[0][0] > now:
                return None
            self._running += 1
            return heapq.heappop(self._waiting)[2]

    def _do(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception:
            log.exception("drill_action_failed")
        finally:
            with self._lock:
                self._running -= 1
