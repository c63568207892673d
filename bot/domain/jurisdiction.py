"""Which mission is responsible for a place: most specific area first, then rank, then the nearest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.directory import AreaKey, Directory, District, Mission
from bot.domain.places import Location, labels
from bot.domain.spelling import fold


@dataclass(frozen=True)
class Jurisdiction:
    """The responsible mission (None: unknown or none), the rule that found it, and its words."""

    mission: Mission | None
    rule: str
    args: Mapping[str, str] = field(default_factory=dict)
    others: tuple[Mission, ...] = ()


def covers(area: District, place: Location) -> bool:
    """Whether the area contains the place, by code where the data has one, else by name."""
    if area.area_code:  # also of an overseas part with a country code of its own: US-PR is in PR, and in US
        return area.area_code in (place.admin1, place.admin2)
    if area.country != place.country:
        return False
    if area.level == "country":
        return True
    if area.level in ("city", "kreis") and place.name:
        if area.parent_code and place.admin1 and area.parent_code != place.admin1:
            return False
        names = {fold(area.area_name), fold(area.area_name.removeprefix("Kreis "))}
        return fold(place.name) in names or fold(place.city) in names
    return False


def responsible_mission(directory: Directory, place: Location | None) -> Jurisdiction:
    """The mission responsible for a place, whatever the hour; of a position near a border, for where it lies."""
    if place is None:
        return Jurisdiction(None, "place_unknown")
    if place.unclear:
        return _of_several(directory, place)
    found = _by_district(directory, place) or _nearest(directory, place)
    if not place.beside:
        return found
    return replace(found, args={**found.args, "place": place.name, "beside": place.beside})


def responsible_missions(directory: Directory, place: Location | None) -> tuple[Jurisdiction, ...]:
    """Every mission that may be responsible, the likeliest first: of an ambiguous name, or across a near border."""
    first = responsible_mission(directory, place)
    if place is None or not place.others or (place.unclear and first.rule == "responsible_either"):
        return (first,)
    if not place.unclear:
        across = _missions(directory, place.others, place.candidates)
        known = first.mission.id if first.mission else ""
        rest = ((mission, words) for mission, words in across.values() if mission.id != known)
        return (first, *(Jurisdiction(one, "across_border", {"place": words}) for one, words in rest))
    each = _missions(directory, place.others, place.others).values()
    return tuple(Jurisdiction(one, "responsible_if", {"place": words}) for one, words in each) or (first,)


def _missions(
    directory: Directory, places: Sequence[Location], among: Sequence[Location]
) -> dict[str, tuple[Mission, str]]:
    """By id: the missions of these places, each with the names of its places `among` all."""
    names = dict(zip(among, labels(among), strict=True))
    found: dict[str, tuple[Mission, str]] = {}
    for place in places:
        mission = responsible_mission(directory, place).mission
        if mission is not None:
            before = found[mission.id][1] + ", " if mission.id in found else ""
            found[mission.id] = (mission, before + names[place])
    return found


def _of_several(directory: Directory, place: Location) -> Jurisdiction:
    """Of an ambiguous name: the mission that all its places share, else what its country says, else none."""
    each = [responsible_mission(directory, one).mission for one in place.others]
    places = ", ".join(labels(place.others))
    if each[0] is not None and all(one == each[0] for one in each):
        return Jurisdiction(each[0], "responsible_either", {"places": places})
    if place.country:
        return responsible_mission(directory, replace(place, others=()))
    return Jurisdiction(None, "place_unclear", {"places": places})


def _by_district(directory: Directory, place: Location) -> Jurisdiction | None:
    found = []
    for nearness, country in enumerate(dict.fromkeys((place.country, (place.admin1 or "")[:2]))):
        for key in _keys(country, place):
            rows = directory.areas.get(key, ())
            best = next(((line, area) for line, area in rows if covers(area, place)), None)
            if best is not None:
                found.append((best[1].precedence, nearness, *best))
    if not found:
        return None
    *_, area = min(found, key=lambda row: row[:3])
    args = {"area": area.area_name, "mission": area.mission_id, "status": area.status}
    return Jurisdiction(directory.missions[area.mission_id], "district", args)


def _keys(country: str, place: Location) -> list[AreaKey]:
    """Under what the areas of a country that may cover a place stand in the directory."""
    names = {fold(name) for name in (place.name, place.city)} if place.name else set()
    codes = {code for code in (place.admin1, place.admin2) if code}
    coded: list[AreaKey] = [("code", country, code) for code in codes]
    return [*coded, *(("name", country, name) for name in names), ("country", country, "")]


def _nearest(directory: Directory, place: Location) -> Jurisdiction:
    serving = directory.serving.get(place.country, ())
    if not serving:
        return Jurisdiction(None, "no_mission_in_country", {"country": place.country})
    if len(serving) == 1:
        args = {"mission": serving[0].id, "country": place.country}
        return Jurisdiction(serving[0], "only_mission", args)
    if place.lat is None or place.lon is None:
        return Jurisdiction(None, "city_unknown", {"country": place.country}, serving)
    mission, kilometres = directory.serving_by_latitude[place.country].nearest(place.lat, place.lon)
    args = {"mission": mission.id, "km": str(round(kilometres))}
    return Jurisdiction(mission, "nearest", args)
