"""The classifier: plain arrays, predicted with numpy. Never a pickle, so any Python can read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.understanding.features import Floats, embed, ngrams


@dataclass(frozen=True)
class Scores:
    """Probabilities per label and per language, each summing to one."""

    labels: dict[str, float]
    languages: dict[str, float]


@dataclass(frozen=True)
class Brain:
    """Linear models over embeddings and n-grams. Shapes: L labels, G languages, B buckets.

    embedding_weights (L, 512), embedding_bias (L,), ngram_weights (L, B), ngram_bias (L,),
    language_weights (G, B), language_bias (G,), inverse_frequency (B,).
    """

    labels: tuple[str, ...]
    languages: tuple[str, ...]
    fingerprint: str
    embedding_weights: Floats
    embedding_bias: Floats
    ngram_weights: Floats
    ngram_bias: Floats
    language_weights: Floats
    language_bias: Floats
    inverse_frequency: Floats

    def score(self, text: str, embedding: Floats | None = None) -> Scores:
        """Judge one message; pass its embedding if it is already known."""
        vector = embed([text])[0] if embedding is None else embedding
        buckets, values = ngrams(text)
        weighted = values * self.inverse_frequency[buckets]
        length = float(np.linalg.norm(weighted)) or 1.0
        weighted = weighted / length
        by_meaning = _softmax(self.embedding_weights @ vector + self.embedding_bias)
        by_letters = _softmax(self.ngram_weights[:, buckets].astype(np.float32) @ weighted + self.ngram_bias)
        by_language = _softmax(self.language_weights[:, buckets].astype(np.float32) @ weighted + self.language_bias)
        both = (by_meaning + by_letters) / 2
        return Scores(
            dict(zip(self.labels, both.tolist())),
            dict(zip(self.languages, by_language.tolist())),
        )

    def save(self, path: Path) -> None:
        """Write the arrays; the file appears whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part.npz")
        header = {
            "labels": self.labels,
            "languages": self.languages,
            "fingerprint": self.fingerprint,
        }
        np.savez(
            draft,
            header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
            embedding_weights=self.embedding_weights,
            embedding_bias=self.embedding_bias,
            ngram_weights=self.ngram_weights.astype(np.float16),
            ngram_bias=self.ngram_bias,
            language_weights=self.language_weights.astype(np.float16),
            language_bias=self.language_bias,
            inverse_frequency=self.inverse_frequency,
        )
        draft.rename(path)

    @classmethod
    def load(cls, path: Path) -> Brain:
        """Read the arrays. Raises FileNotFoundError, or ValueError for a damaged file."""
        with np.load(path, allow_pickle=False) as arrays:
            header = json.loads(arrays["header"].tobytes())
            return cls(
                labels=tuple(header["labels"]),
                languages=tuple(header["languages"]),
                fingerprint=header["fingerprint"],
                embedding_weights=arrays["embedding_weights"],
                embedding_bias=arrays["embedding_bias"],
                ngram_weights=arrays["ngram_weights"],
                ngram_bias=arrays["ngram_bias"],
                language_weights=arrays["language_weights"],
                language_bias=arrays["language_bias"],
                inverse_frequency=arrays["inverse_frequency"],
            )


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max())
    return np.asarray(raised / raised.sum(), dtype=np.float32)


def best(scores: dict[str, float], among: Sequence[str] | None = None) -> tuple[str, float]:
    """The most probable key, of all or of some."""
    keys = among if among is not None else list(scores)
    winner = max(keys, key=lambda key: scores.get(key, 0.0))
    return winner, scores.get(winner, 0.0)
