"""The town's clock during a drill: it can run faster, and leap over hours in which nothing happens."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class DrillClock:
    """Call it for the town's time. Remembers how it ran, so that any moment can be told in real seconds."""

    def __init__(self, start: datetime, speed: float = 1.0, real: Callable[[], float] = time.monotonic) -> None:
        self._real = real
        self._parts = [(real(), start, speed)]  # since when (real seconds), what it showed then, how fast it ran

    def __call__(self) -> datetime:
        """The town's time."""
        since, shown, speed = self._parts[-1]
        return shown + timedelta(seconds=(self._real() - since) * speed)

    def run_at(self, speed: float) -> None:
        """From now on, `speed` town seconds pass in a real one."""
        self._parts.append((self._real(), self(), speed))

    def leap_to(self, moment: datetime) -> None:
        """Show this moment now, if it is still to come."""
        if moment > self():
            self._parts.append((self._real(), moment, self._parts[-1][2]))

    def real(self, moment: datetime) -> float:
        """When the clock first showed this moment or a later one, in the real seconds of `time.monotonic`."""
        until: float | None = None
        for since, shown, speed in reversed(self._parts):
            if shown <= moment:
                at = since + (moment - shown).total_seconds() / speed
                return at if until is None else min(at, until)
            until = since
        return self._parts[0][0]
