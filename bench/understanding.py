"""How well messages are understood, per language, on the development set (data/dev, never trained on).

Prints accuracy, crisis recall by severity and for veiled cries, false alarms on ordinary and hard negatives.
Run: make eval
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

from bot.app import brain_fingerprint
from bot.settings import load_settings
from bot.understanding.understand import Understander


def main() -> None:
    settings = load_settings()
    brain = settings.brain_folder / f"{brain_fingerprint(settings)}.npz"
    understander = Understander.load(settings.data, brain)
    print(f"{'':4} {'n':>5} {'right':>6} {'top3':>6} {'lang':>6} {'life':>6} {'urgent':>6} {'veiled':>6} "
          f"{'FA ord':>6} {'FA hard':>7} {'ask ord':>7} {'ask hard':>8} {'ms':>5}")  # fmt: skip
    verbose = "-v" in sys.argv
    for path in sorted((settings.data / "dev").glob("*.jsonl")):
        report(path, understander, verbose)


def report(path: Path, understander: Understander, verbose: bool) -> None:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    count: Counter[str] = Counter()
    confused: Counter[tuple[str, str]] = Counter()
    began = time.perf_counter()
    for line in lines:
        seen = understander.understand(line["text"])
        kind, label = line["kind"], line["label"]
        severity = understander.taxonomy.severity_of(label)
        predicted = seen.crisis_kind if seen.crisis == "certain" else seen.label
        count["n"] += 1
        count["right"] += predicted == label
        count["top3"] += label in (predicted, *(name for name, _ in seen.alternatives[:2]))
        count["lang"] += seen.language == path.stem
        if predicted != label:
            confused[label, str(predicted)] += 1
        group = {"crisis": str(severity), "veiled": "veiled"}.get(kind, kind)
        count[group] += 1
        noticed = seen.crisis != "none"
        if kind in ("crisis", "veiled"):
            count[f"{group} noticed"] += noticed
            if not noticed and verbose:
                print(f"    missed {label}: {line['text'][:110]}")
        else:
            count[f"{kind} alarm"] += seen.crisis == "certain"
            count[f"{kind} asked"] += seen.crisis == "doubtful"
            if verbose and seen.crisis == "certain":
                print(f"    false alarm {seen.crisis_kind} ({label}): {line['text'][:110]}")
    ms = (time.perf_counter() - began) / len(lines) * 1000

    def share(part: str, whole: str) -> str:
        return f"{100 * count[part] / max(count[whole], 1):.1f}"

    print(
        f"{path.stem:4} {count['n']:>5} {share('right', 'n'):>6} {share('top3', 'n'):>6} {share('lang', 'n'):>6} "
        f"{share('life noticed', 'life'):>6} {share('urgent noticed', 'urgent'):>6} "
        f"{share('veiled noticed', 'veiled'):>6} {share('ordinary alarm', 'ordinary'):>6} "
        f"{share('hard_negative alarm', 'hard_negative'):>7} {share('ordinary asked', 'ordinary'):>7} "
        f"{share('hard_negative asked', 'hard_negative'):>8} {ms:>5.1f}"
    )
    for (label, predicted), times in confused.most_common(6):
        print(f"       {label} -> {predicted}: {times}")


if __name__ == "__main__":
    main()
