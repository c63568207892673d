"""Our classifier beside Rasa's default one (DIET, as `rasa init` configures it) on the same split.

Trains both on the same few examples per label and language, asks both the same messages of the development set, prints
accuracy per language, training time and milliseconds of CPU per message. Needs the unmodified Rasa environment; its
model is kept in var/bench. Run: make bench-diet (ARGS="--examples 10")
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.load import Line, encoded
from bench.stock_rasa import StockRasa, chosen_examples
from bot.settings import ROOT
from bot.understanding.brain import Brain
from bot.understanding.examples import Example
from bot.understanding.training import train

FALLBACK = "nlu_fallback"


@dataclass(frozen=True)
class Asked:
    """A message of the development set."""

    text: str
    label: str
    language: str


@dataclass
class Answers:
    """How often one of the two was right, per language, and what a message cost it."""

    right: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    milliseconds: list[float] = field(default_factory=list)  # of CPU per message, one figure per round

    def add(self, asked: Sequence[Asked], said: Iterable[str], cpu_seconds: float) -> None:
        """One round."""
        for one, label in zip(asked, said, strict=True):
            self.right[one.language].append(one.label == label)
        self.milliseconds.append(1000 * cpu_seconds / len(asked))

    def percent(self, language: str) -> float:
        """Right answers in that language."""
        return 100 * sum(self.right[language]) / len(self.right[language])

    @property
    def percent_of_all(self) -> float:
        """Right answers in every language together."""
        flags = [flag for flags in self.right.values() for flag in flags]
        return 100 * sum(flags) / len(flags)


def development_set() -> list[Asked]:
    """Every message of data/dev, the languages mixed: the n-th of each, then the next."""
    files = [
        [
            Asked(row["text"], row["label"], path.stem)
            for row in map(json.loads, filter(str.strip, path.read_text(encoding="utf-8").splitlines()))
        ]
        for path in sorted((ROOT / "data" / "dev").glob("*.jsonl"))
    ]
    return [one for together in zip(*files, strict=True) for one in together]


def trained_brain(examples: Sequence[Example]) -> tuple[Brain, float, float]:
    """Our classifier, and the seconds and CPU seconds of its training, embeddings included."""
    began, cpu = time.perf_counter(), time.process_time()
    brain = train(examples)
    return brain, time.perf_counter() - began, time.process_time() - cpu


def ask_ours(brain: Brain, asked: Sequence[Asked]) -> tuple[list[str], float]:
    """Labels, and CPU seconds."""
    began = time.process_time()
    scored = [brain.score(one.text).labels for one in asked]
    seconds = time.process_time() - began
    return [max(labels, key=lambda label: labels[label]) for labels in scored], seconds


def ask_diet(rasa: StockRasa, asked: Sequence[Asked]) -> tuple[list[str], float]:
    """Labels, and CPU seconds of the server: its whole pipeline and a small HTTP request."""
    line, said = Line(rasa.url), []
    requests = [encoded(f"{rasa.url}/model/parse", {"text": one.text}) for one in asked]
    began = rasa.cpu
    for request in requests:
        parsed = json.loads(line.send(request).partition(b"\r\n\r\n")[2])
        # the fallback is a threshold, not a guess: the best real label is what counts here
        names = (entry["name"] for entry in parsed["intent_ranking"])
        said.append(next((name for name in names if name != FALLBACK), ""))
    seconds = rasa.cpu - began
    line.close()
    return said, seconds


def side_by_side(rasa: StockRasa, brain: Brain, asked: Sequence[Asked], rounds: int) -> tuple[Answers, Answers]:
    """(ours, DIET): every message once, in so many rounds taken in turn."""
    ask_ours(brain, asked[:6])  # to warm up
    ask_diet(rasa, asked[:6])
    ours, diet = Answers(), Answers()
    for part in parts(asked, rounds):
        ours.add(part, *ask_ours(brain, part))
        diet.add(part, *ask_diet(rasa, part))
    return ours, diet


def parts(asked: Sequence[Asked], rounds: int) -> Iterator[Sequence[Asked]]:
    """So many pieces of the same size."""
    size = -(-len(asked) // rounds)
    for start in range(0, len(asked), size):
        yield asked[start : start + size]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=10, help="per label and language")
    options = parser.parse_args()
    examples, asked = chosen_examples(options.examples), development_set()
    print(f"{len(examples)} examples ({options.examples} per label and language), {len(asked)} messages")
    brain, seconds, _ = trained_brain(examples)
    with tempfile.TemporaryDirectory() as folder, StockRasa(Path(folder), options.examples) as rasa:
        ours, diet = side_by_side(rasa, brain, asked, 1)
    languages = sorted(ours.right)
    print(
        f"{'right in %':>12} " + " ".join(f"{name:>6}" for name in (*languages, "all")) + "  train, s  CPU ms/message"
    )
    for name, figure, trained in (("ours", ours, seconds), ("DIET", diet, rasa.model.diet_seconds)):
        shares = [*map(figure.percent, languages), figure.percent_of_all]
        shown = " ".join(f"{share:6.1f}" for share in shares)
        print(f"{name:>12} {shown} {trained:9.1f} {figure.milliseconds[0]:15.2f}")


if __name__ == "__main__":
    main()
