"""Scenarios: who writes what in a drill. They are data, in data/drills/*.yml; data/drills/shared/ serves all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

Texts = Mapping[str, tuple[str, ...]]  # by language


class ScenarioError(ValueError):
    """A scenario that is not there or cannot be used; the message is for the person who asked for it."""


@dataclass(frozen=True)
class Cry:
    """One kind of cry for help: what it must be understood as, and how it is written."""

    kind: str
    labels: tuple[str, ...]
    severity: str
    weight: float
    texts: Texts


@dataclass(frozen=True)
class Spot:
    """A place of the scenario: the gazetteer's name, and what people call it by language."""

    name: str
    names: Mapping[str, str]

    def called(self, language: str) -> str:
        """How somebody who writes this language calls it."""
        return self.names.get(language, self.name)


@dataclass(frozen=True)
class Scenario:
    """One drill. Shares are of a hundred; `only` is how many cry for help at all, None for the share left over."""

    name: str
    about: str
    country: str
    timezone: str
    at: time
    desks: tuple[str, ...]
    languages: Mapping[str, float]
    places: tuple[Spot, ...]
    cries: tuple[Cry, ...]
    ordinary: float
    only: int | None
    burst: float
    first: float  # the part of the drill in which the burst comes, 0 to 1
    follow_up: float
    position: float
    repeated: float
    shared: Mapping[str, Texts]

    def begins(self, now: datetime) -> datetime:
        """The scenario's hour on the day that `now` is there: the duty of these days answers it."""
        local = now.astimezone(ZoneInfo(self.timezone))
        begin = datetime.combine(local.date(), self.at, local.tzinfo)
        return (begin if begin >= local else begin + timedelta(days=1)).astimezone(now.tzinfo)


def names(folder: Path) -> dict[str, str]:
    """Every scenario in `folder` and what it is about."""
    return {path.stem: str(_read(path)["about"]) for path in sorted(folder.glob("*.yml"))}


def load(folder: Path, name: str) -> Scenario:
    """The scenario `name`. Raises ScenarioError."""
    known = sorted(path.stem for path in folder.glob("*.yml"))
    if name not in known:
        raise ScenarioError(f"There is no scenario '{name}'. There are: {', '.join(known)}.")
    try:
        return _scenario(name, _read(folder / f"{name}.yml"), _read(folder / "shared" / "talk.yml"))
    except (KeyError, TypeError, AttributeError, ValueError, yaml.YAMLError) as error:
        raise ScenarioError(f"The scenario '{name}' cannot be read: {error!r}") from error


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _scenario(name: str, raw: Any, shared: Any) -> Scenario:
    return Scenario(
        name=name,
        about=raw["about"],
        country=raw["country"],
        timezone=ZoneInfo(raw["timezone"]).key,
        at=time.fromisoformat(raw["at"]),
        desks=tuple(raw["desks"]),
        languages=dict(raw["languages"]),
        places=tuple(
            Spot(one["name"], {key: str(word) for key, word in one.items() if key != "name"}) for one in raw["places"]
        ),
        cries=tuple(
            Cry(one["kind"], tuple(one["labels"]), one["severity"], one["weight"], _texts(one["texts"]))
            for one in raw["cries"]
        ),
        ordinary=raw["ordinary"],
        only=raw.get("only"),
        burst=raw["arrival"]["burst"],
        first=raw["arrival"]["first"],
        follow_up=raw["follow_up"],
        position=raw["position"],
        repeated=raw["repeated"],
        shared={key: _texts(texts) for key, texts in shared.items()},
    )


def _texts(raw: Any) -> Texts:
    return {language: tuple(str(line) for line in lines) for language, lines in raw.items()}
