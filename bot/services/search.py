"""Content search: stored question variants, compared by letters and by meaning."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_matrix

from bot.understanding.features import BUCKETS, EMBEDDING_SIZE, Floats, embed, ngrams

# Below this an answer would be a guess. Of the development questions nine in ten are above it, and 98 % of those right.
SURE_ENOUGH = 0.6
WORTH_OFFERING = 0.25
UNLIKE = 0.4  # two questions about different things are this similar by chance
OTHER_LANGUAGE = 0.77  # by meaning alone, and it must be clearly better to come before the own language

CACHE_FILE = "meanings.npz"
NOTHING: Mapping[str, float] = MappingProxyType({})
BATCH = 64  # lines embedded at once: a cry for help that comes meanwhile waits 50 ms


@dataclass(frozen=True)
class Hit:
    """One topic that fits, in the language its answer is written in; score from 0 to 1."""

    topic: str
    language: str
    score: float


@dataclass(frozen=True)
class _Groups:
    """The rows of each topic side by side: a question looks at all rows, and never at one after the other in Python."""

    topics: list[str]
    numbers: dict[str, int]  # of the topics
    rows: npt.NDArray[np.intp]  # topic after topic
    starts: npt.NDArray[np.intp]  # where in `rows` each topic begins
    languages: npt.NDArray[np.str_]  # of every row, in the index's order

    @classmethod
    def of(cls, entries: Sequence[tuple[str, str]]) -> _Groups:
        """Topics in the order in which they first come."""
        numbers: dict[str, int] = {}
        which = np.array([numbers.setdefault(topic, len(numbers)) for topic, _ in entries], dtype=np.intp)
        rows = np.argsort(which, kind="stable")
        starts = np.searchsorted(which[rows], np.arange(len(numbers)))
        return cls(list(numbers), numbers, rows, starts, np.array([code for _, code in entries], dtype=np.str_))

    def best(self, topic: int, scores: Floats) -> int:
        """The row of a topic that fits best, the first of equals."""
        end = self.starts[topic + 1] if topic + 1 < len(self.topics) else len(self.rows)
        rows = self.rows[self.starts[topic] : end]
        return int(rows[np.argmax(scores[rows])])


@dataclass
class SearchIndex:
    """N rows: `entries[i]` = (topic, language); `letters` (N, buckets) sparse; `meanings` (N, 512)."""

    entries: list[tuple[str, str]]
    letters: csc_matrix
    inverse: Floats
    meanings: Floats | None  # None: not computed yet; until then letters alone decide

    @classmethod
    def build(
        cls,
        documents: Iterable[tuple[str, str, Sequence[str]]],
        cache: Path | None = None,
        at_most: int | None = None,
    ) -> SearchIndex:
        """Index documents of (topic, language, lines).

        Meanings come from the cache; new lines cost about a millisecond each and are left out altogether if
        they are more than `at_most`, because a first start must not wait for them.
        """
        entries, texts = [], []
        for topic, language, lines in documents:
            for line in lines:
                entries.append((topic, language))
                texts.append(line[:400])
        letters, inverse = letters_matrix(texts)
        return cls(entries, letters, inverse, _meanings(texts, cache, at_most))

    def search(
        self, text: str, language: str | None = None, limit: int = 5, likely: Mapping[str, float] = NOTHING
    ) -> list[Hit]:
        """The topics that fit best, each once, best first. Same language by letters and meaning.

        `likely` are the classifier's probabilities per topic: two witnesses, of whom one may be enough. Stored
        questions find what a coordinator wrote a minute ago, the classifier what people say in other words.
        """
        if not self.entries or not text.strip():
            return []
        scores = self._scores(text, language)
        groups = self._groups
        best = np.maximum.reduceat(scores[groups.rows], groups.starts)  # of each topic
        found = np.clip((best - UNLIKE) / (1 - UNLIKE), 0, 1)
        doubt = np.ones_like(found)
        for topic, probability in likely.items():
            if topic in groups.numbers:
                doubt[groups.numbers[topic]] -= probability
        sure = 1 - (1 - found) * doubt
        first = np.lexsort((-best, -sure))[:limit]
        rows = [groups.best(one, scores) for one in first]
        return [
            Hit(groups.topics[one], self._answered_in(row, language), float(sure[one]))
            for one, row in zip(first, rows, strict=True)
        ]

    def _scores(self, text: str, language: str | None) -> Floats:
        """How well each row fits, (N,): another language by meaning alone."""
        by_letters = self._letters(text)
        by_meaning, both = np.zeros_like(by_letters), by_letters
        if self.meanings is not None:
            # On this thread alone: the library's own product wakes a thread per core, and waits for busy ones.
            by_meaning = np.einsum("ij,j->i", self.meanings, embed([text])[0])
            both = (by_meaning + by_letters) / 2
        abroad = by_meaning * OTHER_LANGUAGE
        if language is None:
            return np.asarray(np.maximum(both, abroad))
        return np.where(self._groups.languages == language, both, abroad)

    def _answered_in(self, row: int, language: str | None) -> str:
        """The answer's language: the citizen's own wherever the topic has it."""
        topic, code = self.entries[row]
        return language if language and (topic, language) in self.answered else code

    @cached_property
    def answered(self) -> frozenset[tuple[str, str]]:
        """Which topic has an answer in which language."""
        return frozenset(self.entries)

    @cached_property
    def _groups(self) -> _Groups:
        return _Groups.of(self.entries)

    def _letters(self, text: str) -> Floats:
        buckets, counts = ngrams(text)
        weights = counts * self.inverse[buckets]
        length = float(np.linalg.norm(weights)) or 1.0
        scored = self.letters[:, buckets] @ (weights / length)
        return np.asarray(scored, dtype=np.float32)


def letters_matrix(texts: list[str]) -> tuple[csc_matrix, Floats]:
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


def _meanings(texts: list[str], cache: Path | None, at_most: int | None) -> Floats | None:
    """Embeddings of all texts from the cache; missing ones are computed, unless they are more than `at_most`."""
    known = _read_cache(cache)
    keys = [_key(text) for text in texts]
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if at_most is not None and len(missing) > at_most:
        return None
    fresh = list(missing.items())
    for start in range(0, len(fresh), BATCH):
        batch = fresh[start : start + BATCH]
        rows = embed([text for _, text in batch])
        known.update({key: row for (key, _), row in zip(batch, rows, strict=True)})
    if cache and missing:
        _write_cache(cache, known)
    if not texts:
        return np.zeros((0, EMBEDDING_SIZE), dtype=np.float32)
    return np.vstack([known[key] for key in keys]).astype(np.float32)


def _read_cache(cache: Path | None) -> dict[str, Floats]:
    if cache is None or not (cache / CACHE_FILE).exists():
        return {}
    try:
        with np.load(cache / CACHE_FILE, allow_pickle=False) as stored:
            return dict(zip(stored["keys"].tolist(), stored["rows"], strict=True))
    except (OSError, ValueError, KeyError):
        return {}  # a damaged cache costs seconds, not answers


def _write_cache(cache: Path, known: dict[str, Floats]) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    draft = cache / f".{secrets.token_hex(6)}.npz"
    np.savez(draft, keys=np.array(list(known)), rows=np.vstack(list(known.values())).astype(np.float16))
    draft.replace(cache / CACHE_FILE)
