"""A decision reads few desks, and is the one that all of them would give."""

from __future__ import annotations

import itertools

import pytest

from bot.domain.places import Location
from bot.domain.routing import HelpRequest, route
from bot.domain.taxonomy import Severity
from bot.services.routing import decide
from tests.harness.town import Town

KOLN = Location("DE", "Köln", 50.93, 6.95, "DE-NW", "GN:DE.07.053")
SPRINGFIELD = Location("US", others=(Location("US", "Springfield", 39.8, -89.6, "US-IL"),
                                     Location("US", "Springfield", 42.1, -72.6, "US-MA")))  # fmt: skip

HOMES = ("", "emirdag", "nowhere")


@pytest.fixture
def staffed(town: Town) -> Town:
    town.coordinator()
    for number, desk in enumerate(("de-koln-bk", "de-berlin-be", "us-chicago-bk", "us-boston-bk", "fr-paris-bk")):
        town.officer(f"Officer {number}", desk)
    with town.database.write() as uow:
        uow.desks.put("partner", kind="partner_city", name="Köln", country="DE", city="Köln")
        uow.desks.put("home-1", kind="home_city", name="Emirdağ", city="Emirdağ")
        uow.desks.put("home-2", kind="home_city", name="Bursa", city="Bursa")
        uow.desks.assign("partner", 2)
        uow.desks.assign("home-1", 3)
    return town


@pytest.mark.parametrize(
    "label", ["arrest_detention", "property_tax", "violence_attack", "human_trafficking", "passport_renewal"]
)
def test_few_desks_decide_as_all_do(staffed: Town, label: str) -> None:
    ports, now = staffed.ports, staffed.clock()
    taxonomy, directory = ports.knowledge.taxonomy, ports.knowledge.directory
    assert label in taxonomy.labels
    for place, home in itertools.product((KOLN, SPRINGFIELD, Location("DE"), Location("AQ"), None), HOMES):
        request = HelpRequest(label, Severity.NORMAL, "de", place, home)
        with staffed.database.read() as uow:
            everybody = uow.desks.all(now, telegram=ports.telegram, email=ports.email)
            decision = decide(uow, ports, request, now)
        assert decision == route(request, taxonomy, directory, everybody, now), (place, home)
