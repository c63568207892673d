"""Which reports are one event, and when a desk is paged for it: a labelled table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents import (
    GROWTH,
    SHARED,
    Incident,
    LastPage,
    Report,
    begins_with,
    choose,
    still_belongs,
    why_page,
)
from bot.domain.places import Location

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KOLN = Location("DE", "Köln", 50.94, 6.96)
BONN = Location("DE", "Bonn", 50.73, 7.10)  # 25 km from Köln
BERLIN = Location("DE", "Berlin", 52.52, 13.40)
LILLE, TOURNAI = Location("FR", "Lille", 50.63, 3.06), Location("BE", "Tournai", 50.61, 3.39)  # 23 km, a border
GERMANY, UKRAINE = Location("DE"), Location("UA")
KYIV, LVIV = Location("UA", "Kyiv", 50.45, 30.52), Location("UA", "Lviv", 49.84, 24.03)
NAMED_ONLY = Location("DE", "Köln")
NEUSTADT_1, NEUSTADT_2 = Location("DE", "Neustadt", 49.35, 8.14), Location("DE", "Neustadt", 52.50, 9.46)
EVERY_KIND = ("medical_emergency", "suicide_self_harm", "violence_domestic", "human_trafficking", "missing_person",
              "child_taken", "arrest_detention", "deportation_border", "death_abroad", "passport_lost_travel",
              "hate_crime_threat", "passport_renewal", "ask_human")  # fmt: skip


def report(kind: str, place: Location | None, hours: float = 0, person: int = 2, **flags: bool) -> Report:
    return Report(person, kind, place, NOW - timedelta(hours=hours), person, **flags)


def incident(
    kind: str, place: Location, hours: float = 0, since: float = 0, number: int = 1, **flags: bool
) -> Incident:
    at, began = NOW - timedelta(hours=hours), NOW - timedelta(hours=max(since, hours))
    return Incident(number, kind, place, began, at, **flags)


BEGINS = {
    "two fires in one city within hours are one event": ("fire_or_disaster", KOLN, "fire_or_disaster", KOLN, 5, True),
    "a town 25 km away felt the same earthquake": ("fire_or_disaster", BONN, "fire_or_disaster", KOLN, 0, True),
    "seven hours later it is another fire": ("fire_or_disaster", KOLN, "fire_or_disaster", KOLN, 7, False),
    "another city is another fire": ("fire_or_disaster", BERLIN, "fire_or_disaster", KOLN, 0, False),
    "across a border it is another country's": ("fire_or_disaster", TOURNAI, "fire_or_disaster", LILLE, 0, False),
    "two coaches crash in one city at once": ("accident", KOLN, "accident", KOLN, 1, True),
    "an accident in the morning and one at noon": ("accident", KOLN, "accident", KOLN, 3, False),
    "an accident does not make a fire an event": ("accident", KOLN, "fire_or_disaster", KOLN, 0, False),
    "an airport is closed": ("stranded_no_money", KOLN, "stranded_no_money", KOLN, 3, True),
    "a war is as wide as the country": ("war_evacuation", LVIV, "war_evacuation", KYIV, 3, True),
    "a war, and nobody has named a city": ("war_evacuation", UKRAINE, "war_evacuation", UKRAINE, 0, True),
    "two fires somewhere in Germany": ("fire_or_disaster", GERMANY, "fire_or_disaster", GERMANY, 0, False),
    "one place has only a name": ("fire_or_disaster", NAMED_ONLY, "fire_or_disaster", KOLN, 0, True),
    "two towns of one name": ("fire_or_disaster", NEUSTADT_1, "fire_or_disaster", NEUSTADT_2, 0, False),
    "nobody knows where": ("fire_or_disaster", None, "fire_or_disaster", KOLN, 0, False),
    "nobody knows where the first one was": ("fire_or_disaster", KOLN, "fire_or_disaster", None, 0, False),
}


@pytest.mark.parametrize("label", BEGINS)
def test_two_reports_begin_an_incident(label: str) -> None:
    kind, place, other_kind, other_place, hours, expected = BEGINS[label]
    other = report(other_kind, other_place, hours, person=1)
    assert begins_with(report(kind, place), [other], NOW) == ([other] if expected else [])


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_what_happens_to_one_person_is_never_an_incident(kind: str) -> None:
    assert kind not in SHARED
    assert begins_with(report(kind, KOLN), [report(kind, KOLN, person=1)], NOW) == []
    assert choose(report(kind, KOLN), [incident(shared, KOLN) for shared in SHARED], NOW) is None


def test_one_person_who_writes_twice_is_no_incident() -> None:
    again = report("fire_or_disaster", KOLN, person=2)
    assert begins_with(again, [report("fire_or_disaster", KOLN, 1, person=2)], NOW) == []


@pytest.mark.parametrize("flag", ["drill", "demo"])
def test_drills_and_demos_stay_among_themselves(flag: str) -> None:
    real, other = report("fire_or_disaster", KOLN), report("fire_or_disaster", KOLN, person=1, **{flag: True})
    like = report("fire_or_disaster", KOLN, person=3, **{flag: True})
    assert begins_with(real, [other], NOW) == []
    assert begins_with(like, [other], NOW) == [other]
    assert choose(real, [incident("fire_or_disaster", KOLN, **{flag: True})], NOW) is None
    assert choose(other, [incident("fire_or_disaster", KOLN)], NOW) is None
    assert choose(other, [incident("fire_or_disaster", KOLN, **{flag: True})], NOW) is not None


FIRE_HERE = incident("fire_or_disaster", KOLN, number=1)
JOINS = {
    "the same kind and city": (("fire_or_disaster", KOLN), [FIRE_HERE], 1),
    "an earthquake also hurts people outdoors": (("accident", KOLN), [FIRE_HERE], 1),
    "a robbery is not the earthquake": (("violence_attack", KOLN), [FIRE_HERE], None),
    "its own kind before a wider one": (("accident", KOLN), [FIRE_HERE, incident("accident", KOLN, number=2)], 2),
    "the nearer of two": (("fire_or_disaster", BONN), [FIRE_HERE, incident("fire_or_disaster", BONN, number=2)], 2),
    "another city": (("fire_or_disaster", BERLIN), [FIRE_HERE], None),
    "only the country, and there is one": (("fire_or_disaster", GERMANY), [FIRE_HERE], 1),
    "only the country, and there are two": (
        ("fire_or_disaster", GERMANY),
        [FIRE_HERE, incident("fire_or_disaster", BERLIN, number=2)],
        None,
    ),
    "another country": (("fire_or_disaster", UKRAINE), [FIRE_HERE], None),
    "silent for six hours": (("fire_or_disaster", KOLN), [incident("fire_or_disaster", KOLN, 6.1)], None),
    "reports for two days": (("fire_or_disaster", KOLN), [incident("fire_or_disaster", KOLN, 1, since=49)], None),
    "reports since yesterday": (("fire_or_disaster", KOLN), [incident("fire_or_disaster", KOLN, 1, since=30)], 1),
    "a war reaches every city": (("war_evacuation", LVIV), [incident("war_evacuation", KYIV)], 1),
    "nobody knows where": (("fire_or_disaster", None), [FIRE_HERE], None),
}


@pytest.mark.parametrize("label", JOINS)
def test_a_report_joins_an_open_incident(label: str) -> None:
    (kind, place), incidents, expected = JOINS[label]
    found = choose(report(kind, place), incidents, NOW)
    assert (found.id if found else None) == expected


def test_whoever_turns_out_to_be_elsewhere_does_not_belong() -> None:
    assert still_belongs(report("fire_or_disaster", BONN), FIRE_HERE)
    assert not still_belongs(report("fire_or_disaster", BERLIN), FIRE_HERE)
    assert not still_belongs(report("violence_domestic", KOLN), FIRE_HERE)


TWO, QUARTER = timedelta(minutes=2), timedelta(minutes=15)
PAGES = {
    "the desk has not heard of it yet": (None, 0, 1, TWO, "first"),
    "it was paged a minute ago": ((1, 0, 1), 0, 4, TWO, None),
    "its interval is over": ((2, 0, 1), 0, 4, TWO, "interval"),
    "an urgent case waits longer than one of life": ((3, 1, 1), 1, 4, QUARTER, None),
    "a worse case than it was paged for": ((1, 1, 1), 0, 4, TWO, "worse"),
    "a less severe one": ((1, 0, 1), 1, 4, QUARTER, None),
    "the fifth person": ((1, 0, 4), 0, 5, TWO, "growth"),
    "the sixth": ((1, 0, 5), 0, 6, TWO, None),
    "many at once pass one line": ((1, 0, 1), 0, 40, TWO, "growth"),
    "no clock that counts minutes": ((1, 2, 1), 2, 3, None, "interval"),
}


@pytest.mark.parametrize("label", PAGES)
def test_a_desk_is_paged_for_an_incident(label: str) -> None:
    last, rank, people, interval, expected = PAGES[label]
    page = LastPage(NOW - timedelta(minutes=last[0]), last[1], last[2]) if last else None
    assert why_page(page, rank, people, interval, NOW) == expected


@given(st.lists(st.tuples(st.floats(0, 400), st.integers(0, 1)), max_size=300))
def test_whatever_comes_no_case_waits_longer_for_a_page_than_alone_and_pages_stay_few(
    arrivals: list[tuple[float, int]],
) -> None:
    intervals = (TWO, QUARTER)  # of rank 0 and 1
    now, last, pages = NOW, None, 0
    for people, (seconds, rank) in enumerate(arrivals, start=1):
        now += timedelta(seconds=seconds)
        if why_page(last, rank, people, intervals[rank], now) is not None:
            last, pages = LastPage(now, rank, people), pages + 1
        assert now - last.at < intervals[rank], "somebody was paged within this case's interval"
    rounds = (now - NOW) / TWO + 1
    assert pages <= 2 * (rounds + len([step for step in GROWTH if step <= len(arrivals)]) + 1)


def test_a_thousand_cases_that_all_escalate_are_a_handful_of_pages() -> None:
    chain = ("consulate", "embassy", *["coordination"] * 8)  # nobody accepts: each case goes on every two minutes
    moments = sorted(
        (NOW + timedelta(seconds=0.2 * number) + step * TWO, desk, number)
        for number in range(1_000)
        for step, desk in enumerate(chain)
    )
    last: dict[str, LastPage] = {}
    pages, seen = 0, set[int]()
    for at, desk, number in moments:
        seen.add(number)
        if why_page(last.get(desk), 0, len(seen), TWO, at) is not None:
            last[desk], pages = LastPage(at, 0, len(seen)), pages + 1
        assert at - last[desk].at < TWO, "every single case has a page to its desk within its interval"
    rounds = (moments[-1][0] - NOW) / TWO + 1
    assert pages <= rounds * 2 + len(GROWTH), "10,000 alerts"
