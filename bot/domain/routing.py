"""From where a citizen stands to the desk that can answer now, with a reason for every choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from bot.domain.desks import COORDINATION, NATIONAL_LINE, Desk, Officer
from bot.domain.directory import Directory, Mission
from bot.domain.hours import HoursError, is_open, parse_hours
from bot.domain.jurisdiction import Jurisdiction, responsible_mission, responsible_missions
from bot.domain.places import Location
from bot.domain.public_holidays import public_holiday
from bot.domain.rosters import zone_of
from bot.domain.spelling import fold
from bot.domain.taxonomy import DeskKind, Severity, Taxonomy


@dataclass(frozen=True)
class Reason:
    """Why a desk was chosen or passed over: a stable code, and the words that fill its sentence."""

    code: str
    args: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for events and JSON."""
        return {"code": self.code, **self.args}


@dataclass(frozen=True)
class Candidate:
    """One step of the chain: which desk, why it stands here, and the desk itself if it is set up."""

    desk_id: str
    kind: DeskKind
    why_here: Reason
    desk: Desk | None


@dataclass(frozen=True)
class Step:
    """One judged candidate. `passed_over` is None for a desk that can answer now."""

    candidate: Candidate
    passed_over: Reason | None


@dataclass(frozen=True)
class HelpRequest:
    """What is known when a case is routed."""

    label: str
    severity: Severity
    language: str
    location: Location | None
    home_city: str = ""


@dataclass(frozen=True)
class Decision:
    """The whole chain with reasons, the mission responsible for the place, and who can answer now."""

    steps: tuple[Step, ...]
    jurisdiction: Jurisdiction
    request: HelpRequest | None = None  # what was known, and when: `route` adds both
    at: datetime | None = None
    kinds: tuple[str, ...] = ()  # the rules of the chain: what stood for the label, and what stood behind which desk
    next_desks: Mapping[str, str] = field(default_factory=dict)

    @property
    def desk(self) -> Desk | None:
        """The first desk that can answer now; None when only the national line is left."""
        return next((step.candidate.desk for step in self.steps if not step.passed_over), None)

    @property
    def desk_id(self) -> str:
        """Who can answer now."""
        return self.desk.id if self.desk else NATIONAL_LINE


def _because(code: str, **args: str) -> Reason:
    return Reason(code, args)


def why_not(desk: Desk | None, now: datetime, severity: Severity = Severity.NORMAL) -> Reason | None:
    """The reason this desk cannot answer now, or None if it can."""
    if desk is None:
        return _because("not_set_up")
    if not desk.active:
        return _because("switched_off", desk=desk.name)
    if not desk.officers:
        return _because("nobody_assigned", desk=desk.name)
    # First what holds at any hour, then the hour, then whose turn it is: the reason names what could be mended.
    return _nobody_of(desk.officers, desk) or closed(desk, now) or _nobody_on_duty(desk, severity)


def _nobody_of(officers: Iterable[Officer], desk: Desk) -> Reason | None:
    reachable = [officer for officer in officers if officer.reachable]
    if not reachable:
        return _because("nobody_reachable", desk=desk.name)
    if not any(officer.available for officer in reachable):
        return _because("everybody_away", desk=desk.name)
    return None


def _nobody_on_duty(desk: Desk, severity: Severity) -> Reason | None:
    on_duty = [officer for officer in desk.officers if officer.on_duty]
    if not on_duty:
        return _because("nobody_on_duty", desk=desk.name)
    nobody = _nobody_of(on_duty, desk)
    # A life is never too much work, and behind the coordinators there is nobody.
    if nobody or severity is Severity.LIFE or desk.kind is DeskKind.COORDINATION:
        return nobody
    full = all(officer.full for officer in on_duty if officer.reachable and officer.available)
    return _because("everybody_full", desk=desk.name) if full else None


