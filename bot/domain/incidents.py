"""When several cries for help are about one event, and when a desk must be paged for it again.

Grouping saves officers from a hundred pages; it never swallows anybody: each person keeps their own case, card,
conversation, clock and owner.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.places import Location, distance_km


@dataclass(frozen=True)
class Shared:
    """How far one event of a kind reaches, and how long after the newest report another one may still be about it."""

    km: float | None  # None: the whole country
    quiet: timedelta
    also: frozenset[str] = frozenset()  # kinds that join an open incident of this one, but never begin it


# The kinds that strike many people at once. Every other kind is one person's, however many there are: what happens
# in a home, at the police or in a hospital, a missing person, a death, an arrest, a stop at the border. Two people
# who think of suicide in one city are never "an incident".
SHARED: dict[str, Shared] = {
    # an earthquake or a flood: those it hurt outdoors often write of an accident
    "fire_or_disaster": Shared(30.0, timedelta(hours=6), frozenset({"accident"})),
    "war_evacuation": Shared(None, timedelta(hours=6)),  # a war is as wide as the country
    "stranded_no_money": Shared(30.0, timedelta(hours=6)),  # an airport is closed
    # a coach crash, an attack on a crowd: near and soon, for in a big city both also happen one by one
    "violence_attack": Shared(10.0, timedelta(hours=2)),
    "accident": Shared(10.0, timedelta(hours=2)),
}
LONGEST = timedelta(hours=48)  # after its first report an incident takes no new ones: what comes now is something else
GROWTH = (5, 25, 100, 500, 2_500, 10_000, 50_000)  # people: passing one of these pages a desk once more


@dataclass(frozen=True)
class Report:
    """One case as grouping sees it. `person` is its conversation: nobody makes an incident alone."""

    id: int
    kind: str
    location: Location | None
    at: datetime
    person: int
    drill: bool = False
    demo: bool = False


@dataclass(frozen=True)
class Incident:
    """An open incident: where its first report with a place came from, and when its first and newest came."""

    id: int
    kind: str
    location: Location
    opened_at: datetime
    last_at: datetime
    drill: bool = False
    demo: bool = False


def may_be_shared(report: Report) -> bool:
    """Whether a case is of a kind that several people report, from a country we know."""
    return report.location is not None and bool(report.location.country) and report.kind in SHARED


def kinds_that_take(kind: str) -> tuple[str, ...]:
    """The kinds of incident that a case of this kind may join; its own first."""
    return (*(own for own in SHARED if own == kind), *(own for own, shared in SHARED.items() if kind in shared.also))


def still_belongs(report: Report, incident: Incident) -> bool:
    """Whether kind and place fit, whatever the time. A report without a place fits everywhere in its country."""
    if report.location is None or incident.kind not in kinds_that_take(report.kind):
        return False
    if (report.drill, report.demo) != (incident.drill, incident.demo):
        return False  # an exercise never mixes with real people
    if report.location.country != incident.location.country:
        return False
    return _names_only_the_country(report.location) or _near(SHARED[incident.kind], incident.location, report.location)


def choose(report: Report, incidents: Iterable[Incident], now: datetime) -> Incident | None:
    """The open incident that a report belongs to: own kind before a wider one, then the nearest, then the newest.

    Who names only a country joins if there is no choice: of two incidents there it could be either.
    """
    if not may_be_shared(report) or report.location is None:
        return None
    fitting = [one for one in incidents if _lasts(one, now) and still_belongs(report, one)]
    anywhere = [one for one in fitting if SHARED[one.kind].km is None]
    if _names_only_the_country(report.location) and not anywhere:
        return fitting[0] if len(fitting) == 1 else None
    place, order = report.location, kinds_that_take(report.kind)
    return min(
        fitting,
        key=lambda one: (order.index(one.kind), _kilometres(one.location, place), -one.last_at.timestamp(), one.id),
        default=None,
    )


def begins_with(report: Report, others: Iterable[Report], now: datetime) -> list[Report]:
    """The earlier cases, in no incident yet, that together with this one are an incident; oldest first.

    One report is a case; the second of the same kind, place and time, from another person, makes an incident.
    """
    if not may_be_shared(report) or report.location is None:
        return []
    shared = SHARED[report.kind]
    return sorted(
        (
            other
            for other in others
            if other.kind == report.kind
            and other.person != report.person
            and (other.drill, other.demo) == (report.drill, report.demo)
            and now - other.at <= shared.quiet
            and other.location is not None
            and other.location.country == report.location.country
            and _near(shared, other.location, report.location)
        ),
        key=lambda other: (other.at, other.id),
    )


def _lasts(incident: Incident, now: datetime) -> bool:
    return now - incident.last_at <= SHARED[incident.kind].quiet and now - incident.opened_at <= LONGEST


def _names_only_the_country(location: Location) -> bool:
    return not location.name and location.lat is None


def _near(shared: Shared, here: Location, there: Location) -> bool:
    """Within reach; the name decides only where a place has no degrees: there are many a Neustadt."""
    if shared.km is None:
        return True
    if None not in (here.lat, here.lon, there.lat, there.lon):
        return _kilometres(here, there) <= shared.km
    return bool(here.name) and here.name.casefold() == there.name.casefold()


def _kilometres(here: Location, there: Location) -> float:
    """0 where one of them has no degrees."""
    if here.lat is None or here.lon is None or there.lat is None or there.lon is None:
        return 0.0
    return distance_km(here.lat, here.lon, there.lat, there.lon)


# --- paging ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class LastPage:
    """The newest page that left to a desk because of an incident: when, how severe, and how many people there were."""

    at: datetime
    severity_rank: int  # 0 is the worst
    people: int


WAITING_CASES = ""  # the sort of page that speaks for cases nobody has taken


def sort_of_page(again: str) -> str | None:
    """What an alert's occasion speaks of: only pages of one sort are joined. None: of one person alone, never joined.

    That new people write says nothing of an owner who is silent or has gone home.
    """
    word = again.partition(":")[0]
    return None if word == "cry" else word if word in ("silent", "shift") else WAITING_CASES


def why_page(
    last: LastPage | None, severity_rank: int, people: int, interval: timedelta | None, now: datetime
) -> str | None:
    """Why a desk must be paged for another case of an incident; None: it was paged for the others just now.

    `interval` is the case's own escalation interval: no case waits longer for a page than it would alone.
    """
    if last is None:
        return "first"
    if interval is None or now - last.at >= interval:
        return "interval"
    if severity_rank < last.severity_rank:
        return "worse"
    return "growth" if any(last.people < step <= people for step in GROWTH) else None
