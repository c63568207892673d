"""Jurisdiction, chain and decision over the real directory."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.desks import COORDINATION, NATIONAL_LINE, Desk, Officer
from bot.domain.jurisdiction import responsible_mission
from bot.domain.places import Location, labels
from bot.domain.routing import HelpRequest, route, why_not
from bot.domain.taxonomy import DeskKind, Severity
from bot.i18n.texts import ALL_TEXTS
from bot.services.routing import inputs_of, reason_text, replay, step_to_dict
from tests.harness.facts import DIRECTORY, TAXONOMY

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
AYSE = Officer(1, "Ayşe", reachable=True)
FULL = replace(AYSE, capacity=2, open_cases=2)
REACHABLE = (AYSE,)

KOLN = Location("DE", "Köln", 50.93, 6.95, "DE-NW", "GN:DE.07.053")


@pytest.mark.parametrize(
    ("what", "place", "mission", "rule"),
    [
        ("a Regierungsbezirk decides before its Land", KOLN, "de-koln-bk", "district"),
        ("a named city decides before its Regierungsbezirk",
         Location("DE", "Duisburg", 51.43, 6.76, "DE-NW", "GN:DE.07.051"), "de-dusseldorf-bk", "district"),
        ("a whole Land", Location("DE", "Kiel", 54.3, 10.1, "DE-SH"), "de-hamburg-bk", "district"),
        ("of two missions for one Land the better rank wins", Location("DE", "Erfurt", 50.98, 11.03, "DE-TH"),
         "de-kassel-bk", "district"),
        ("a Dutch province", Location("NL", "Utrecht", 52.09, 5.12, "NL-UT"), "nl-amsterdam-bk", "district"),
        ("a US state", Location("US", "Buffalo", 42.9, -78.9, "US-NY"), "us-new-york-bk", "district"),
        ("a country with one mission", Location("SE", "Malmö", 55.6, 13.0, "SE-M"), "se-stokholm-be", "district"),
        ("no district known: the nearest that serves citizens, never the embassy in Paris",
         Location("FR", "Versailles", 48.8, 2.13), "fr-paris-bk", "nearest"),
        ("only the country known, several missions: ask", Location("FR"), None, "city_unknown"),
        ("a country without a mission", Location("AQ"), None, "no_mission_in_country"),
        ("nothing known", None, None, "place_unknown"),
    ],
)  # fmt: skip
def test_the_mission_responsible_for(what: str, place: Location | None, mission: str | None, rule: str) -> None:
    found = responsible_mission(DIRECTORY, place)
    assert (found.mission.id if found.mission else None, found.rule) == (mission, rule), what


def desk(**values: object) -> Desk:
    fields = {"id": "de-koln-bk", "kind": DeskKind.CONSULATE, "name": "Köln", "officers": REACHABLE} | values
    return Desk(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("what", "candidate", "reason"),
    [
        ("somebody is reachable and it is always open", desk(), None),
        ("no desk is set up", None, "not_set_up"),
        ("the desk is switched off", desk(active=False), "switched_off"),
        ("nobody is assigned", desk(officers=()), "nobody_assigned"),
        ("an officer without a way to be reached counts as nobody",
         desk(officers=(Officer(1, "A", reachable=False),)), "nobody_reachable"),
        ("everybody is away", desk(officers=(Officer(1, "A", reachable=True, available=False),)), "everybody_away"),
        ("closed at this hour", desk(hours="sat 09:00-12:00"), "closed_now"),
        ("open, but nobody has a turn", desk(officers=(replace(AYSE, on_duty=False),)), "nobody_on_duty"),
        ("who is on duty cannot be reached, who can is not on duty",
         desk(officers=(replace(AYSE, on_duty=False), replace(AYSE, reachable=False))), "nobody_reachable"),
        ("who is on duty is away, who is there is not on duty",
         desk(officers=(replace(AYSE, on_duty=False), replace(AYSE, available=False))), "everybody_away"),
        ("one person has all the cases they can take", desk(officers=(FULL,)), "everybody_full"),
        ("one of two still has room", desk(officers=(FULL, replace(FULL, open_cases=1))), None),
        ("room of somebody whose turn it is not does not help",
         desk(officers=(FULL, replace(AYSE, on_duty=False))), "everybody_full"),
        ("room of somebody who cannot be reached does not help",
         desk(officers=(FULL, replace(AYSE, reachable=False))), "everybody_full"),
        ("no limit is never full", desk(officers=(replace(FULL, capacity=0, open_cases=99),)), None),
        ("behind full coordinators there is nobody: they still answer",
         desk(kind=DeskKind.COORDINATION, officers=(FULL,)), None),
        ("closed comes before whose turn it is",
         desk(hours="sat 09:00-12:00", officers=(replace(AYSE, on_duty=False),)), "closed_now"),
        ("unreachable at any hour comes before closed",
         desk(hours="sat 09:00-12:00", officers=(replace(AYSE, reachable=False),)), "nobody_reachable"),
    ],
)  # fmt: skip
def test_why_a_desk_cannot_answer(what: str, candidate: Desk | None, reason: str | None) -> None:
    found = why_not(candidate, NOON)
    assert (found.code if found else None) == reason, what


@pytest.mark.parametrize(
    ("what", "values", "moment", "reason"),
    [
        ("the first of May in Germany", {"country": "DE"}, "2026-05-01T10:00+02:00", "holiday"),
        ("the desk does not keep holidays", {"country": "DE", "keeps_holidays": False}, "2026-05-01T10:00+02:00", None),
        ("no holiday", {"country": "DE"}, "2026-05-05T10:00+02:00", None),
        ("another country's holiday", {"country": "DE"}, "2026-04-23T10:00+02:00", None),
        ("that country's", {"country": "TR", "timezone": "Europe/Istanbul"}, "2026-04-23T10:00+03:00", "holiday"),
        ("it begins at the desk's midnight", {"country": "DE"}, "2026-05-01T00:00+02:00", "holiday"),
        ("and not a minute earlier", {"country": "DE"}, "2026-04-30T23:59+02:00", None),
        ("while it is the second of May in Sydney", {"country": "DE"}, "2026-05-02T06:00+10:00", "holiday"),
        ("also outside the hours it is the holiday that is named", {"country": "DE", "hours": "mon 09:00-10:00"},
         "2026-05-01T10:00+02:00", "holiday"),
        ("a country that nobody knows keeps none", {"country": "XX"}, "2026-05-01T10:00+02:00", None),
        ("no country said", {"country": ""}, "2026-05-01T10:00+02:00", None),
        ("a time zone that nobody knows", {"country": "DE", "timezone": "?"}, "2026-05-01T10:00+02:00", "holiday"),
    ],
)  # fmt: skip
def test_public_holidays(what: str, values: dict[str, object], moment: str, reason: str | None) -> None:
    at = datetime.fromisoformat(moment).astimezone(UTC)
    found = why_not(desk(**{"keeps_holidays": True, "timezone": "Europe/Berlin"} | values), at)
    assert (found.code if found else None) == reason, what


def test_a_holiday_is_called_by_its_name() -> None:
    found = why_not(desk(country="DE", keeps_holidays=True), datetime(2026, 12, 25, 12, tzinfo=UTC))
    assert found is not None
    assert found.to_dict() == {"code": "holiday", "desk": "Köln", "holiday": "Erster Weihnachtstag"}


@pytest.mark.parametrize(
    ("severity", "answers"),
    [(Severity.LIFE, "de-koln-bk"), (Severity.URGENT, NATIONAL_LINE), (Severity.NORMAL, NATIONAL_LINE)],
)
def test_a_full_desk_still_answers_when_a_life_is_in_danger(severity: Severity, answers: str) -> None:
    request = HelpRequest("accident", severity, "tr", KOLN)
    assert route(request, TAXONOMY, DIRECTORY, {"de-koln-bk": desk(officers=(FULL,))}, NOON).desk_id == answers


def test_who_speaks_the_language_is_alerted_first_and_who_is_not_on_duty_not_at_all() -> None:
    people = (
        Officer(1, "silent about it", reachable=True),
        Officer(2, "off", reachable=True, languages=("ar",), on_duty=False),
        Officer(3, "speaks it", reachable=True, languages=("de", "ar")),
        Officer(4, "speaks another", reachable=True, languages=("de",)),
    )
    full = desk(officers=people)
    assert [officer.id for officer in full.alert_order("ar")] == [3, 1, 4]
    assert [officer.id for officer in full.alert_order("fr")] == [1, 3, 4], "nobody speaks it: as they come"


def test_the_partner_city_answers_when_the_consulate_cannot() -> None:
    partner = desk(id="partner-koln", kind=DeskKind.PARTNER_CITY, country="DE", city="koln", name="Partner")
    request = HelpRequest("suicide_self_harm", Severity.LIFE, "tr", KOLN)
    decision = route(request, TAXONOMY, DIRECTORY, {"partner-koln": partner}, NOON)
    assert decision.desk_id == "partner-koln"
    assert decision.steps[0].candidate.desk_id == "de-koln-bk"
    assert decision.steps[0].passed_over is not None


def test_a_single_municipality_is_everybodys_home_but_of_two_one_must_be_named() -> None:
    home = desk(id="home-a", kind=DeskKind.HOME_CITY, municipality="Kütahya")
    other = desk(id="home-b", kind=DeskKind.HOME_CITY, municipality="Emirdağ")
    request = HelpRequest("property_tax", Severity.NORMAL, "tr", None)
    assert route(request, TAXONOMY, DIRECTORY, {"home-a": home}, NOON).desk_id == "home-a"
    both = {"home-a": home, "home-b": other}
    assert route(request, TAXONOMY, DIRECTORY, both, NOON).desk_id == NATIONAL_LINE
    named = HelpRequest("property_tax", Severity.NORMAL, "tr", None, home_city="emirdag")
    assert route(named, TAXONOMY, DIRECTORY, both, NOON).desk_id == "home-b"


COUNTRIES = sorted({m.country for m in DIRECTORY.missions.values()} | {"AQ", "TV"})
one_place = st.builds(
    Location,
    country=st.sampled_from(COUNTRIES),
    name=st.sampled_from(["", "Köln", "Nowhere"]),
    lat=st.one_of(st.none(), st.floats(-90, 90)),
    lon=st.one_of(st.none(), st.floats(-180, 180)),
)
several = st.lists(one_place, min_size=1, max_size=6).map(tuple)
places = st.one_of(
    st.none(),
    one_place,
    st.builds(Location, country=st.sampled_from(["", "DE", "FR", "AQ"]), others=several),  # one of several
    st.builds(replace, one_place, others=several),  # a border is near
)


@given(
    label=st.sampled_from(TAXONOMY.labels),
    place=places,
    staffed=st.sets(st.sampled_from([*sorted(DIRECTORY.missions)[:40], COORDINATION])),
    at=st.datetimes(timezones=st.just(UTC)),
)
def test_every_chain_ends_at_the_coordinators_and_explains_every_step(
    label: str, place: Location | None, staffed: set[str], at: datetime
) -> None:
    desks = {key: desk(id=key, name=key, hours="mon-fri 09:00-17:00") for key in staffed}
    request = HelpRequest(label, TAXONOMY.severity_of(label), "tr", place)
    decision = route(request, TAXONOMY, DIRECTORY, desks, at)
    assert decision.steps[-1].candidate.desk_id == COORDINATION
    ids = [step.candidate.desk_id for step in decision.steps]
    assert len(ids) == len(set(ids)), "no desk stands in a chain twice"
    answering = [step for step in decision.steps if step.passed_over is None]
    assert decision.desk_id == (answering[0].candidate.desk_id if answering else NATIONAL_LINE)
    assert route(request, TAXONOMY, DIRECTORY, desks, at) == decision, "the same question, the same answer"
    for step in decision.steps:
        for reason in filter(None, (step.candidate.why_here, step.passed_over)):
            assert f"reason.{reason.code}" in ALL_TEXTS, "translated like every text"
            assert "{" not in reason_text(reason.to_dict(), "en")
    again = replay(json.loads(json.dumps(inputs_of(decision))), TAXONOMY, DIRECTORY)
    assert [step_to_dict(step) for step in again.steps] == [step_to_dict(step) for step in decision.steps]
    assert again.desk_id == decision.desk_id


@given(place=places)
def test_a_place_comes_back_from_storage_as_it_was(place: Location | None) -> None:
    assert Location.from_dict(json.loads(json.dumps(place.to_dict() if place else None))) == place


FRANKFURT = tuple(
    Location("DE", name, lat, lon, admin1)
    for name, lat, lon, admin1 in (("Frankfurt am Main", 50.1, 8.7, "DE-HE"), ("Frankfurt (Oder)", 52.3, 14.5, "DE-BB"))
)
VALENCIA = (Location("ES", "Valencia", 39.5, -0.4, "ES-VC"), Location("VE", "Valencia", 10.2, -68.0, "VE-G"))


@pytest.mark.parametrize(
    ("what", "label", "place", "chain"),
    [
        ("a life in danger: each, then the embassy", "medical_emergency", Location("DE", others=FRANKFURT),
         ["de-frankfurt-bk responsible_if", "de-berlin-bk responsible_if", "de-berlin-be embassy_not_consular"]),
        ("otherwise the embassy stands above them", "arrest_detention", Location("DE", others=FRANKFURT),
         ["de-berlin-be higher_level", "de-frankfurt-bk responsible_if", "de-berlin-bk responsible_if"]),
        ("a chain without an embassy gets none", "marriage", Location("DE", others=FRANKFURT),
         ["de-frankfurt-bk responsible_if", "de-berlin-bk responsible_if", "home_city home_city_unknown"]),
        ("two countries: nobody stands above", "arrest_detention", Location("", others=VALENCIA),
         ["es-madrid-be responsible_if", "ve-karakas-be responsible_if", "home_city home_city_unknown"]),
        ("both have one mission", "arrest_detention", Location("DE", others=FRANKFURT[:1] * 2),
         ["de-frankfurt-bk responsible_either", "de-berlin-be embassy_not_consular"]),
        ("none has a mission", "arrest_detention", Location("", others=(Location("AQ"), Location("TV"))),
         ["consulate place_unclear", "embassy no_embassy"]),
        ("a border is near", "arrest_detention",
         replace(KOLN, beside="Frankfurt (Oder) (DE)", others=FRANKFURT[1:]),
         ["de-koln-bk district", "de-berlin-bk across_border", "de-berlin-be embassy_not_consular"]),
    ],
)  # fmt: skip
def test_the_chain_while_it_is_not_clear_which_place_is_meant(
    what: str, label: str, place: Location, chain: list[str]
) -> None:
    request = HelpRequest(label, TAXONOMY.severity_of(label), "tr", place)
    steps = route(request, TAXONOMY, DIRECTORY, {}, NOON).steps
    assert [f"{step.candidate.desk_id} {step.candidate.why_here.code}" for step in steps][: len(chain)] == chain, what


@pytest.mark.parametrize(
    ("what", "places", "names"),
    [
        ("names that differ", FRANKFURT, ("Frankfurt am Main", "Frankfurt (Oder)")),
        ("two countries", VALENCIA, ("Valencia (ES)", "Valencia (VE)")),
        ("namesakes in one country", (Location("US", "Salem", admin1="US-MA"), Location("US", "Salem", admin1="US-OR")),
         ("Salem (US-MA)", "Salem (US-OR)")),
        ("both", (*VALENCIA, Location("VE", "Valencia", admin1="VE-X")),
         ("Valencia (ES)", "Valencia (VE-G)", "Valencia (VE-X)")),
        ("no names", (Location("GE"), Location("US", admin1="US-GA")), ("GE", "US-GA")),
    ],
)  # fmt: skip
def test_places_are_told_apart(what: str, places: tuple[Location, ...], names: tuple[str, ...]) -> None:
    assert labels(places) == names, what