def closed(desk: Desk, now: datetime) -> Reason | None:
    """Whether the desk is closed now: a public holiday that it keeps, or its hours. All by its own wall clock."""
    holiday = public_holiday(desk.country, now.astimezone(zone_of(desk.timezone)).date()) if desk.keeps_holidays else ""
    if holiday:
        return _because("holiday", desk=desk.name, holiday=holiday)
    return None if _is_open(desk, now) else _because("closed_now", desk=desk.name)


def _is_open(desk: Desk, now: datetime) -> bool:
    """Hours that nobody can read must not turn people away."""
    try:
        return is_open(parse_hours(desk.hours), desk.timezone, now)
    except (HoursError, ZoneInfoNotFoundError):
        return True


def candidates(
    request: HelpRequest,
    taxonomy: Taxonomy,
    directory: Directory,
    desks: Mapping[str, Desk],
    jurisdiction: Jurisdiction,
) -> tuple[Candidate, ...]:
    """The ordered desks for this request: the taxonomy's kinds, then the coordinators."""
    chain: list[Candidate] = []
    kinds = taxonomy.desks_for(request.label)
    for kind in kinds:
        if kind is DeskKind.CONSULATE:
            found = _consulates(jurisdiction, request, directory, desks, DeskKind.EMBASSY in kinds)
        elif kind is DeskKind.EMBASSY:
            found = _embassies(request.location, directory, desks)
        elif kind is DeskKind.PARTNER_CITY:
            found = _partner_cities(request, desks)
        elif kind is DeskKind.HOME_CITY:
            found = [_home_city(request, desks)]
        else:
            found = [_named(kind, _because("own_rule"), directory, desks)]
        for first in found:
            for one in (first, *_behind(first, taxonomy.next_desks, directory, desks)):
                if one.desk_id not in {step.desk_id for step in chain}:
                    chain.append(one)
    coordination = desks.get(COORDINATION)
    chain.append(Candidate(COORDINATION, DeskKind.COORDINATION, _because("last_desk"), coordination))
    return tuple(chain)


def _named(desk_id: str, why: Reason, directory: Directory, desks: Mapping[str, Desk]) -> Candidate:
    """One certain desk, because a rule of this installation names it."""
    desk, mission = desks.get(desk_id), directory.missions.get(desk_id)
    kind = DeskKind.HOME_CITY if mission is None else DeskKind.CONSULATE
    if mission is not None and mission.kind == "embassy":
        kind = DeskKind.EMBASSY
    return Candidate(desk_id, desk.kind if desk else kind, why, desk)


def _behind(
    found: Candidate, next_desks: Mapping[str, str], directory: Directory, desks: Mapping[str, Desk]
) -> list[Candidate]:
    """The desks that a rule puts behind this one; a loop that somebody wrote by hand ends where it began."""
    behind, last, seen = [], found.desk_id, {found.desk_id}
    while last in next_desks and next_desks[last] not in seen:
        why = _because("next_desk", before=desks[last].name or last if last in desks else last)
        last = next_desks[last]
        seen.add(last)
        behind.append(_named(last, why, directory, desks))
    return behind


def _consulates(
    found: Jurisdiction, request: HelpRequest, directory: Directory, desks: Mapping[str, Desk], embassy_too: bool
) -> list[Candidate]:
    """The responsible mission, or all that may be: while the place is unclear the embassy stands above them.

    Not with a life in danger: nobody has the time to pass it down, so each of them hears of it.
    """
    location = request.location
    if location is None or not location.others:
        return [_consulate(found, desks)]
    each = [_consulate(one, desks) for one in responsible_missions(directory, location)]
    embassy = _embassy_in(directory, location.country) if location.unclear and embassy_too else None
    if embassy is None or len(each) == 1 or request.severity is Severity.LIFE:
        return each
    why = _because("higher_level", country=location.country)
    return [Candidate(embassy.id, DeskKind.EMBASSY, why, desks.get(embassy.id)), *each]


