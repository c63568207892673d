"""The classifier: plain arrays, predicted with numpy. Never a pickle, so any Python can read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.understanding.features import Floats, embed, ngrams

_ARRAYS = (
    "embedding_weights",
    "ngram_weights",
    "bias",
    "language_weights",
    "language_bias",
    "inverse_frequency",
)


@dataclass(frozen=True)
class Scores:
    """Probabilities per label and per language, each summing to one."""

    labels: dict[str, float]
    languages: dict[str, float]


@dataclass(frozen=True)
class Brain:
    """Two linear models. Shapes: L labels, G languages, B buckets.

    The label model hears meaning and letters together: embedding_weights (L, 512), ngram_weights (B, L), bias (L,).
    The language model hears the letters alone: language_weights (B, G), language_bias (G,).
    inverse_frequency (B,) weighs the n-grams of both. Rows are buckets, because a message touches few of them.
    """

    labels: tuple[str, ...]
    languages: tuple[str, ...]
    fingerprint: str
    embedding_weights: Floats
    ngram_weights: Floats
    bias: Floats
    language_weights: Floats
    language_bias: Floats
    inverse_frequency: Floats

    def score(self, text: str, embedding: Floats | None = None) -> Scores:
        """Judge one message; pass its embedding if it is already known."""
        vector = embed([text])[0] if embedding is None else embedding
        buckets, values = ngrams(text)
        weighted = values * self.inverse_frequency[buckets]
        weighted /= float(np.linalg.norm(weighted)) or 1.0
        letters = weighted @ self.ngram_weights[buckets].astype(np.float32)
        by_label = _softmax(self.embedding_weights @ vector + letters + self.bias)
        by_language = _softmax(weighted @ self.language_weights[buckets].astype(np.float32) + self.language_bias)
        return Scores(
            dict(zip(self.labels, by_label.tolist())),
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
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        np.savez(draft, header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8), **arrays)
        draft.rename(path)

    @classmethod
    def load(cls, path: Path) -> Brain:
        """Read the arrays. Raises FileNotFoundError, or ValueError for a damaged file."""
        with np.load(path, allow_pickle=False) as stored:
            header = json.loads(stored["header"].tobytes())
            return cls(
                labels=tuple(header["labels"]),
                languages=tuple(header["languages"]),
                fingerprint=header["fingerprint"],
                **{name: stored[name] for name in _ARRAYS},
            )


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max())
    return np.asarray(raised / raised.sum(), dtype=np.float32)


def best(scores: dict[str, float], among: Sequence[str] | None = None) -> tuple[str, float]:
    """The most probable key, of all or of some."""
    keys = among if among is not None else list(scores)
    winner = max(keys, key=lambda key: scores.get(key, 0.0))
    return winner, scores.get(winner, 0.0)
