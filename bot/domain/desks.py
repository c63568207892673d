"""Desks and the people on them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.taxonomy import DeskKind

COORDINATION = "coordination"  # the desk of all coordinators: the end of every chain
NATIONAL_LINE = "national_line"  # no desk of ours: the call centre's number


@dataclass(frozen=True)
class Officer:
    """A person who can take cases. Not reachable = no way to alert them; counts as nobody."""

    id: int
    name: str
    reachable: bool
    available: bool = True


@dataclass(frozen=True)
class Desk:
    """A place where cases are handled. A consulate's desk has its mission's id."""

    id: str
    kind: DeskKind
    name: str
    country: str = ""
    city: str = ""
    municipality: str = ""
    timezone: str = "UTC"
    hours: str = ""
    active: bool = True
    officers: tuple[Officer, ...] = ()
