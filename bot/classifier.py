"""Where the trained classifier lies, and training it when its examples have changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.settings import Settings
from bot.understanding.examples import fingerprint, load_examples
from bot.understanding.understand import Understander

KEPT = 3  # trained files: the newest, and what processes that still run may have read


def brain_path(settings: Settings) -> Path:
    """The file that belongs to the training examples as they are now."""
    return settings.brain_folder / f"{fingerprint(load_examples(settings.data / 'nlu'))}.npz"


def train_classifier(settings: Settings, progress: Callable[[float], None] = lambda _done: None) -> bool:
    """Train unless the classifier of these examples is there. Returns whether it worked."""
    path = brain_path(settings)
    if path.exists():
        return False
    from bot.understanding.training import train  # scikit-learn: only here, and seldom

    train(load_examples(settings.data / "nlu"), progress).save(path)
    for old in sorted(settings.brain_folder.glob("*.npz"), key=lambda file: file.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)
    return True


def load_understander(settings: Settings) -> Understander:
    """Understanding as the gateway has it, without database and web: enough for `bot understand`."""
    return Understander.load(settings.data, brain_path(settings))
