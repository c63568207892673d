"""Read-only look-ups for the dialogue engine's actions. GET with a token; nothing here changes anything."""

from __future__ import annotations

import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request

from bot.domain.jurisdiction import responsible_mission
from bot.domain.places import Location
from bot.services.ports import Ports
from bot.understanding.understand import place_fields
from bot.web.problems import Problem


def _authorised(request: Request, authorization: Annotated[str, Header()] = "") -> None:
    wanted = f"Bearer {request.app.state.settings.internal_token}"
    if not hmac.compare_digest(authorization.encode(), wanted.encode()):
        raise Problem(401, "Unauthorised", "This address is for the service's own programs.")


router = APIRouter(prefix="/internal/v1", tags=["internal"], dependencies=[Depends(_authorised)])


@router.get("/places")
def places(
    request: Request,
    text: Annotated[str, Query(max_length=2000)],
    language: str = "",
    country: str = "",
) -> dict[str, Any]:
    """Places named in a text, best first, with the candidates of ambiguous names."""
    ports: Ports = request.app.state.ports
    gazetteer = ports.understander.gazetteer
    mentions = gazetteer.find(text, language or None, country or None)
    return {
        "mentions": [
            {
                "text": mention.text,
                "ambiguous": mention.ambiguous,
                **place_fields(mention.place),
                "candidates": [place_fields(candidate) for candidate in mention.candidates[:5]],
            }
            for mention in mentions[:5]
        ]
    }


@router.get("/missions")
def missions(
    request: Request, country: str, name: str = "", lat: float | None = None, lon: float | None = None,
    admin1: str = "", admin2: str = "",
) -> dict[str, Any]:  # fmt: skip
    """The mission responsible for a place, and the rule that found it."""
    ports: Ports = request.app.state.ports
    place = Location(country.upper(), name, lat, lon, admin1 or None, admin2 or None)
    found = responsible_mission(ports.knowledge.directory, place)
    return {"mission": found.mission.id if found.mission else None, "rule": found.rule}
