"""What a citizen still gets when the database is away: the card from memory, and the truth."""

from __future__ import annotations

from bot.domain.places import Location
from bot.services.cards import call_centre_number, emergency_card
from bot.services.incoming import Incoming
from bot.services.ports import Ports
from bot.services.replies import Reply, say
from bot.services.routing import shared_location, shared_position


def degraded_replies(ports: Ports, incoming: Incoming) -> list[Reply]:
    """Emergency card for anything that may be a crisis; for the rest, that it is written down."""
    understanding = ports.understander.understand(incoming.text, incoming.language or None)
    language = understanding.language
    location: Location | None = None
    if incoming.lat is not None and incoming.lon is not None:
        gazetteer = ports.understander.gazetteer
        location = shared_position(gazetteer, ports.knowledge.directory, incoming.lat, incoming.lon)
    elif understanding.place is not None:
        location = shared_location(understanding.place)
    country = (location.country or None) if location else None
    also = tuple(other for other in location.countries if other != country) if location else ()
    directory = ports.knowledge.directory
    if understanding.crisis_kind is not None:
        kind = understanding.crisis_kind
        card = emergency_card(ports.knowledge.taxonomy, directory, kind, country, language, also)
        return [card, say("card.kept", language)]
    number = call_centre_number(directory, country)
    return [say("say.something_broke", language, number=number)]