def _consulate(jurisdiction: Jurisdiction, desks: Mapping[str, Desk]) -> Candidate:
    mission = jurisdiction.mission
    why = Reason(jurisdiction.rule, jurisdiction.args)
    if mission is None:
        return Candidate("consulate", DeskKind.CONSULATE, why, None)
    return Candidate(mission.id, DeskKind.CONSULATE, why, desks.get(mission.id))


def _embassies(location: Location | None, directory: Directory, desks: Mapping[str, Desk]) -> list[Candidate]:
    """The embassy of the country; of an ambiguous name that of each country it may be in."""
    countries = location.countries if location and location.unclear else (location.country if location else "",)
    return [_embassy(country, directory, desks) for country in countries]


def _embassy(country: str, directory: Directory, desks: Mapping[str, Desk]) -> Candidate:
    embassy = _embassy_in(directory, country)
    if embassy is None:
        why = _because("no_embassy", country=country) if country else _because("place_unknown")
        return Candidate("embassy", DeskKind.EMBASSY, why, None)
    code = "embassy_of_country" if embassy.consular_services != "no" else "embassy_not_consular"
    why = _because(code, city=embassy.city, country=country)
    return Candidate(embassy.id, DeskKind.EMBASSY, why, desks.get(embassy.id))


def _embassy_in(directory: Directory, country: str) -> Mission | None:
    return directory.embassies.get(country)


def _partner_cities(request: HelpRequest, desks: Mapping[str, Desk]) -> list[Candidate]:
    """The partner city's desk; of an ambiguous name those that are set up, or that none is."""
    if request.location is None or not request.location.unclear:
        return [_partner_city(request.location, desks)]
    each = [_partner_city(place, desks) for place in request.location.others]
    return [one for one in each if one.desk] or [_partner_city(None, desks)]


def _partner_city(location: Location | None, desks: Mapping[str, Desk]) -> Candidate:
    if location is None or not location.name:
        return Candidate("partner_city", DeskKind.PARTNER_CITY, _because("place_unknown"), None)
    desk = next(
        (
            desk
            for desk in desks.values()
            if desk.kind is DeskKind.PARTNER_CITY
            and desk.country == location.country
            and fold(desk.city) == fold(location.name)
        ),
        None,
    )
    why = _because("partner_city_here", city=location.name)
    return Candidate(desk.id if desk else "partner_city", DeskKind.PARTNER_CITY, why, desk)


def _home_city(request: HelpRequest, desks: Mapping[str, Desk]) -> Candidate:
    homes = [desk for desk in desks.values() if desk.kind is DeskKind.HOME_CITY]
    if request.home_city:
        why = _because("home_city_named", city=request.home_city)
        wanted = fold(request.home_city)
        desk = next((d for d in homes if fold(d.municipality or d.city) == wanted), None)
    else:
        # One municipality alone runs most installations: then it is everybody's home desk.
        why = _because("home_city_only") if len(homes) == 1 else _because("home_city_unknown")
        desk = homes[0] if len(homes) == 1 else None
    return Candidate(desk.id if desk else "home_city", DeskKind.HOME_CITY, why, desk)


def decide(
    chain: Iterable[Candidate], jurisdiction: Jurisdiction, now: datetime, severity: Severity = Severity.NORMAL
) -> Decision:
    """Judge every desk of the chain at `now`; the order of the chain is the fallback order."""
    steps = tuple(Step(candidate, why_not(candidate.desk, now, severity)) for candidate in chain)
    return Decision(steps, jurisdiction)


def route(
    request: HelpRequest,
    taxonomy: Taxonomy,
    directory: Directory,
    desks: Mapping[str, Desk],
    now: datetime,
) -> Decision:
    """Jurisdiction, chain and decision in one call: a pure function of (what is known, now)."""
    jurisdiction = responsible_mission(directory, request.location)
    chain = candidates(request, taxonomy, directory, desks, jurisdiction)
    decision = decide(chain, jurisdiction, now, request.severity)
    kinds = taxonomy.desks_for(request.label)
    return replace(decision, request=request, at=now, kinds=kinds, next_desks=taxonomy.next_desks)
