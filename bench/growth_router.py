"""One decision of the router with today's missions, and with a hundred times as many; every one has a desk."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import insert

from bench.growth_pairs import Work, grown
from bench.results import Options, Result
from bot.domain.accounts import Role
from bot.domain.directory import Directory, District, Mission
from bot.domain.places import Location, distance_km
from bot.domain.routing import HelpRequest
from bot.domain.taxonomy import Severity, Taxonomy
from bot.services.ports import Ports
from bot.services.routing import decide
from bot.storage.tables_staff import DeskMemberRow, DeskRow, StaffRow
from tests.harness.town import Town

COPIES, AT_MOST, PLACES = 100, 3.0, 150
MADE = "made for the bench"  # the status of what is not in the world


@dataclass(frozen=True)
class Facts:
    """What routing asks of `Knowledge`, with a directory of our own."""

    directory: Directory
    taxonomy: Taxonomy


def measure(options: Options) -> Sequence[Result]:
    """`services.routing.decide` for the same places, desks and people in a database."""
    world = Town(options.folder / "router-1", options.folder / "template")
    crowd = Town(options.folder / "router-100", options.folder / "template")
    real = world.ports.knowledge.directory
    many = multiplied(real, COPIES)
    try:
        works = []
        for town, directory in ((world, real), (crowd, many)):
            _staff(town, directory)
            works.append(list(_decisions(town, directory)))
        sizes = [f"{len(directory.missions):,} missions" for directory in (real, many)]
        return [grown("one decision of the router", AT_MOST, (sizes[0], works[0]), (sizes[1], works[1]), options)]
    finally:
        world.database.close()
        crowd.database.close()


def multiplied(real: Directory, copies: int) -> Directory:
    """A directory of `copies` times as many missions and areas: in the same countries, elsewhere, with other codes."""
    drawn = random.Random(5)
    missions, districts = dict(real.missions), list(real.districts)
    for number in range(1, copies):
        for mission in real.missions.values():
            copied = _moved(mission, number, drawn)
            missions[copied.id] = copied
        districts += [_renamed(area, number) for area in real.districts]
    return replace(real, missions=missions, districts=districts)


def _moved(mission: Mission, number: int, drawn: random.Random) -> Mission:
    lat = max(-89.0, min(89.0, mission.lat + drawn.uniform(-4, 4)))
    return replace(mission, id=f"{mission.id}~{number}", lat=lat, lon=mission.lon + drawn.uniform(-4, 4), status=MADE)


def _renamed(area: District, number: int) -> District:
    """A whole country cannot be renamed: it comes again, for a mission that is not the first."""
    code = f"{area.area_code}~{number}" if area.area_code else ""
    name = f"{area.area_name} {number}"
    return replace(area, mission_id=f"{area.mission_id}~{number}", area_code=code, area_name=name, status=MADE)


def _staff(town: Town, directory: Directory) -> None:
    """Each mission is a desk with one officer, who can be reached."""
    now = town.clock()
    ids = {mission: number for number, mission in enumerate(directory.missions, start=1)}
    person = {"name": "Bench", "role": Role.OFFICER, "created_at": now}
    people = [person | {"id": one, "email": f"{one}@bench.test", "telegram_chat": f"{one}"} for one in ids.values()]
    desks = [
        {"id": one.id, "kind": _kind(one), "name": "", "timezone": one.timezone, "country": one.country}
        for one in directory.missions.values()
    ]
    members = [{"desk_id": mission, "staff_id": number} for mission, number in ids.items()]
    rows: list[tuple[Any, list[dict[str, Any]]]] = [(StaffRow, people), (DeskRow, desks), (DeskMemberRow, members)]
    with town.database.write() as uow:
        for table, values in rows:
            uow.session.execute(insert(table), values)


def _kind(mission: Mission) -> str:
    return "embassy" if mission.kind == "embassy" else "consulate"


def _decisions(town: Town, directory: Directory) -> Iterator[Work]:
    facts: Any = Facts(directory, town.ports.knowledge.taxonomy)
    ports = replace(town.ports, knowledge=facts)
    for place in places(directory):
        request = HelpRequest("arrest_detention", Severity.LIFE, "de", place)
        yield partial(_checked, town, ports, request, expected(directory, place))


def _checked(town: Town, ports: Ports, request: HelpRequest, mission: str) -> None:
    with town.database.read() as uow:
        decision = decide(uow, ports, request, town.clock())
    found = decision.jurisdiction.mission
    if found is None or found.id != mission or decision.desk_id != mission:
        raise AssertionError(f"{request.location} went to {found} and {decision.desk_id} instead of {mission}")


def places(directory: Directory) -> list[Location]:
    """Places in the areas of the real directory and at its missions, in a fixed mixture."""
    areas = [area for area in directory.districts if area.status != MADE and area.mission_id in directory.missions]
    inside = [
        Location(area.country, admin1=area.area_code) if area.area_code else Location(area.country, name=area.area_name)
        for area in areas
    ]
    at = [
        Location(one.country, f"beside {one.city}", one.lat + 0.3, one.lon + 0.3)
        for one in directory.missions.values()
        if one.status != MADE and one.country in directory.serving
    ]
    drawn = random.Random(7)
    return drawn.sample(inside, PLACES // 2) + drawn.sample(at, PLACES // 2)


def expected(directory: Directory, place: Location) -> str:
    """The mission responsible, found the long way: every area and every mission is looked at."""
    areas = [
        area
        for area in directory.districts
        if area.mission_id in directory.missions
        and area.country == place.country
        and (
            area.area_code == place.admin1
            if area.area_code
            else area.area_name == place.name or area.level == "country"
        )
    ]
    if areas:
        return min(areas, key=lambda area: area.precedence).mission_id
    serving = [one for one in directory.missions.values() if one.country == place.country and one.serves_citizens]
    lat, lon = place.lat or 0, place.lon or 0
    return min(serving, key=lambda one: distance_km(lat, lon, one.lat, one.lon)).id
