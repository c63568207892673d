"""Routing with what is stored: desks from the database, facts from the snapshot, reasons as sentences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.domain.desks import NATIONAL_LINE
from bot.domain.directory import Directory, Mission
from bot.domain.places import Location
from bot.domain.routing import Decision, HelpRequest, Step, route
from bot.i18n.catalogues import country_name, text
from bot.services.ports import Ports
from bot.storage.unit_of_work import UnitOfWork
from bot.understanding.places import Mention, Place


def decide(uow: UnitOfWork, ports: Ports, request: HelpRequest, now: datetime) -> Decision:
    """The chain for a request with the desks, and who can be reached at them, as they are right now."""
    desks = uow.desks.all(now, telegram=ports.telegram)
    return route(request, ports.knowledge.taxonomy, ports.knowledge.directory, desks, now)


def location_of(place: Place) -> Location:
    """A recognised place as routing needs it."""
    if place.level == "country":  # or a region of it, such as Bavaria
        return Location(country=place.country, admin1=place.admin1)
    return Location(place.country, place.name, place.lat, place.lon, place.admin1, place.admin2)


def country_in_doubt(mention: Mention) -> bool:
    """Whether the candidates of an ambiguous name lie in different countries."""
    return mention.ambiguous and len({place.country for place in mention.candidates}) > 1


def shared_location(mention: Mention) -> Location | None:
    """What is certain about a mention: the place, or of an ambiguous one only the country, or nothing."""
    if not mention.ambiguous:
        return location_of(mention.place)
    return None if country_in_doubt(mention) else Location(country=mention.place.country)


def mission_name(mission: Mission, language: str) -> str:
    """'Consulate General of Türkiye in Köln', with the Turkish name of the city in Turkish."""
    key = {
        "consulate_general": "contact.consulate_general",
        "embassy": "contact.embassy",
        "honorary": "contact.honorary",
    }[mission.kind]
    return text(key, language, city=mission.city_tr if language == "tr" else mission.city)


def desk_name(uow: UnitOfWork, directory: Directory, desk_id: str, language: str) -> str:
    """How a desk is called in a language: its mission's name, its own name, or its kind."""
    if desk_id in directory.missions:
        return mission_name(directory.missions[desk_id], language)
    row = uow.desks.row(desk_id)
    if row is not None and row.name:
        return row.name
    return text(f"desk.{desk_id}", language) if _is_kind(desk_id) else desk_id


def _is_kind(desk_id: str) -> bool:
    return desk_id in (
        "consulate",
        "embassy",
        "partner_city",
        "home_city",
        "coordination",
        NATIONAL_LINE,
    )


def reason_text(reason: dict[str, Any], language: str) -> str:
    """A reason's sentence. `reason` = {"code": ..., **words}."""
    words = {key: value for key, value in reason.items() if key != "code"}
    if words.get("country"):
        words["country"] = country_name(words["country"], language)
    return text(f"reason.{reason['code']}", language, **words)


def step_to_dict(step: Step) -> dict[str, Any]:
    """One step as it is stored in the case's events: everything needed to explain it later."""
    return {
        "desk": step.candidate.desk_id,
        "kind": step.candidate.kind.value,
        "why_here": step.candidate.why_here.to_dict(),
        "passed_over": step.passed_over.to_dict() if step.passed_over else None,
    }


def explain(step: dict[str, Any], language: str) -> str:
    """Why a desk stands in the chain, and why it answers or was passed over."""
    verdict = step["passed_over"] or {"code": "answers_now"}
    return f"{reason_text(step['why_here'], language)}; {reason_text(verdict, language)}"
