"""Which numbers a frightened person sees: the right one of the country, first, and only sourced ones."""

from __future__ import annotations

import pytest

from bot.domain.numbers import CALL_CENTRE, call_centre, first_numbers
from tests.harness.facts import DIRECTORY, TAXONOMY

NATIONAL = "+90 312 292 29 29"


@pytest.mark.parametrize(
    ("what", "kind", "country", "first"),
    [
        ("an ambulance in Germany", "medical_emergency", "DE", "112"),
        ("an ambulance in the Emirates is not the fire brigade", "medical_emergency", "AE", "998"),
        ("police in Germany", "violence_attack", "DE", "110"),
        ("police in Belgium", "arrest_detention", "BE", "101"),
        ("police in France", "hate_crime_threat", "FR", "17"),
        ("no police line of its own: the general number", "violence_attack", "NL", "112"),
        ("somebody to talk to in the Netherlands", "suicide_self_harm", "NL", "113"),
        ("violence at home in the Netherlands", "violence_domestic", "NL", "0800 2000"),
        ("country unknown: the number that all EU members share", "fire_or_disaster", None, "112"),
    ],
)
def test_first_number(what: str, kind: str, country: str | None, first: str) -> None:
    assert first_numbers(DIRECTORY, TAXONOMY, kind, country)[0].number == first, what


@pytest.mark.parametrize("kind", list(TAXONOMY.crisis))
@pytest.mark.parametrize("country", [*sorted(DIRECTORY.missions_by_country), None])
def test_every_card_shows_the_call_centre_and_only_sourced_numbers(kind: str, country: str | None) -> None:
    numbers = first_numbers(DIRECTORY, TAXONOMY, kind, country)
    assert numbers[-1].service == CALL_CENTRE
    assert NATIONAL in [line.number for line in numbers]
    assert all(line.may_be_shown for line in numbers)
    dialled = [line.number.replace(" ", "") for line in numbers]
    assert len(dialled) == len(set(dialled)), "no number twice"


def test_a_life_line_stands_beside_the_number_that_sends_somebody() -> None:
    numbers = [line.number for line in first_numbers(DIRECTORY, TAXONOMY, "suicide_self_harm", "NL")]
    assert numbers.index("113") < numbers.index("112")


def test_the_local_access_number_comes_before_the_international_one() -> None:
    assert [line.number for line in call_centre(DIRECTORY, "DE")] == ["+49 30 56 83 73 099", NATIONAL]
