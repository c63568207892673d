"""Content search: stored question variants, compared by letters and by meaning."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_matrix

from bot.understanding.features import BUCKETS, EMBEDDING_SIZE, Floats, embed, ngrams

# Below this an answer would be a guess. Set on the development questions, see docs/understanding.md.
SURE_ENOUGH = 0.55
WORTH_OFFERING = 0.40
OTHER_LANGUAGE = 0.77  # by meaning alone, and it must be clearly better to come before the own language


@dataclass(frozen=True)
class Hit:
    """One topic that fits, in the language its answer is written in; score from 0 to 1."""

    topic: str
    language: str
    score: float


@dataclass
class SearchIndex:
    """N rows: `entries[i]` = (topic, language); `letters` (N, buckets) sparse; `meanings` (N, 512)."""

    entries: list[tuple[str, str]]
    letters: csc_matrix
    inverse: Floats
    meanings: Floats

    @classmethod
    def build(cls, documents: Iterable[tuple[str, str, Sequence[str]]], cache: Path | None = None) -> SearchIndex:
        """Index documents of (topic, language, lines). Meanings are taken from the cache or computed."""
        entries, texts = [], []
        for topic, language, lines in documents:
            for line in lines:
                entries.append((topic, language))
                texts.append(line[:400])
        letters, inverse = _letters_matrix(texts)
        return cls(entries, letters, inverse, _meanings(texts, cache))

    def search(self, text: str, language: str | None = None, limit: int = 5) -> list[Hit]:
        """The topics that fit best, each once, best first. Same language by letters and meaning."""
        if not self.entries or not text.strip():
            return []
        by_meaning = self.meanings @ embed([text])[0]
        by_letters = self._letters(text)
        both = (by_meaning + by_letters) / 2
        same = np.array([code == language for _, code in self.entries])
        scores = np.where(same, both, by_meaning * OTHER_LANGUAGE)
        if language is None:
            scores = np.maximum(both, by_meaning * OTHER_LANGUAGE)
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
        scored = self.letters[:, buckets] @ (weights / length)
        return np.asarray(scored, dtype=np.float32)


def _letters_matrix(texts: list[str]) -> tuple[csc_matrix, Floats]:
    """TF-IDF over hashed n-grams, rows of unit length, by column; and the inverse document frequencies."""
    found = [_ngrams_of(text) for text in texts]
    columns = np.concatenate([buckets for buckets, _ in found] or [np.zeros(0, dtype=np.int64)])
    counts = np.concatenate([values for _, values in found] or [np.zeros(0, dtype=np.float32)])
    lengths = np.array([len(buckets) for buckets, _ in found], dtype=np.int64)
    rows = np.repeat(np.arange(len(texts)), lengths)
    inverse = (np.log((1 + len(texts)) / (1 + np.bincount(columns, minlength=BUCKETS))) + 1).astype(np.float32)
    weights = counts * inverse[columns]
    norms = np.sqrt(np.bincount(rows, weights=weights**2, minlength=len(texts)))
    norms[norms == 0] = 1
    values = (weights / norms[rows]).astype(np.float32)
    return csc_matrix((values, (rows, columns)), shape=(len(texts), BUCKETS)), inverse


@lru_cache(maxsize=50_000)  # an edit rebuilds the index; all other lines are the same as before
def _ngrams_of(text: str) -> tuple[npt.NDArray[np.int64], Floats]:
    return ngrams(text)


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
