"""Where a citizen is, as far as we know it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Any


@dataclass(frozen=True)
class Location:
    """A place as routing needs it. `country` is ISO 3166-1 alpha-2; codes as in districts.csv."""

    country: str
    name: str = ""
    lat: float | None = None
    lon: float | None = None
    admin1: str | None = None
    admin2: str | None = None
    city: str = ""  # of a quarter: the city that it is part of
    beside: str = ""  # of a shared position: the known place that is near to it, but across a border
    # Where the citizen may be as well, the likeliest first: of a position what is near across a border; of an
    # ambiguous name all its places, and then only what they share stands above (no country: "").
    others: tuple[Location, ...] = ()

    @property
    def unclear(self) -> bool:
        """Whether it is one of several places, and the citizen has not said yet which."""
        return bool(self.others) and not self.name and self.lat is None

    @property
    def candidates(self) -> tuple[Location, ...]:
        """Every place it may be, the likeliest first."""
        return self.others if self.unclear else (self, *self.others)

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries it may be in, the likeliest first."""
        return tuple(dict.fromkeys(one.country for one in self.candidates if one.country))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON columns and events; without others as it always was."""
        plain = {key: value for key, value in self.__dict__.items() if key != "others"}
        return plain | ({"others": [one.to_dict() for one in self.others]} if self.others else {})

    @classmethod
    def from_dict(cls, raw: dict[str, Any] | None) -> Location | None:
        """The inverse of `to_dict`, and of rows from before there were others; None stays None."""
        if not raw:
            return None
        others = (cls.from_dict(one) for one in raw.get("others") or ())
        return cls(**raw | {"others": tuple(one for one in others if one)})


def labels(places: Sequence[Location]) -> tuple[str, ...]:
    """What each of several places is called among the others: its name, and what tells it from a namesake."""
    abroad = len({one.country for one in places}) > 1
    names = [(one.name, one.country) for one in places]

    def label(one: Location) -> str:
        if one.name and names.count((one.name, one.country)) > 1:
            return f"{one.name} ({one.admin1 or one.country})"
        if one.name and abroad:
            return f"{one.name} ({one.country})"
        return one.name or one.admin1 or one.country

    return tuple(map(label, places))


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in kilometres (haversine, mean Earth radius 6371 km)."""
    half_lat, half_lon = radians(lat2 - lat1) / 2, radians(lon2 - lon1) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(half_lon) ** 2
    return 2 * 6371.0 * asin(sqrt(chord))
