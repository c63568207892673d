"""What can go wrong with the fake Bot API, on demand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One misbehaviour of the server: an answer with `code`, silence, or a dropped connection."""

    code: int = 0
    description: str = ""
    retry_after: int = 0
    drop: str = ""  # 'before' or 'after' recording the call
    seconds: float = 0.0  # answers this late, but well

    @classmethod
    def too_many(cls, retry_after: int) -> Fault:
        return cls(429, f"Too Many Requests: retry after {retry_after}", retry_after)

    @classmethod
    def blocked(cls) -> Fault:
        return cls(403, "Forbidden: bot was blocked by the user")

    @classmethod
    def bad_request(cls, description: str = "Bad Request: chat not found") -> Fault:
        return cls(400, description)

    @classmethod
    def unauthorized(cls) -> Fault:
        return cls(401, "Unauthorized")

    @classmethod
    def broken(cls) -> Fault:
        return cls(500, "Internal Server Error")

    @classmethod
    def dropped(cls, *, recorded: bool) -> Fault:
        return cls(drop="after" if recorded else "before")

    @classmethod
    def slow(cls, seconds: float) -> Fault:
        return cls(seconds=seconds)
