"""The directory's facts as values: missions, districts, helplines, sister cities, services."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bot.domain.places import distance_km
from bot.domain.spelling import fold

SHOWN = ("sourced", "confirmed")  # a number with any other status is work, never an answer


# Lower is more specific. Levels as in districts.csv; all levels below a country rank alike by name of
# their own country, so only their relative order within one country matters.
SPECIFICITY = {
    "city": 0,
    "kreis": 1,
    "informal_region": 2,
    "regierungsbezirk": 3,
    "district": 3,
    "province": 3,
    "land": 4,
    "state": 4,
    "region": 4,
    "canton": 4,
    "emirate": 4,
    "country_part": 4,
    "country": 5,
}


@dataclass(frozen=True)
class Mission:
    """An embassy or consulate. Contact fields are empty where no source was seen."""

    id: str
    kind: str
    country: str
    city: str
    city_tr: str
    lat: float
    lon: float
    timezone: str
    phone: str = ""
    email: str = ""
    website: str = ""
    consular_services: str = "unknown"
    hours: str = ""
    status: str = "sourced"

    @property
    def serves_citizens(self) -> bool:
        """False for embassies that send people to their consulates, and for honorary posts."""
        return self.consular_services != "no" and self.kind != "honorary"


@dataclass(frozen=True)
class District:
    """One area of one mission. `rank` 1 is best; higher is older or a fallback."""

    mission_id: str
    country: str
    area_code: str
    area_name: str
    level: str
    rank: int
    parent_code: str = ""
    status: str = "sourced"

    @property
    def precedence(self) -> tuple[int, int]:
        """Of two areas with the same place in them the lower one decides."""
        return SPECIFICITY.get(self.level, 4), self.rank


AreaKey = tuple[str, str, str]  # kind of key, country, code or folded name


def area_keys(area: District) -> tuple[AreaKey, ...]:
    """Under what a place inside it finds an area: its code, else its name, or its country if it is all of that."""
    if area.area_code:
        return (("code", area.country, area.area_code),)
    if area.level == "country":
        return (("country", area.country, ""),)
    if area.level in ("city", "kreis"):
        names = {fold(area.area_name), fold(area.area_name.removeprefix("Kreis "))}
        return tuple(("name", area.country, name) for name in names)
    return ()


@dataclass(frozen=True)
class Helpline:
    """A number people can call in one country ('EU' and '*' reach further)."""

    country: str
    service: str
    number: str
    name: str = ""
    hours: str = ""
    languages: str = ""
    status: str = "sourced"

    @property
    def may_be_shown(self) -> bool:
        """A number reaches a citizen only with a source or a person's confirmation."""
        return self.status in SHOWN and bool(self.number)


@dataclass(frozen=True)
class SisterCity:
    """A partnership between a municipality in Türkiye and a city abroad."""

    tr_city: str
    partner_city: str
    country: str
    status: str


@dataclass(frozen=True)
class Service:
    """An official service and the one channel where it is done."""

    key: str
    name_tr: str
    name_en: str
    provider: str
    official_channel: str
    status: str


class ByLatitude:
    """Missions from south to north: the nearest is found without measuring the way to each."""

    KM_PER_DEGREE = 111.1  # a little less than 6371 km x 1 degree: a bound may be too small, never too large

    def __init__(self, missions: Iterable[Mission]) -> None:
        self._rows = sorted(enumerate(missions), key=lambda row: (row[1].lat, row[0]))
        self._latitudes = [mission.lat for _, mission in self._rows]

    def nearest(self, lat: float, lon: float) -> tuple[Mission, float]:
        """The nearest mission, the first of equally near ones, and its distance in km."""
        north = bisect_left(self._latitudes, lat)
        south, best = north - 1, (float("inf"), 0, 0)
        while True:
            up = self._latitudes[north] - lat if north < len(self._rows) else float("inf")
            down = lat - self._latitudes[south] if south >= 0 else float("inf")
            if min(up, down) * self.KM_PER_DEGREE > best[0] or min(up, down) == float("inf"):
                return self._rows[best[2]][1], best[0]
            at = north if up <= down else south
            north, south = (north + 1, south) if up <= down else (north, south - 1)
            order, mission = self._rows[at]
            best = min(best, (distance_km(lat, lon, mission.lat, mission.lon), order, at))


@dataclass(frozen=True)
class Directory:
    """One consistent snapshot of all facts, with the look-ups that routing needs."""

    missions: Mapping[str, Mission]
    districts: Sequence[District]
    helplines: Sequence[Helpline]
    sister_cities: Sequence[SisterCity]
    services: Mapping[str, Service]
    eu_members: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def missions_by_country(self) -> Mapping[str, tuple[Mission, ...]]:
        """Missions grouped by the country they stand in."""
        grouped: dict[str, list[Mission]] = {}
        for mission in self.missions.values():
            grouped.setdefault(mission.country, []).append(mission)
        return {country: tuple(rows) for country, rows in grouped.items()}

    @cached_property
    def serving(self) -> Mapping[str, tuple[Mission, ...]]:
        """Of each country the missions that serve citizens."""
        found = {
            country: tuple(mission for mission in rows if mission.serves_citizens)
            for country, rows in self.missions_by_country.items()
        }
        return {country: rows for country, rows in found.items() if rows}

    @cached_property
    def serving_by_latitude(self) -> Mapping[str, ByLatitude]:
        """The same, to find the nearest among."""
        return {country: ByLatitude(rows) for country, rows in self.serving.items()}

    @cached_property
    def embassies(self) -> Mapping[str, Mission]:
        """The embassy in each country that has one."""
        found: dict[str, Mission] = {}
        for mission in self.missions.values():
            if mission.kind == "embassy":
                found.setdefault(mission.country, mission)
        return found

    @cached_property
    def areas(self) -> Mapping[AreaKey, Sequence[tuple[int, District]]]:
        """Areas of known missions by their keys, each with its line in the directory; the first ones decide."""
        found: dict[AreaKey, list[tuple[int, District]]] = {}
        for line, area in sorted(enumerate(self.districts), key=lambda row: row[1].precedence):
            if area.mission_id in self.missions:
                for key in area_keys(area):
                    found.setdefault(key, []).append((line, area))
        return found

    @cached_property
    def helplines_by_country(self) -> Mapping[str, tuple[Helpline, ...]]:
        """Helplines that may be shown, grouped by country ('EU' and '*' included)."""
        grouped: dict[str, list[Helpline]] = {}
        for line in self.helplines:
            if line.may_be_shown:
                grouped.setdefault(line.country, []).append(line)
        return {country: tuple(rows) for country, rows in grouped.items()}
