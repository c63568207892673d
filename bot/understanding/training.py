"""Fits the classifier. The only module that needs scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.understanding.brain import Brain
from bot.understanding.examples import Example, fingerprint
from bot.understanding.features import BUCKETS, Floats, embed, ngrams

BATCH = 256
Progress = Callable[[float], None]


def train(examples: Sequence[Example], progress: Progress = lambda _done: None) -> Brain:
    """Fit on examples of every language together: citizens mix languages, so one model hears them all."""
    texts = [example.text for example in examples]
    labels = sorted({example.label for example in examples})
    languages = sorted({example.language for example in examples})
    label_of = np.array([labels.index(example.label) for example in examples])
    language_of = np.array([languages.index(example.language) for example in examples])
    matrix, inverse_frequency = _ngram_matrix(texts)
    meaning = _embeddings(texts, progress)
    progress(0.6)
    by_meaning = LogisticRegression(C=20.0, max_iter=300).fit(meaning, label_of)
    progress(0.8)
    by_letters = LogisticRegression(C=20.0, max_iter=60, tol=1e-3).fit(matrix, label_of)
    by_language = LogisticRegression(C=20.0, max_iter=60, tol=1e-3).fit(matrix, language_of)
    progress(1.0)
    return Brain(
        labels=tuple(labels),
        languages=tuple(languages),
        fingerprint=fingerprint(list(examples)),
        embedding_weights=by_meaning.coef_.astype(np.float32),
        embedding_bias=by_meaning.intercept_.astype(np.float32),
        ngram_weights=by_letters.coef_.astype(np.float16),
        ngram_bias=by_letters.intercept_.astype(np.float32),
        language_weights=by_language.coef_.astype(np.float16),
        language_bias=by_language.intercept_.astype(np.float32),
        inverse_frequency=inverse_frequency,
    )


def _embeddings(texts: list[str], progress: Progress) -> Floats:
    rows = []
    for start in range(0, len(texts), BATCH):
        rows.append(embed(texts[start : start + BATCH]))
        progress(0.6 * start / len(texts))
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
    matrix = csr_matrix(
        (flat_values * inverse[flat_columns], flat_columns, starts), shape=(len(texts), BUCKETS)
    )
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1
    scale = np.repeat(1 / lengths, np.diff(matrix.indptr))
    matrix.data = (matrix.data * scale).astype(np.float32)
    return matrix, inverse
