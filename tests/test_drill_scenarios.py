"""The scenarios, the plan made of one, and the clock of a drill."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.drill import scenario
from bot.drill.clock import DrillClock
from bot.drill.plan import plan
from bot.i18n.catalogues import LANGUAGES
from bot.settings import ROOT
from tests.harness.town import Town, understander

FOLDER = ROOT / "data" / "drills"
SCENARIOS = sorted(scenario.names(FOLDER))
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


# --- plan and clock ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("messages", [1, 37, 500])
def test_a_plan_has_as_many_messages_as_asked_for_and_is_the_same_for_the_same_seed(messages: int) -> None:
    chosen = scenario.load(FOLDER, "earthquake")
    positions = {spot.name: (50.9, 6.9) for spot in chosen.places}
    one, same = (plan(chosen, messages, 7, 60, positions) for _ in range(2))
    assert sum(len(talk.lines) for talk in one) == messages
    assert one == same
    assert messages == 1 or one != plan(chosen, messages, 8, 60, positions)
    assert one[0].cry is not None


def test_the_clock_tells_when_a_moment_was_shown() -> None:
    real = [100.0]
    clock = DrillClock(NOW, real=lambda: real[0])
    real[0] = 110.0
    clock.leap_to(NOW + timedelta(hours=1))
    clock.run_at(20)
    real[0] = 111.0
    assert clock() == NOW + timedelta(hours=1, seconds=20)
    for moment, shown, label in [
        (timedelta(seconds=5), 105.0, "before the leap"),
        (timedelta(minutes=30), 110.0, "leapt over: at the leap"),
        (timedelta(hours=1, seconds=10), 110.5, "while it ran fast"),
    ]:
        assert clock.real(NOW + moment) == pytest.approx(shown), label


def test_a_scenario_begins_at_its_own_hour() -> None:
    begins = scenario.load(FOLDER, "lost_child").begins(NOW)
    assert begins == datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # three in the morning in Wien


# --- the data ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", SCENARIOS)
def test_places_desks_labels_and_languages_of_a_scenario_exist(town: Town, name: str) -> None:
    chosen, seen = scenario.load(FOLDER, name), understander()
    assert set(chosen.languages) <= set(LANGUAGES)
    assert set(chosen.desks) <= set(town.ports.knowledge.directory.missions)
    for spot in chosen.places:
        mention = seen.gazetteer.locate("", spot.name, None, chosen.country)
        assert mention is not None, spot
        assert mention.place.country == chosen.country, spot
        for language in chosen.languages:
            known = seen.gazetteer.locate("", spot.called(language), language, chosen.country)
            assert known is not None, (spot, language)
    for cry in chosen.cries:
        assert set(cry.labels) <= set(seen.taxonomy.labels), cry.kind
        assert seen.taxonomy.severity_of(cry.labels[0]).value == cry.severity, cry.kind
        assert set(cry.texts) == set(LANGUAGES), cry.kind


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_cry_of_a_scenario_is_heard(name: str) -> None:
    """A drill measures a surge, not hearing; that has its own sets. What is not heard belongs to those."""
    chosen = scenario.load(FOLDER, name)
    deaf = []
    for cry in chosen.cries:
        for language, lines in cry.texts.items():
            for line in lines:
                for spot in chosen.places:
                    said = line.replace("{place}", spot.called(language))
                    if understander().understand(said, language, chosen.country).crisis == "none":
                        deaf.append((language, said))
    assert deaf == []
