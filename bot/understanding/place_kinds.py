"""What the place modules hand around: a place, and a mention of one in a message."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A city, a district or a country; a region such as Texas is a "country" with `admin1`.

    A district that GeoNames lacks has its city's geonameid and coordinates; a postal code those of the code.
    """

    geonameid: int | None
    name: str
    country: str  # ISO 3166-1 alpha-2
    lat: float | None
    lon: float | None
    admin1: str | None  # ISO 3166-2
    admin2: str | None  # ISO 3166-2 or "GN:" and the GeoNames code, as in districts.csv
    population: int
    level: str  # city | district | country
    city: str = ""  # of a district that GeoNames lacks: its city


@dataclass(frozen=True)
class Mention:
    """A place named in a message; `candidates` are all that are plausible, the likeliest first."""

    text: str
    place: Place
    candidates: tuple[Place, ...]
    ambiguous: bool

    @classmethod
    def of(cls, text: str, candidates: tuple[Place, ...]) -> Mention:
        """With the first candidate as the place; more than one makes it ambiguous."""
        return cls(text, candidates[0], candidates, len(candidates) > 1)
