"""Content search: stored question variants, compared by letters and by meaning."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bot.understanding.features import BUCKETS, EMBEDDING_SIZE, Floats, embed, ngrams

# Below this an answer would be a guess. Set on the development questions, see docs/understanding.md.
SURE_ENOUGH = 0.55
WORTH_OFFERING = 0.40
OTHER_LANGUAGE = 0.9  # an answer in another language must be clearly better to come first


@dataclass(frozen=True)
class Hit:
    """One topic that fits, in the language its answer is written in; score from 0 to 1."""

    topic: str
    language: str
    score: float


@dataclass
class SearchIndex:
    """N rows: `entries[i]` = (topic, language); `letters` rows of hashed n-grams; `meanings` (N, 512)."""

    entries: list[tuple[str, str]]
    texts: list[str]
    postings: dict[int, tuple[np.ndarray, np.ndarray]]
    inverse: Floats
    meanings: Floats | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def build(cls, documents: Iterable[tuple[str, str, Sequence[str]]], cache: Path | None = None) -> SearchIndex:
        """Index documents of (topic, language, lines). Meanings are taken from the cache or computed."""
        entries, texts = [], []
        for topic, language, lines in documents:
            for line in lines:
                entries.append((topic, language))
                texts.append(line[:400])
        index = cls(entries, texts, *_postings(texts))
        index.meanings = _meanings(texts, cache)
        return index

    def search(self, text: str, language: str | None = None, limit: int = 5) -> list[Hit]:
        """The topics that fit best, each once, best first. Same language by letters and meaning."""
        if not self.entries or not text.strip() or self.meanings is None:
            return []
        by_meaning = self.meanings @ embed([text])[0]
        by_letters = self._letters(text)
        both = (by_meaning + by_letters) / 2
        same = np.array([code == language for _, code in self.entries])
        scores = np.where(same, both, by_meaning * OTHER_LANGUAGE * 0.85)
        if language is None:
            scores = np.maximum(both, by_meaning * OTHER_LANGUAGE * 0.85)
        hits: dict[str, Hit] = {}
        for row in np.argsort(-scores)[: limit * 40]:
            topic, code = self.entries[row]
            if topic not in hits:
                hits[topic] = Hit(topic, code, float(min(max(scores[row], 0.0), 1.0)))
            if len(hits) == limit:
                break
        return list(hits.values())

    def _letters(self, text: str) -> Floats:
        buckets, counts = ngrams(text)
        weights = counts * self.inverse[buckets]
        length = float(np.linalg.norm(weights)) or 1.0
        scores = np.zeros(len(self.entries), dtype=np.float32)
        for bucket, weight in zip(buckets.tolist(), (weights / length).tolist(), strict=True):
            posting = self.postings.get(bucket)
            if posting is not None:
                rows, values = posting
                scores[rows] += weight * values
        return scores


def _postings(
    texts: list[str],
) -> tuple[dict[int, tuple[np.ndarray, np.ndarray]], Floats]:
    found = [ngrams(text) for text in texts]
    seen = np.zeros(BUCKETS, dtype=np.int64)
    for buckets, _ in found:
        seen[buckets] += 1
    inverse = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)
    lists: dict[int, list[tuple[int, float]]] = {}
    for row, (buckets, counts) in enumerate(found):
        weights = counts * inverse[buckets]
        length = float(np.linalg.norm(weights)) or 1.0
        for bucket, weight in zip(buckets.tolist(), (weights / length).tolist(), strict=True):
            lists.setdefault(bucket, []).append((row, weight))
    arrays = {
        bucket: (
            np.array([row for row, _ in pairs], dtype=np.int32),
            np.array([weight for _, weight in pairs], dtype=np.float32),
        )
        for bucket, pairs in lists.items()
    }
    return arrays, inverse


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]


def _meanings(texts: list[str], cache: Path | None) -> Floats:
    """Embeddings of all texts; only new ones are computed, the rest come from the cache file."""
    known: dict[str, Floats] = {}
    file = cache / "meanings.npz" if cache else None
    if file and file.exists():
        try:
            with np.load(file, allow_pickle=False) as stored:
                known = dict(zip(stored["keys"].tolist(), stored["rows"], strict=True))
        except (OSError, ValueError, KeyError):
            known = {}  # a damaged cache costs seconds, not answers
    keys = [_key(text) for text in texts]
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    fresh = list(missing.items())
    for start in range(0, len(fresh), 256):
        batch = fresh[start : start + 256]
        rows = embed([text for _, text in batch])
        known.update({key: row for (key, _), row in zip(batch, rows, strict=True)})
    if file and missing:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{_key(repr(keys))}.npz")
        np.savez(
            draft,
            keys=np.array(list(known)),
            rows=np.vstack(list(known.values())).astype(np.float16),
        )
        draft.replace(file)
    if not texts:
        return np.zeros((0, EMBEDDING_SIZE), dtype=np.float32)
    return np.vstack([known[key] for key in keys]).astype(np.float32)
