"""One folded form for every spelling of a word."""

from __future__ import annotations

import unicodedata

_LETTERS = str.maketrans(
    {
        "ı": "i", "İ": "i", "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d",
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه", "ى": "ي", "ؤ": "و", "ئ": "ي",
        "ـ": None, "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'",
    }
)  # fmt: skip


def fold(text: str) -> str:
    """Lower case without diacritics: 'Köln' -> 'koln', 'IĞDIR' -> 'igdir', 'القاهرة' -> 'القاهره'."""
    lowered = text.translate(_LETTERS).lower().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).strip()


def printable(text: str) -> str:
    """The same text without what no database stores: lone surrogates and NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
