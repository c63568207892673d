"""Routing with what is stored: desks from the database, facts from the snapshot, reasons as sentences."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from bot.domain.desks import NATIONAL_LINE, Desk, Officer
from bot.domain.directory import Directory, Mission
from bot.domain.jurisdiction import responsible_mission
from bot.domain.places import Location, distance_km
from bot.domain.policies import QUESTION, Policies, apply, steps_of
from bot.domain.routing import Decision, HelpRequest, Step, candidates, route
from bot.domain.taxonomy import DeskKind, Severity, Taxonomy
from bot.i18n.catalogues import country_name, text
from bot.services.ports import Ports
from bot.storage.unit_of_work import UnitOfWork
from bot.understanding.places import Gazetteer, Mention, Place

FARTHEST_KM = 40.0  # from the nearest place we know: beyond it a position is at sea, or in a desert
MOST_BESIDE = 3  # other sides that are named: Basel has two countries and a mission of its own beside it
MOST_PLACES = 12  # of one name or postal code; with more nobody is served better by all than by none
BORDER_KM = 5.0  # a place across a border that is at most so much farther is named with the reason


def decide(uow: UnitOfWork, ports: Ports, request: HelpRequest, now: datetime) -> Decision:
    """The chain for a request with the desks, and who can be reached at them, as they are right now."""
    taxonomy, directory = ports.knowledge.taxonomy, ports.knowledge.directory
    # Which desks may stand in the chain depends on where they are, never on their people: those are read of few desks.
    outlines = uow.desks.outlines((DeskKind.PARTNER_CITY, DeskKind.HOME_CITY))
    found = responsible_mission(directory, request.location)
    chain = {one.desk_id for one in candidates(request, taxonomy, directory, outlines, found)}
    desks = uow.desks.all(now, telegram=ports.telegram, email=ports.email, only=chain)
    return route(request, taxonomy, directory, outlines | desks, now)


def location_of(place: Place) -> Location:
    """A recognised place as routing needs it."""
    if place.level == "country":  # or a region of it, such as Bavaria
        return Location(country=place.country, admin1=place.admin1)
    return Location(place.country, place.name, place.lat, place.lon, place.admin1, place.admin2, place.city)


def shared_position(
    gazetteer: Gazetteer, directory: Directory, lat: float, lon: float, known: str | None = None
) -> Location | None:
    """A position as routing needs it: in the nearest place's area, `beside` a border if one is near.

    What is across, in another country or of another mission, it may be as well. Far from every place no country
    is made up from it: only the `known` one (ISO 3166-1) counts, else None.
    """
    place = gazetteer.nearest(lat, lon)
    kilometres = distance_km(lat, lon, place.lat or 0, place.lon or 0)
    if kilometres > FARTHEST_KM:
        return Location(known, lat=lat, lon=lon) if known else None
    here = replace(location_of(place), lat=lat, lon=lon)
    across: dict[tuple[str, Mission | None], Location] = {}
    for near in (place, *gazetteer.around(lat, lon, kilometres + BORDER_KM)):
        other = location_of(near)
        across.setdefault((other.country, responsible_mission(directory, other).mission), other)
    _, *others = across.values()  # the first is where it lies
    if not others:
        return here
    beside = f"{others[0].name} ({others[0].country})"
    return replace(here, beside=beside, others=tuple(others[:MOST_BESIDE]))


def country_in_doubt(mention: Mention) -> bool:
    """Whether the candidates of an ambiguous name lie in different countries."""
    return mention.ambiguous and len({place.country for place in mention.candidates}) > 1


def shared_location(mention: Mention) -> Location | None:
    """What is certain about a mention: the place, or of an ambiguous one only the country, or "" and its places."""
    if not mention.ambiguous:
        return location_of(mention.place)
    country = "" if country_in_doubt(mention) else mention.place.country
    others = tuple(location_of(place) for place in mention.candidates) if len(mention.candidates) <= MOST_PLACES else ()
    return Location(country, others=others) if country or others else None


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
    sentence = text(f"reason.{reason['code']}", language, **words)
    return f"{sentence}; {text('reason.near_border', language, **words)}" if words.get("beside") else sentence


def step_to_dict(step: Step) -> dict[str, Any]:
    """One step as it is stored in the case's events: everything needed to explain it later."""
    return {
        "desk": step.candidate.desk_id,
        "kind": step.candidate.kind.value,
        "why_here": step.candidate.why_here.to_dict(),
        "passed_over": step.passed_over.to_dict() if step.passed_over else None,
    }


def inputs_of(decision: Decision) -> dict[str, Any]:
    """All that a routing depended on besides the facts, as plain values: `replay` comes to the same decision.

    Of people only what counts: their names would outlive them in the case's events.
    """
    request, at = decision.request, decision.at
    assert request is not None
    assert at is not None
    desks = [step.candidate.desk for step in decision.steps if step.candidate.desk]
    nameless = [replace(desk, officers=tuple(replace(one, name="") for one in desk.officers)) for desk in desks]
    chain = {step.candidate.desk_id for step in decision.steps}
    behind = {key: desk for key, desk in decision.next_desks.items() if key in chain}
    rules = {"kinds": [str(kind) for kind in decision.kinds], "next_desks": behind}
    return asdict(request) | rules | {"at": at.isoformat(), "desks": [asdict(desk) for desk in nameless]}


def replay(inputs: dict[str, Any], taxonomy: Taxonomy, directory: Directory) -> Decision:
    """Decide again from what a ROUTED event stored under `inputs`, with the rules of then and the facts of today."""
    kept = {key: inputs[key] for key in ("label", "language", "home_city")}
    location, severity = Location.from_dict(inputs["location"]), Severity(inputs["severity"])
    desks = {raw["id"]: _desk_from(raw) for raw in inputs["desks"]}
    request = HelpRequest(severity=severity, location=location, **kept)
    if "kinds" in inputs:  # events from before own rules have none: they followed the shipped ones
        then = Policies({key: steps_of(inputs["kinds"]) for key in (request.label, QUESTION)},
                        next_desks=inputs["next_desks"])  # fmt: skip
        taxonomy = apply(taxonomy, then)
    return route(request, taxonomy, directory, desks, datetime.fromisoformat(inputs["at"]))


def _desk_from(raw: dict[str, Any]) -> Desk:
    officers = tuple(Officer(**one | {"languages": tuple(one["languages"])}) for one in raw["officers"])
    return Desk(**raw | {"kind": DeskKind(raw["kind"]), "officers": officers})


def explain(step: dict[str, Any], language: str) -> str:
    """Why a desk stands in the chain, and why it answers or was passed over."""
    verdict = step["passed_over"] or {"code": "answers_now"}
    return f"{reason_text(step['why_here'], language)}; {reason_text(verdict, language)}"
