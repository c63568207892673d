"""Understanding: milliseconds of CPU per message, and our classifier beside stock Rasa's DIET on the same split.

Every message of the development set is asked once of each, in rounds taken in turn. DIET is the stock peer's own: its
training was measured when it was trained (bench/stock_rasa.py), on the examples that ours is trained on here.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from bench.diet import Asked, development_set, parts, side_by_side, trained_brain
from bench.results import Options, Result, median
from bench.stock_rasa import StockRasa, chosen_examples
from bot.classifier import load_understander, train_classifier
from bot.settings import ROOT, load_settings
from bot.understanding.understand import Understander

AIM_MILLISECONDS = 8.0
TRAINING_GOAL = 20.0
QUICK = 10  # every tenth message
# The shipped classifier knows 118 times as many examples as the one beside DIET; below this, something is broken.
LEAST_RIGHT = 80.0


def measure(options: Options) -> Sequence[Result]:
    """CPU per message in all; accuracy per language, training and CPU per message beside DIET."""
    asked = development_set()
    if options.quick:
        asked = [one for start in range(0, len(asked), 6 * QUICK) for one in asked[start : start + 6]]
    in_all = _in_all(asked, options)
    with StockRasa(options.folder) as rasa:
        brain, seconds, cpu = trained_brain(chosen_examples())
        ours, diet = side_by_side(rasa, brain, asked, options.rounds)
    model = rasa.model
    stock = f"DIET's own step {model.diet_seconds:.0f} s, all of `rasa train` {model.training_seconds:.0f} s"
    options.note(f"training on {model.examples} examples, by the clock: ours {seconds:.1f} s, {stock}")
    peer = "stock Rasa's DIET"
    by_language = [
        Result(f"understanding: right, {language}", ours.percent(language), diet.percent(language), peer, "%", "higher")
        for language in sorted(ours.right)
    ]
    beside = (median(ours.milliseconds), median(diet.milliseconds))
    return (
        Result("understanding: a message, in all", in_all, AIM_MILLISECONDS, "the aim", "ms CPU", "lower"),
        Result("understanding: label of a message", *beside, peer, "ms CPU", "lower"),
        *by_language,
        # CPU, not the clock: DIET may have been trained on a busier day
        Result("understanding: training", cpu, model.diet_cpu, peer, "s CPU", "lower", goal=TRAINING_GOAL),
    )


def _in_all(asked: Sequence[Asked], options: Options) -> float:
    """Everything the gateway does to understand a message, with the shipped classifier."""
    settings = load_settings({"HEMSEHRI_VAR_DIR": str(ROOT / "var")})
    train_classifier(settings)
    understander = load_understander(settings)
    for one in asked[:6]:
        understander.understand(one.text)
    rounds = [_round(understander, part) for part in parts(asked, options.rounds)]
    right = 100 * sum(count for _, count in rounds) / len(asked)
    if right < LEAST_RIGHT:
        raise RuntimeError(f"the shipped classifier is right on only {right:.0f} % of the development set")
    return median(milliseconds for milliseconds, _ in rounds)


def _round(understander: Understander, part: Sequence[Asked]) -> tuple[float, int]:
    """Milliseconds of CPU per message, and how many got the right label."""
    began = time.process_time()
    seen = [understander.understand(one.text) for one in part]
    seconds = time.process_time() - began
    right = sum(one.label == found.label for one, found in zip(part, seen, strict=True))
    return 1000 * seconds / len(part), right
