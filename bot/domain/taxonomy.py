"""The shared vocabulary: labels, severities and desk orders, parsed from data/taxonomy.yml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any


class Severity(str, Enum):
    """How soon a human must act; ordered from worst to least."""

    LIFE = "life"
    URGENT = "urgent"
    NORMAL = "normal"

    def __str__(self) -> str:
        return self.value

    @property
    def rank(self) -> int:
        """0 for the worst, so that sorting puts danger first."""
        return list(Severity).index(self)


class DeskKind(str, Enum):
    """The kinds of desk that may own a case."""

    CONSULATE = "consulate"
    EMBASSY = "embassy"
    PARTNER_CITY = "partner_city"
    HOME_CITY = "home_city"
    COORDINATION = "coordination"
    NATIONAL_LINE = "national_line"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class SeverityRule:
    """The clocks of one severity. A `None` duration means so many working days."""

    acknowledge_within: timedelta | None
    escalate_every: timedelta | None
    acknowledge_days: int = 1
    escalate_days: int = 1


@dataclass(frozen=True)
class CrisisKind:
    """One kind of crisis: how bad, which local number comes first, who may answer (DeskKind or a desk's id)."""

    key: str
    severity: Severity
    local_emergency: str
    desks: tuple[str, ...]
    discreet: bool


@dataclass(frozen=True)
class Topic:
    """One subject of ordinary questions and the desks that take it."""

    key: str
    desks: tuple[str, ...]


# who takes a request that is neither a crisis nor about a topic
OTHERWISE: tuple[str, ...] = (DeskKind.CONSULATE, DeskKind.HOME_CITY, DeskKind.EMBASSY)


@dataclass(frozen=True)
class Taxonomy:
    """Every label there is. Keys are stable identifiers: add freely, rename never.

    `next_desks`: desk id -> the desk that stands behind it in every chain.
    """

    crisis: Mapping[str, CrisisKind]
    topics: Mapping[str, Topic]
    acts: tuple[str, ...]
    languages: tuple[str, ...]
    severities: Mapping[Severity, SeverityRule]
    otherwise: tuple[str, ...] = OTHERWISE
    next_desks: Mapping[str, str] = field(default_factory=dict)

    def severity_of(self, label: str) -> Severity:
        """The severity of a label; everything that is no crisis is normal."""
        kind = self.crisis.get(label)
        return kind.severity if kind else Severity.NORMAL

    def desks_for(self, label: str) -> tuple[str, ...]:
        """Who may own a case with this label, in order of preference: kinds of desk, or one desk's id."""
        if label in self.crisis:
            return self.crisis[label].desks
        if label in self.topics:
            return self.topics[label].desks
        return self.otherwise

    def is_discreet(self, label: str) -> bool:
        """Whether someone may be reading over the citizen's shoulder."""
        kind = self.crisis.get(label)
        return bool(kind and kind.discreet)

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label: crisis kinds, topics, acts."""
        return (*self.crisis, *self.topics, *self.acts)


def parse_duration(text: str) -> timedelta | None:
    """'2m' -> two minutes; '1 working day' -> None (the caller asks the calendar)."""
    match = re.fullmatch(r"(\d+)\s*([mhd])", str(text).strip())
    if not match:
        return None
    unit = {"m": "minutes", "h": "hours", "d": "days"}[match[2]]
    return timedelta(**{unit: int(match[1])})


def parse_taxonomy(raw: Mapping[str, Any]) -> Taxonomy:
    """Build the taxonomy from the parsed YAML. Raises KeyError or ValueError on a malformed file."""
    severities = {
        Severity(name): SeverityRule(parse_duration(rule["acknowledge_within"]), parse_duration(rule["escalate_every"]))
        for name, rule in raw["severity"].items()
    }
    crisis = {
        key: CrisisKind(
            key=key,
            severity=Severity(rule["severity"]),
            local_emergency=rule["local_emergency"],
            desks=tuple(DeskKind(desk) for desk in rule["desks"]),
            discreet=bool(rule.get("discreet", False)),
        )
        for key, rule in raw["crisis"].items()
    }
    topics = {key: Topic(key, tuple(DeskKind(desk) for desk in rule["desks"])) for key, rule in raw["topics"].items()}
    return Taxonomy(crisis, topics, tuple(raw["acts"]), tuple(raw["languages"]), severities)
