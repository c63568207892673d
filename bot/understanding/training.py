"""Fits the classifier. The only module that needs scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.decomposition import PCA
from sklearn.linear_model import SGDClassifier

from bot.understanding.brain import Brain
from bot.understanding.examples import Example, fingerprint
from bot.understanding.features import BUCKETS, Floats, embed, ngrams

BATCH = 256
DIRECTIONS = 200  # of the embedding space are kept: the fit takes half the time, at the same accuracy
MEANING_WEIGHT = 0.4  # an embedding's length beside the n-grams', which is 1
# Logits are multiplied by this, so that "0.8" is right eight times in ten: least loss on the development set.
SHARPNESS = 1.45
Progress = Callable[[float], None]


def train(examples: Sequence[Example], progress: Progress = lambda _done: None, vectors: Floats | None = None) -> Brain:
    """Fit on examples of every language together: citizens mix languages, so one model hears them all.

    `vectors` are the examples' embeddings, (N, 512), if they are known already.
    """
    texts = [example.text for example in examples]
    labels = sorted({example.label for example in examples})
    languages = sorted({example.language for example in examples})
    label_of = np.array([labels.index(example.label) for example in examples])
    language_of = np.array([languages.index(example.language) for example in examples])
    letters, inverse_frequency = _ngram_matrix(texts)
    meaning = embeddings(texts, progress) if vectors is None else vectors
    progress(0.4)
    turn = PCA(DIRECTIONS, random_state=0).fit(meaning)
    turned = csr_matrix(turn.transform(meaning) * MEANING_WEIGHT)
    by_label = _fit(hstack([letters, turned]).tocsr(), label_of)
    progress(0.95)
    by_language = _fit(letters, language_of)
    progress(1.0)
    weights = by_label.coef_ * SHARPNESS
    embedding_weights = weights[:, BUCKETS:] @ turn.components_ * MEANING_WEIGHT
    return Brain(
        labels=tuple(labels),
        languages=tuple(languages),
        fingerprint=fingerprint(list(examples)),
        embedding_weights=embedding_weights.astype(np.float32),
        ngram_weights=_by_bucket(weights[:, :BUCKETS]),
        bias=(by_label.intercept_ * SHARPNESS - embedding_weights @ turn.mean_).astype(np.float32),
        language_weights=_by_bucket(by_language.coef_),
        language_bias=by_language.intercept_.astype(np.float32),
        inverse_frequency=inverse_frequency,
    )


def _by_bucket(weights: Floats) -> Floats:
    return np.ascontiguousarray(weights.T.astype(np.float16))


def _fit(matrix: csr_matrix, target: Any) -> SGDClassifier:
    """One-against-rest logistic regression by averaged stochastic gradient: half a minute on 131,072 sparse columns."""
    model = SGDClassifier(
        loss="log_loss", alpha=2e-6, max_iter=8, tol=None, average=True, random_state=0, n_jobs=2
    )  # fmt: skip
    return model.fit(matrix, target)


def embeddings(texts: list[str], progress: Progress = lambda _done: None) -> Floats:
    """Sentence embeddings of many texts, (N, 512): about a millisecond each."""
    rows = []
    for start in range(0, len(texts), BATCH):
        rows.append(embed(texts[start : start + BATCH]))
        progress(0.4 * start / len(texts))
    return np.vstack(rows)


def _ngram_matrix(texts: list[str]) -> tuple[csr_matrix, Floats]:
    """TF-IDF over hashed n-grams, rows of unit length; and the inverse document frequencies."""
    columns, values, starts = [], [], [0]
    for text in texts:
        buckets, counts = ngrams(text)
        columns.append(buckets)
        values.append(counts)
        starts.append(starts[-1] + len(buckets))
    flat_columns, flat_values = np.concatenate(columns), np.concatenate(values)
    seen_in = np.bincount(flat_columns, minlength=BUCKETS)
    inverse = (np.log((1 + len(texts)) / (1 + seen_in)) + 1).astype(np.float32)
    matrix = csr_matrix((flat_values * inverse[flat_columns], flat_columns, starts), shape=(len(texts), BUCKETS))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1
    scale = np.repeat(1 / lengths, np.diff(matrix.indptr))
    matrix.data = (matrix.data * scale).astype(np.float32)
    return matrix, inverse
