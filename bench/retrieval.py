"""Content search: ours beside a plain BM25 library, over the same stored questions and answers."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import bm25s
import numpy as np

from bench.dev_messages import dev_messages
from bench.results import Options, Result, median
from bot.classifier import load_understander
from bot.services.imports import read_articles
from bot.services.search import SearchIndex
from bot.settings import Settings, load_settings

FIRST = 3
PEER = "BM25 (bm25s), told the language"
Document = tuple[str, str, tuple[str, ...]]  # topic, language, lines


@dataclass(frozen=True)
class Question:
    """One question, and what understanding had made of it when the search was asked."""

    text: str
    topic: str
    language: str  # as it was labelled
    heard: str  # as we recognised it
    likely: dict[str, float]


Searcher = Callable[[Question], list[str]]  # topics, best first


@dataclass
class Score:
    """How often the wanted topic came first, or among the first three, by language; and at what cost."""

    first: dict[str, float] = field(default_factory=dict)
    among: dict[str, float] = field(default_factory=dict)
    milliseconds: list[float] = field(default_factory=list)


def measure(options: Options) -> Sequence[Result]:
    settings = load_settings()
    articles = read_articles(settings.data / "faq")
    documents = [(a.topic, a.language, (a.title, *a.questions, a.body)) for a in articles]
    questions = _questions(settings, options.quick, {a.topic for a in articles})
    index = SearchIndex.build(documents, settings.var / "search")
    ours, alone, theirs = Score(), Score(), Score()
    for _ in range(options.rounds):
        _ask(lambda q: _topics(index, q, q.likely), questions, ours)
        _ask(lambda q: _topics(index, q, {}), questions, alone)
        _ask(_bm25(documents), questions, theirs)
    if min(ours.first.values()) < 60:
        raise RuntimeError(f"our search is broken: {ours.first}")
    options.note(
        f"content search, {len(questions):,} questions over {len(documents)} answers; first right in % ours / ours "
        "without the classifier / BM25: "
        + ", ".join(f"{c} {ours.first[c]:.0f} / {alone.first[c]:.0f} / {theirs.first[c]:.0f}" for c in ours.first)
    )
    options.note(
        f"one content search takes {median(ours.milliseconds):.1f} ms of CPU, reading the question's meaning included, "
        f"one of BM25 {median(theirs.milliseconds):.2f} ms"
    )
    return [
        Result(f"content search, {name}", how(getattr(ours, what)), how(getattr(theirs, what)), PEER, "%", "higher")
        for name, what, how in (
            ("first right, mean of six", "first", _mean),
            ("first right, worst of six", "first", _worst),
            ("among first three, mean of six", "among", _mean),
            ("among first three, worst of six", "among", _worst),
        )
    ]


def _mean(shares: dict[str, float]) -> float:
    return float(np.mean(list(shares.values())))


def _worst(shares: dict[str, float]) -> float:
    return min(shares.values())


def _questions(settings: Settings, quick: bool, topics: set[str]) -> list[Question]:
    """The development set's ordinary questions about something that has an answer."""
    understander = load_understander(settings)
    assert understander.brain is not None, "train first: make train"
    asked = [one for one in dev_messages(quick) if one.kind == "ordinary" and one.label in topics]
    seen = [understander.understand(one.text) for one in asked]
    return [
        Question(one.text, one.label, one.language, heard.language, heard.probabilities)
        for one, heard in zip(asked, seen, strict=True)
    ]


def _ask(search: Searcher, questions: Sequence[Question], score: Score) -> None:
    began = time.process_time()
    found = [search(question) for question in questions]
    score.milliseconds.append((time.process_time() - began) / len(questions) * 1000)
    by_language: dict[str, list[int]] = defaultdict(list)
    for question, topics in zip(questions, found, strict=True):
        by_language[question.language].append(topics.index(question.topic) if question.topic in topics else FIRST)
    for language, places in by_language.items():
        score.first[language] = 100 * sum(place == 0 for place in places) / len(places)
        score.among[language] = 100 * sum(place < FIRST for place in places) / len(places)


def _topics(index: SearchIndex, question: Question, likely: dict[str, float]) -> list[str]:
    """As the conversation asks: in the language that was heard."""
    return [hit.topic for hit in index.search(question.text, question.heard, FIRST, likely)]


def _bm25(documents: Sequence[Document]) -> Searcher:
    """One index per language, each stored line a document; the question's true language is given away."""
    indexes: dict[str, tuple[bm25s.BM25, list[str]]] = {}
    for language in {language for _, language, _ in documents}:
        lines = [(topic, line) for topic, code, lines in documents if code == language for line in lines]
        index = bm25s.BM25()
        index.index(_words([line for _, line in lines]), show_progress=False)
        indexes[language] = index, [topic for topic, _ in lines]

    def search(question: Question) -> list[str]:
        index, topics = indexes[question.language]
        rows, _ = index.retrieve(_words([question.text]), k=min(30, len(topics)), show_progress=False)
        return list(dict.fromkeys(topics[row] for row in rows[0]))[:FIRST]

    return search


def _words(lines: list[str]) -> bm25s.tokenization.Tokenized:
    """Lower-cased words of two letters or more, the library's own way; English stop words only harm five languages."""
    return bm25s.tokenize(lines, stopwords=None, show_progress=False)
