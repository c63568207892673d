"""Rasa 3.6.21 without what we never use: `python -m actions.light_rasa run ...` for `python -m rasa run ...`.

Rasa imports TensorFlow, scikit-learn and a dozen chat services' packages whether a project uses them or not: 2.5 GB of
disk and four times the memory. Our model has no neural part and one channel, so the light environment
(requirements/rasa-light.txt) leaves them out, and this launcher stands in for them: whoever imports one gets a module
whose every name is an empty class, good enough to be subclassed, to decorate and to be named in type hints. Calling one
is an error that says what to do. Nothing of Rasa is changed; tests/rasa/test_light.py holds it against the whole one.
3.6.21 is the last release of Rasa Open Source, so its imports do not move any more.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.metadata
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NoReturn

RASA = "3.6.21"
LEFT_OUT = frozenset({
    # neural networks and what belongs to them
    "tensorflow", "tensorflow_hub", "tensorflow_text", "keras", "absl", "google", "safetensors",
    # classical learning and plots: our component predicts with numpy alone
    "sklearn", "sklearn_crfsuite", "skops", "scipy", "joblib", "matplotlib",
    # channels and stores that we do not open
    "aio_pika", "aiogram", "aiormq", "boto3", "botocore", "cachecontrol", "confluent_kafka", "engineio", "fbmessenger",
    "mattermostwrapper", "psycopg2", "pydot", "pymongo", "rocketchat_API", "slack_sdk", "socketio", "twilio",
    "webexteamssdk",
})  # fmt: skip


class LeftOutError(RuntimeError):
    """Something that the light Rasa does not have was really used."""


def _refuse(what: str) -> NoReturn:
    raise LeftOutError(f"the light Rasa has no {what}: use the whole package with `make run FULL_RASA=1`")


class _Anything(type):
    """The class of stand-in classes: their attributes are stand-ins, too."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _stand_in(f"{cls.__module__}.{cls.__qualname__}", name)

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        # A decorator: `@tf.function(...)` and `@tf.function` hand back what they decorate.
        if len(arguments) == 1 and not named and callable(arguments[0]):
            return arguments[0]
        if cls.__dict__.get("_left_out"):
            _refuse(f"{cls.__module__}.{cls.__qualname__}")
        return super().__call__(*arguments, **named)

    def __or__(cls, _other: Any) -> Any:
        return Any

    __ror__ = __or__

    def __getitem__(cls, _item: Any) -> Any:
        return cls


def _stand_in(module: str, name: str) -> Any:
    return _Anything(name, (), {"__module__": module, "_left_out": True})


class _LeftOut(ModuleType):
    """A module that has every name."""

    __path__: list[str] = []  # so that it counts as a package: `import tensorflow.keras.layers`

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = _stand_in(self.__name__, name)
        setattr(self, name, found)
        return found


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Last in line: a package that is installed after all is used."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.split(".")[0] in LEFT_OUT:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _LeftOut(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing in it."""


def main() -> None:
    """Run Rasa's own command line. Exits with its status."""
    installed = importlib.metadata.version("rasa")
    if installed != RASA:
        sys.exit(f"the light Rasa is made for rasa {RASA}, not {installed}")
    sys.meta_path.append(_Finder())
    from rasa.__main__ import main as rasa_main

    sys.argv[0] = "rasa"
    rasa_main()


if __name__ == "__main__":
    main()
