"""Our classifier beside Rasa's default one (DIET, as `rasa init` configures it) on the same split.

Trains both on the same few examples per label and language, asks both the same messages of the development set, prints
accuracy per language, training time and milliseconds per message. Needs the unmodified Rasa environment (TensorFlow).
Run: make bench-diet (ARGS="--examples 10 --rasa .venv-rasa")
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import yaml

from bench.understanding import at_most
from bot.settings import load_settings
from bot.understanding.examples import Example, load_examples
from bot.understanding.training import train

ASK = Path(__file__).parent / "diet_ask.py"  # runs in Rasa's environment
PIPELINE = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True},
    {"name": "EntitySynonymMapper"},
    {"name": "ResponseSelector", "epochs": 100, "constrain_similarities": True},
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=10, help="per label and language")
    parser.add_argument("--rasa", type=Path, default=Path(".venv-rasa-full"), help="the environment with Rasa 3.6.21")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    data = load_settings().data
    examples = load_examples(data / "nlu")
    chosen = [examples[row] for row in at_most(examples, options.examples)]
    asked = [
        json.loads(line) | {"language": path.stem}
        for path in sorted((data / "dev").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    print(f"{len(chosen)} examples ({options.examples} per label and language), {len(asked)} messages")
    figures = {"ours": ours(chosen, asked), "DIET": diet(chosen, asked, options.rasa)}
    languages = sorted({row["language"] for row in asked})
    print(f"{'right in %':>12} " + " ".join(f"{name:>6}" for name in (*languages, "all")) + "  train, s  ms/message")
    for name, figure in figures.items():
        shares = [figure["right"][language] for language in (*languages, "all")]
        shown = " ".join(f"{share:6.1f}" for share in shares)
        print(f"{name:>12} {shown} {figure['training_seconds']:9.1f} {figure['milliseconds']:11.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


def ours(examples: list[Example], asked: list[dict[str, str]]) -> dict[str, object]:
    """Train and ask the linear model; embeddings are part of both times."""
    began = time.perf_counter()
    brain = train(examples)
    training = time.perf_counter() - began
    began = time.perf_counter()
    said = []
    for row in asked:
        labels = brain.score(row["text"]).labels
        said.append(max(labels, key=lambda label: labels[label]))
    return _figure(asked, said, training, time.perf_counter() - began)


def diet(examples: list[Example], asked: list[dict[str, str]], environment: Path) -> dict[str, object]:
    """Train and ask stock Rasa, in its own environment."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        blocks: dict[str, list[str]] = defaultdict(list)
        for example in examples:
            blocks[example.label].append(example.text)
        nlu = [
            {"intent": label, "examples": "".join(f"- {text}\n" for text in texts)} for label, texts in blocks.items()
        ]
        (place / "nlu.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True))
        (place / "config.yml").write_text(yaml.safe_dump({"recipe": "default.v1", "language": "en",
                                                          "pipeline": PIPELINE}, sort_keys=False))  # fmt: skip
        (place / "asked.json").write_text(json.dumps([row["text"] for row in asked]))
        python = (environment / "bin" / "python").absolute()
        # its progress bars go to our stderr: training takes from minutes to an hour
        subprocess.run([python, ASK.absolute()], cwd=place, stdout=subprocess.DEVNULL, check=True)
        result = json.loads((place / "result.json").read_text())
    return _figure(asked, result["said"], result["training_seconds"], result["asking_seconds"])


def _figure(asked: list[dict[str, str]], said: list[str], training: float, asking: float) -> dict[str, object]:
    right: dict[str, list[bool]] = defaultdict(list)
    for row, label in zip(asked, said, strict=True):
        for group in (row["language"], "all"):
            right[group].append(row["label"] == label)
    return {
        "right": {group: 100 * sum(flags) / len(flags) for group, flags in right.items()},
        "training_seconds": training,
        "milliseconds": 1000 * asking / len(asked),
    }


if __name__ == "__main__":
    main()
