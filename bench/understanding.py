"""How well messages are understood, per language, on messages that were never trained on.

`make eval` uses the development set (data/dev) and ends with a table per training size. ARGS="--set exam" uses the exam
set (data/exam: written apart, looked at only to report), ARGS=-v lists each mistake, ARGS=--quick leaves the sizes out.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from bench.close_labels import right_or_close
from bot.classifier import load_understander
from bot.domain.taxonomy import Taxonomy
from bot.services.imports import read_articles
from bot.services.search import SearchIndex
from bot.settings import load_settings
from bot.understanding.examples import Example, load_examples
from bot.understanding.features import embed
from bot.understanding.training import embeddings, train
from bot.understanding.understand import Understander, Understanding

SIZES = (5, 10, 25, None)  # examples per label and language; None: all


@dataclass(frozen=True)
class Judged:
    """One message of the set, and what we made of it."""

    text: str
    label: str
    kind: str  # ordinary, crisis, veiled, hard_negative
    language: str
    place: str | None
    country: str | None
    seen: Understanding

    @property
    def predicted(self) -> str:
        """The one label we act on."""
        return self.seen.label

    @property
    def alarm(self) -> bool:
        """Whether a card was shown and a case opened."""
        return self.seen.crisis == "certain"

    @property
    def noticed(self) -> bool:
        """Whether the person got at least the number and the question."""
        return self.seen.crisis != "none"


def main() -> None:
    options = _options()
    settings = load_settings()
    understander = load_understander(settings)
    assert understander.brain is not None, "train first: make train"
    began = time.process_time()
    judged = list(_judge(settings.data / options.set, understander))
    milliseconds = (time.process_time() - began) / len(judged) * 1000
    print(f"{len(judged)} messages of data/{options.set}, {milliseconds:.1f} ms of CPU each\n")
    by_language = defaultdict(list)
    for one in judged:
        by_language[one.language].append(one)
    _labels_and_crisis(by_language, understander.taxonomy)
    _calibration(judged)
    _confusions(judged)
    _content(by_language, understander.taxonomy, settings.data / "faq", settings.var / "search")
    _places(by_language)
    if options.verbose:
        _mistakes(judged)
    if not options.quick:
        _sizes(judged, load_examples(settings.data / "nlu"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=("dev", "exam"), default="dev")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    return parser.parse_args()


def _judge(folder: Path, understander: Understander) -> Iterable[Judged]:
    understander.understand("warm up")
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                row = json.loads(line)
                seen = understander.understand(row["text"])
                yield Judged(
                    row["text"], row["label"], row["kind"], path.stem, row.get("place"), row.get("country"), seen
                )


def _share(part: Iterable[bool]) -> str:
    flags = list(part)
    return f"{100 * sum(flags) / len(flags):.1f}" if flags else "-"


def _row(name: str, cells: Sequence[str]) -> None:
    print(f"{name:>14} " + " ".join(f"{cell:>9}" for cell in cells))


def _labels_and_crisis(by_language: dict[str, list[Judged]], taxonomy: Taxonomy) -> None:
    print("Labels and crisis, in %. asked: the check question")
    _row("", ["right", "or close", "in top 3", "language", "life", "urgent", "veiled",
              "FA ord", "FA hard", "asked ord", "asked hrd"])  # fmt: skip
    for language, rows in by_language.items():
        severity = {one.label: taxonomy.severity_of(one.label).value for one in rows}
        cries = [one for one in rows if one.kind == "crisis"]
        ordinary = [one for one in rows if one.kind == "ordinary"]
        hard = [one for one in rows if one.kind == "hard_negative"]
        cells = [
            _share(one.predicted == one.label for one in rows),
            _share(right_or_close(one.label, one.predicted) for one in rows),
            _share(one.label in list(one.seen.probabilities)[:3] for one in rows),
            _share(one.seen.language == language and not one.seen.foreign for one in rows),
            _share(one.noticed for one in cries if severity[one.label] == "life"),
            _share(one.noticed for one in cries if severity[one.label] == "urgent"),
            _share(one.noticed for one in rows if one.kind == "veiled"),
            *(_share(one.alarm for one in group) for group in (ordinary, hard)),
            *(_share(one.noticed and not one.alarm for one in group) for group in (ordinary, hard)),
        ]
        _row(language, cells)


def _calibration(judged: list[Judged]) -> None:
    print("\nCalibration: when we say p, how often are we right?")
    edges = [0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.01]
    _row("confidence", ["messages", "said", "right"])
    error = 0.0
    for low, high in pairwise(edges):
        group = [one for one in judged if low <= one.seen.confidence < high]
        if group:
            said = 100 * sum(one.seen.confidence for one in group) / len(group)
            right = 100 * sum(one.predicted == one.label for one in group) / len(group)
            error += abs(said - right) * len(group) / len(judged)
            _row(f"{low:.1f}-{min(high, 1):.1f}", [str(len(group)), f"{said:.1f}", f"{right:.1f}"])
    print(f"{'':>14} expected calibration error {error:.1f} points")


def _confusions(judged: list[Judged]) -> None:
    print("\nMost confused, all languages: label -> taken for")
    wrong = Counter((one.label, one.predicted) for one in judged if one.label != one.predicted)
    for (label, predicted), times in wrong.most_common(12):
        close = " (close)" if right_or_close(label, predicted) else ""
        print(f"{times:>14} {label} -> {predicted}{close}")


def _content(by_language: dict[str, list[Judged]], taxonomy: Taxonomy, faq: Path, cache: Path) -> None:
    articles = read_articles(faq)
    documents = [(a.topic, a.language, (a.title, *a.questions, a.body)) for a in articles]
    index = SearchIndex.build(documents, cache)
    print(f"\nContent search over {len(articles)} answers, in %")
    _row("", ["questions", "first", "first 3"])
    for language, rows in by_language.items():
        asked = [one for one in rows if one.kind == "ordinary" and one.label in taxonomy.topics]
        found = [
            [hit.topic for hit in index.search(one.text, one.seen.language, 3, one.seen.probabilities)] for one in asked
        ]
        pairs = list(zip(asked, found, strict=True))
        first = _share(one.label in topics[:1] for one, topics in pairs)
        _row(language, [str(len(asked)), first, _share(one.label in topics for one, topics in pairs)])


def _places(by_language: dict[str, list[Judged]]) -> None:
    if not any(one.place for rows in by_language.values() for one in rows):
        return
    print("\nPlaces named in the message, in %: found in the right country, missed, elsewhere")
    _row("", ["messages", "right", "missed", "wrong"])
    for language, rows in by_language.items():
        named = [one for one in rows if one.place and one.country]
        found = [one for one in named if one.seen.place]
        right = [one for one in found if one.seen.place and one.seen.place.place.country == one.country]
        count = max(len(named), 1)
        missed, wrong = len(named) - len(found), len(found) - len(right)
        _row(language, [str(len(named)), *(f"{100 * part / count:.1f}" for part in (len(right), missed, wrong))])


def _mistakes(judged: list[Judged]) -> None:
    print("\nMistakes")
    for one in judged:
        cry = one.kind in ("crisis", "veiled")
        if cry and not one.noticed:
            print(f"  missed       {one.language} {one.label}: {one.text}")
        elif not cry and one.alarm:
            print(f"  false alarm  {one.language} {one.predicted} ({one.label}): {one.text}")
        elif one.predicted != one.label:
            print(f"  wrong label  {one.language} {one.predicted} ({one.label}): {one.text}")


def _sizes(judged: list[Judged], examples: list[Example]) -> None:
    print("\nPer training size (examples per label and language): the classifier alone, right in %")
    languages = sorted({one.language for one in judged})
    _row("", ["examples", *languages, "fit, s"])
    vectors = embeddings([example.text for example in examples])
    asked = embed([one.text for one in judged])
    for size in SIZES:
        chosen = at_most(examples, size)
        began = time.perf_counter()
        brain = train([examples[row] for row in chosen], vectors=vectors[chosen])
        seconds = time.perf_counter() - began
        right: dict[str, list[bool]] = defaultdict(list)
        for one, vector in zip(judged, asked, strict=True):
            labels = brain.score(one.text, vector).labels
            right[one.language].append(max(labels, key=lambda label: labels[label]) == one.label)
        shares = [_share(right[language]) for language in languages]
        _row(str(size or "all"), [str(len(chosen)), *shares, f"{seconds:.0f}"])


def at_most(examples: list[Example], size: int | None) -> list[int]:
    """Row numbers of up to `size` examples per label and language, always the same ones."""
    if size is None:
        return list(range(len(examples)))
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, example in enumerate(examples):
        groups[example.label, example.language].append(row)
    shuffled = random.Random(0)
    chosen = [row for rows in groups.values() for row in shuffled.sample(rows, min(size, len(rows)))]
    return sorted(chosen)


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    main()
