"""The look-ups of the directory find what a look at every row finds."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.directory import ByLatitude, Mission
from bot.domain.places import distance_km
from tests.harness.facts import DIRECTORY

FIRST = next(iter(DIRECTORY.missions.values()))
LATITUDES = st.floats(-90, 90) | st.integers(-90, 90).map(float)
LONGITUDES = st.floats(-180, 180) | st.integers(-180, 180).map(float)
POINTS = st.tuples(LATITUDES, LONGITUDES)


@given(st.lists(POINTS, min_size=1, max_size=30), POINTS)
def test_the_nearest_mission_is_the_nearest_wherever_they_are(
    missions: list[tuple[float, float]], here: tuple[float, float]
) -> None:
    rows: list[Mission] = [replace(FIRST, id=str(n), lat=lat, lon=lon) for n, (lat, lon) in enumerate(missions)]
    found, kilometres = ByLatitude(rows).nearest(*here)
    ways = [distance_km(*here, row.lat, row.lon) for row in rows]
    assert kilometres == min(ways)
    assert found.id == str(ways.index(min(ways))), "the first of equally near ones"


def test_every_country_with_an_embassy_has_its_first_one() -> None:
    for country, rows in DIRECTORY.missions_by_country.items():
        embassies = [mission for mission in rows if mission.kind == "embassy"]
        assert DIRECTORY.embassies.get(country) == (embassies[0] if embassies else None)
