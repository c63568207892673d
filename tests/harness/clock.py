"""A clock that only moves when a test winds it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class WindingClock:
    """Call it for the time; `forward(minutes=16)` moves it."""

    def __init__(self, start: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)
