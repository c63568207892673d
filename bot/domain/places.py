"""Where a citizen is, as far as we know it."""

from __future__ import annotations

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

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON columns and events."""
        return dict(self.__dict__)

    @classmethod
    def from_dict(cls, raw: dict[str, Any] | None) -> Location | None:
        """The inverse of `to_dict`; None stays None."""
        return cls(**raw) if raw else None


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in kilometres (haversine, mean Earth radius 6371 km)."""
    half_lat, half_lon = radians(lat2 - lat1) / 2, radians(lon2 - lon1) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(half_lon) ** 2
    return 2 * 6371.0 * asin(sqrt(chord))
