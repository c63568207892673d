"""How often one address may do something. Generous: a frightened person writes in short bursts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from bot.web.problems import Problem

RETRY_SECONDS = 5  # short: the window slides, so a place is free again soon


def make_limiter() -> MovingWindowRateLimiter:
    """One per server process."""
    return MovingWindowRateLimiter(MemoryStorage())


def limit(name: str, rule: str, per: str = "") -> Callable[[Request], Awaitable[None]]:
    """A dependency that answers 429 when one client address, or one path parameter `per`, exceeds the rule."""
    item = parse(rule)

    async def check(request: Request) -> None:  # takes microseconds: a thread of its own would cost more
        limiter: MovingWindowRateLimiter = request.app.state.limiter
        address = request.client.host if request.client else "unknown"
        client = str(request.path_params.get(per, address))
        if not limiter.hit(item, name, client):
            raise Problem(
                429,
                "Too many requests",
                "Please wait a moment before you send more. In an emergency, call.",
                {"retry-after": str(RETRY_SECONDS)},
            )

    return check
