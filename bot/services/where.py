"""Where a case is, for people who read about it: a place's name, a map, and whose clock its times are in."""

from __future__ import annotations

from typing import Any

from bot.domain.places import Location
from bot.i18n.catalogues import country_name
from bot.services.ports import Ports
from bot.storage.tables import CaseRow
from bot.storage.unit_of_work import UnitOfWork

HOME_TIMEZONE = "Europe/Istanbul"


def place_of(location: dict[str, Any] | None, language: str) -> str:
    """'Köln, Germany', 'Valencia, Spain / Valencia, Venezuela' while it is not clear, or nothing."""
    if not location:
        return ""
    known = Location.from_dict(location)
    if known is not None and known.unclear:
        return " / ".join(place_of(one.to_dict(), language) for one in known.others)
    country = country_name(location.get("country") or "", language)
    return ", ".join(filter(None, (location.get("name"), country)))


def map_link(lat: float | None, lon: float | None) -> str:
    """A place on OpenStreetMap."""
    if lat is None or lon is None:
        return ""
    return f"https://www.openstreetmap.org/?mlat={lat:.5f}&mlon={lon:.5f}#map=16/{lat:.5f}/{lon:.5f}"


def timezone_of(uow: UnitOfWork, ports: Ports, case: CaseRow) -> str:
    """The desk's time zone, else the responsible mission's, else Türkiye's."""
    desk = uow.desks.row(case.desk_id)
    if desk is not None and desk.timezone != "UTC":
        return desk.timezone
    mission = ports.knowledge.directory.missions.get(case.mission_id or "")
    return mission.timezone if mission else HOME_TIMEZONE
