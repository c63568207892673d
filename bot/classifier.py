"""Where the trained classifier lies, and training it when its examples have changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.domain.taxonomy import Taxonomy, parse_taxonomy
from bot.settings import Settings
from bot.understanding.brain import Brain
from bot.understanding.examples import fingerprint, load_examples
from bot.understanding.understand import Understander
from bot.understanding.yaml_files import read_yaml

LOOK_EVERY = 10.0  # seconds between looks for a classifier that is not trained yet
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


def load_taxonomy(settings: Settings) -> Taxonomy:
    """The shipped labels, severities and desk orders."""
    return parse_taxonomy(read_yaml(settings.data / "taxonomy.yml"))


class WhenAsked:
    """An understander that is loaded when somebody first asks it something: a worker seldom does, and starts sooner."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._loaded: Understander | None = None
        self._look_again = 0.0

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            if self._loaded is None:
                self._loaded = load_understander(self._settings)
            if self._loaded.brain is None and time.monotonic() > self._look_again:  # it was still being trained
                self._look_again = time.monotonic() + LOOK_EVERY
                path = brain_path(self._settings)
                self._loaded.brain = Brain.load(path) if path.exists() else None
        return getattr(self._loaded, name)
