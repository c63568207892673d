"""Long texts in parts, where a channel limits the length of one message."""

from __future__ import annotations


def parts_of(message: str, limit: int) -> list[str]:
    """Parts of at most `limit` characters, cut at line ends or spaces where there are any."""
    parts = []
    while len(message) > limit:
        cut = max(message.rfind("\n", 0, limit), message.rfind(" ", 0, limit))
        cut = cut if cut > limit // 2 else limit
        parts.append(message[:cut].rstrip())
        message = message[cut:].lstrip()
    return [*parts, message] if message or not parts else parts
