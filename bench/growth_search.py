"""One whole search, embedding included, among a thousand and a hundred thousand stored lines."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.growth_pairs import Work, grown
from bench.results import Options, Result
from bot.services.search import SearchIndex, letters_matrix
from bot.understanding.features import Floats, embed
from tests.harness.town import Town

SMALL, LARGE, AT_MOST = 1_000, 100_000, 10.0
QUESTIONS, LINES_A_TOPIC = 60, 12
NEAR = 0.02  # how far a made line's meaning is moved from a real one's, in each of 512 directions


@dataclass(frozen=True)
class Stored:
    """One line of the index."""

    topic: str
    language: str
    text: str


def measure(options: Options) -> Sequence[Result]:
    """The same questions, all among the first thousand lines, which are in both indexes."""
    town = Town(options.folder / "search", options.folder / "template")
    articles = town.ports.knowledge.current.articles.values()
    real = [Stored(one.topic, one.language, line) for one in articles for line in (one.title, *one.questions)]
    town.database.close()
    drawn = random.Random(3)
    drawn.shuffle(real)
    lines = multiplied(real[:SMALL], LARGE, drawn)
    meanings = _meanings(lines)
    questions = drawn.sample(lines[:SMALL], 20 if options.quick else QUESTIONS)
    works = []
    for size in (SMALL, LARGE):
        index = _index(lines[:size], meanings[:size])
        works.append([_search(index, one) for one in questions])
    options.note(
        f"Search: of the {LARGE:,} lines {SMALL:,} are real; the others are put together from words of two of them,"
        " under invented topics, and their meanings are real ones moved a little."
    )
    sizes = [f"{size:,} entries" for size in (SMALL, LARGE)]
    return [grown("one search", AT_MOST, (sizes[0], works[0]), (sizes[1], works[1]), options)]


def multiplied(real: Sequence[Stored], size: int, drawn: random.Random) -> list[Stored]:
    """The real lines first, then made ones: the first half of one, the second half of another, and a number."""
    lines = list(real[:size])
    for number in range(len(lines), size):
        one, other = drawn.choice(real), drawn.choice(real)
        head, tail = one.text.split(), other.text.split()
        words = [*head[: len(head) // 2 + 1], *tail[len(tail) // 2 :], str(number)]
        lines.append(Stored(f"bench-{number // LINES_A_TOPIC}", one.language, " ".join(words)))
    return lines


def _meanings(lines: Sequence[Stored]) -> Floats:
    """(N, 512), unit length: the real lines' own, and near them the made ones'."""
    real = np.concatenate([embed([one.text for one in lines[at : at + 50]]) for at in range(0, SMALL, 50)])
    drawn = np.random.default_rng(3)
    made = np.tile(real, (len(lines) // SMALL, 1))
    made[SMALL:] += drawn.normal(0, NEAR, made[SMALL:].shape).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


def _index(lines: Sequence[Stored], meanings: Floats) -> SearchIndex:
    letters, inverse = letters_matrix([one.text for one in lines])
    return SearchIndex([(one.topic, one.language) for one in lines], letters, inverse, meanings)


def _search(index: SearchIndex, asked: Stored) -> Work:
    def search() -> None:
        first, *_ = index.search(asked.text, asked.language)
        if first.topic != asked.topic:
            raise AssertionError(f"{asked} found {first}")

    return search
