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
    languages: tuple[str, ...] = ()  # spoken with citizens; empty: not said
    capacity: int = 0  # accepted cases at once; 0: no limit
    open_cases: int = 0
    on_duty: bool = True

    @property
    def full(self) -> bool:
        """Whether this person has as many cases as they can take."""
        return 0 < self.capacity <= self.open_cases


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
    keeps_holidays: bool = False  # closed on its country's public holidays

    def alert_order(self, language: str) -> tuple[Officer, ...]:
        """Who is on duty, those who speak the citizen's language first: a preference, not a condition."""
        on_duty = (officer for officer in self.officers if officer.on_duty)
        return tuple(sorted(on_duty, key=lambda officer: language not in officer.languages))
