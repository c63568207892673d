"""The directory's facts as values: missions, districts, helplines, sister cities, services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

SHOWN = ("sourced", "confirmed")  # a number with any other status is work, never an answer


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
    def districts_by_country(self) -> Mapping[str, tuple[District, ...]]:
        """Districts grouped by the country of the area."""
        grouped: dict[str, list[District]] = {}
        for district in self.districts:
            grouped.setdefault(district.country, []).append(district)
        return {country: tuple(rows) for country, rows in grouped.items()}

    @cached_property
    def helplines_by_country(self) -> Mapping[str, tuple[Helpline, ...]]:
        """Helplines that may be shown, grouped by country ('EU' and '*' included)."""
        grouped: dict[str, list[Helpline]] = {}
        for line in self.helplines:
            if line.may_be_shown:
                grouped.setdefault(line.country, []).append(line)
        return {country: tuple(rows) for country, rows in grouped.items()}
