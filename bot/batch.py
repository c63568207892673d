"""The batch commands that need the whole town: route, search, converse."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.app import Town
from bot.domain.desks import NATIONAL_LINE
from bot.domain.numbers import numbers_of_several
from bot.domain.places import Location
from bot.domain.routing import HelpRequest
from bot.domain.taxonomy import DeskKind
from bot.i18n.catalogues import country_name
from bot.json_lines import InputError, Line, text_of
from bot.services.conversation import drain
from bot.services.incoming import Incoming
from bot.services.intake import store
from bot.services.routing import (
    FARTHEST_KM,
    decide,
    explain,
    location_of,
    reason_text,
    shared_location,
    shared_position,
    step_to_dict,
)
from bot.understanding.places import Mention
from bot.understanding.understand import place_dict

NO_COUNTRIES = ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ")  # CLDR names these codes, too


def route(town: Town) -> Callable[[Line], Line]:
    """`bot route`: the chain with reasons, the mission responsible, who can answer now, the numbers."""
    knowledge, clock = town.ports.knowledge, town.ports.clock

    def answer(line: Line) -> Line:
        label = text_of(line, "label")
        if label not in knowledge.taxonomy.labels:
            raise InputError(f"'{label}' is not a label of the taxonomy")
        now = _moment(line.get("at")) or clock()
        location, ambiguous, shown = _where(town, line)
        request = HelpRequest(
            label,
            knowledge.taxonomy.severity_of(label),
            str(line.get("language") or "en"),
            location,
            str(line.get("home_city") or ""),
        )
        with town.ports.database.read() as uow:
            decision = decide(uow, town.ports, request, now)
        found = decision.jurisdiction
        unclear = location is None or found.rule == "city_unknown"
        country = (location.country or None) if location else None
        also = [other for other in location.countries if other != country] if location else []
        numbers = numbers_of_several(knowledge.directory, knowledge.taxonomy, label, country, also)
        chain = [
            {
                "desk": step.candidate.desk_id,
                "kind": step.candidate.kind.value,
                "reason": explain(step_to_dict(step), "en"),
            }
            for step in decision.steps
        ]
        last = {"code": "national_line"} if decision.desk is None else {"code": "last_desk"}
        if decision.desk is None:
            kind = DeskKind.NATIONAL_LINE.value
            chain.append({"desk": NATIONAL_LINE, "kind": kind, "reason": reason_text(last, "en")})
        question = "ask.place_which" if ambiguous else "ask.place" if unclear else None
        return {
            "id": line.get("id"),
            "place": shown,
            "ambiguous": ambiguous,
            "question": question,
            "chain": chain,
            "mission": found.mission.id if found.mission else None,
            "desk": decision.desk_id,
            "numbers": [
                {
                    "service": number.service,
                    "number": number.number,
                    "name": number.name,
                    "status": number.status,
                }
                | ({"country": number.country} if also else {})
                for number in numbers
            ],
        } | _note(line, shown, country)

    return answer


def _note(line: Line, shown: Line | None, country: str | None) -> Line:
    """Of a place that nobody knows a sentence: that it is not known, and what was taken instead."""
    asked = {key: line[key] for key in ("postal_code", "place") if line.get(key)}
    if shown is not None or not (asked or line.get("lat") is not None):
        return {}
    if line.get("lat") is not None:
        unknown = f"no place is known within {FARTHEST_KM:.0f} km of this position"
    else:
        unknown = " and ".join(f"{key} '{value}'" for key, value in asked.items()) + " is not known"
    taken = f"only the country is used: {country_name(country, 'en')}" if country else "it is routed without a place"
    return {"note": f"{unknown}; {taken}"}


def _country(town: Town, text: Any) -> str | None:
    """A country's ISO 3166-1 code, from the code or a name. Raises InputError."""
    if not text:
        return None
    code = str(text).strip().upper()
    if len(code) == 2 and code not in NO_COUNTRIES and country_name(code, "en") != code:
        return code
    named = town.ports.understander.gazetteer.country(str(text).strip())
    if named is None:
        raise InputError(f"'{text}' is not a country: give its two-letter code, such as DE")
    return named


def _moment(text: Any) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise InputError(f"'at' must be an ISO 8601 time, not '{text}'") from error
    if moment.tzinfo is None:
        raise InputError("'at' needs a time zone, such as +01:00 or Z")
    return moment


def _degrees(value: Any, limit: float) -> float:
    try:
        degrees = float(value)
    except (TypeError, ValueError):
        degrees = limit + 1
    if not -limit <= degrees <= limit:
        raise InputError("'lat' and 'lon' must be degrees on the globe")
    return degrees


def _where(town: Town, line: Line) -> tuple[Location | None, list[Line], Line | None]:
    """(what is certain, the candidates of an ambiguous name or code, the place as shown).

    lat and lon win over postal_code, that over place, that over country.
    """
    gazetteer = town.ports.understander.gazetteer
    country = _country(town, line.get("country"))
    lat, lon = line.get("lat"), line.get("lon")
    if (lat is None) != (lon is None):
        raise InputError("'lat' and 'lon' belong together: one of them is missing")
    if lat is not None and lon is not None:
        lat, lon = _degrees(lat, 90), _degrees(lon, 180)
        here = shared_position(gazetteer, town.ports.knowledge.directory, lat, lon, country)
        place = gazetteer.nearest(lat, lon)
        shown = place_dict(Mention(place.name, place, (place,), False)) if here and here.name else None
        return here, [], shown
    code, name = (str(line.get(key) or "") for key in ("postal_code", "place"))
    mention = gazetteer.locate(code, name, line.get("language"), country)
    if mention is None:
        return (Location(country) if country else None), [], None
    if not mention.ambiguous:
        return location_of(mention.place), [], place_dict(mention)
    others = [place_dict(Mention(p.name, p, (p,), False)) or {} for p in mention.candidates]
    known = shared_location(mention)
    if country and (known is None or not known.country):
        known = Location(country)
    return known, others, place_dict(mention)


def search(town: Town) -> Callable[[Line], Line]:
    """`bot search`: topics that fit, best first."""

    def answer(line: Line) -> Line:
        text = text_of(line)
        seen = town.ports.understander.understand(text, line.get("lang"))
        language = line.get("lang") or seen.language
        limit = int(line.get("limit") or 5)
        hits = town.ports.knowledge.current.index.search(text, language, limit, seen.probabilities)
        results = [{"topic": hit.topic, "lang": hit.language, "score": round(hit.score, 4)} for hit in hits]
        return {"id": line.get("id"), "results": results}

    return answer


def converse(town: Town) -> Callable[[Line], Line]:
    """`bot converse`: the whole path in process, one turn per line."""
    ports = town.ports

    def answer(line: Line) -> Line:
        name = str(line.get("conversation") or "default")
        key = f"console:{name}"
        with ports.database.read() as uow:
            row = uow.conversations.by_key(key)
            seen = row.last_seq if row else 0
        text = text_of(line)
        command = text if text.startswith("/") else ""
        store(
            ports,
            Incoming(
                channel="console",
                external_id=secrets.token_hex(12),
                conversation_key=key,
                address=name,
                text="" if command else text,
                payload=command,
                language=str(line.get("lang") or ""),
            ),
        )
        drain(ports, key)
        with ports.database.read() as uow:
            row = uow.conversations.by_key(key)
            assert row is not None
            said = [m for m in uow.conversations.after(row.id, seen) if m.author != "citizen"]
            replies = [{"text": m.text, "buttons": m.extra.get("buttons", [])} for m in said]
            return {"conversation": name, "replies": replies, "case": row.case_id}

    return answer
