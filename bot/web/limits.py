"""How often one address may do something. Generous: a frightened person writes in short bursts."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request
from limits import parse
from limits.storage import MemoryStorage, Storage
from limits.strategies import MovingWindowRateLimiter

from bot.web.problems import Problem

_limiters: dict[int, MovingWindowRateLimiter] = {}


def _limiter(storage: Storage) -> MovingWindowRateLimiter:
    return _limiters.setdefault(id(storage), MovingWindowRateLimiter(storage))


def limit(name: str, rule: str) -> Callable[[Request], None]:
    """A dependency that answers 429 when one client address exceeds the rule."""
    item = parse(rule)

    def check(request: Request) -> None:
        storage = getattr(request.app.state, "limits", None)
        if not isinstance(storage, Storage):
            storage = request.app.state.limits = MemoryStorage()
        client = request.client.host if request.client else "unknown"
        if not _limiter(storage).hit(item, name, client):
            raise Problem(429, "Too many requests", "Please wait a moment before you send more. In an emergency, call.")

    return check
