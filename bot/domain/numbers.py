"""Which phone numbers a person sees first. Only sourced or confirmed numbers ever come out of here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.domain.directory import Directory, Helpline
from bot.domain.taxonomy import Taxonomy

# When a country has no special line for the need, these come instead, best first.
NEXT_BEST = {
    "ambulance": ("ambulance", "emergency"),
    "police": ("police", "emergency"),
    "fire": ("fire", "emergency"),
    "emergency": ("emergency", "police", "ambulance"),
    "suicide_prevention": ("suicide_prevention", "emotional_support", "emergency"),
    "domestic_violence": ("domestic_violence", "victim_support", "emergency"),
    "child_helpline": ("child_helpline", "missing_children", "emergency"),
}
# Beside a special line stands the number that sends somebody at once, best first.
ALSO = {
    "suicide_prevention": ("emergency", "ambulance"),
    "domestic_violence": ("police", "emergency"),
    "child_helpline": ("police", "emergency"),
    "fire": ("emergency",),
}
CALL_CENTRE = "consular_call_centre"
MOST_COUNTRIES = 3  # whose numbers stand on one card


def lines_for(directory: Directory, country: str | None, service: str) -> tuple[Helpline, ...]:
    """The country's own lines for a service, else the EU-wide reserved one, else nothing."""
    if country is None:
        return ()
    own = tuple(line for line in directory.helplines_by_country.get(country, ()) if line.service == service)
    if own or country not in directory.eu_members:
        return own
    shared = directory.helplines_by_country.get("EU", ())
    return tuple(line for line in shared if line.service == service)


def call_centre(directory: Directory, country: str | None) -> tuple[Helpline, ...]:
    """The consular call centre: the local access number where one is known, then the main one."""
    local = lines_for(directory, country, CALL_CENTRE)
    main = tuple(line for line in directory.helplines_by_country.get("*", ()) if line.service == CALL_CENTRE)
    return local + main


def european_emergency(directory: Directory) -> tuple[Helpline, ...]:
    """The one emergency number that every EU member's sourced row agrees on, if there is one."""
    general = [
        line for country in sorted(directory.eu_members) for line in lines_for(directory, country, "emergency")[:1]
    ]
    if len({line.number for line in general}) != 1:
        return ()
    return (Helpline("EU", "emergency", general[0].number, general[0].name, general[0].hours),)


def _first_found(directory: Directory, country: str | None, services: tuple[str, ...]) -> tuple[Helpline, ...]:
    for service in services:
        lines = lines_for(directory, country, service)
        if lines:
            return lines
    return ()


def first_numbers(directory: Directory, taxonomy: Taxonomy, label: str, country: str | None) -> tuple[Helpline, ...]:
    """The numbers of the emergency card, most useful first, without repeats of one number."""
    kind = taxonomy.crisis.get(label)
    chosen: list[Helpline] = []
    if kind:
        need = kind.local_emergency
        chosen += _first_found(directory, country, NEXT_BEST.get(need, (need, "emergency")))[:2]
        chosen += _first_found(directory, country, ALSO.get(need, ()))[:1]
        if label in ("missing_person", "child_taken"):
            chosen += lines_for(directory, country, "missing_children")[:1]
        if not chosen:
            chosen += european_emergency(directory)
    chosen += call_centre(directory, country)[:2]
    return _once(chosen)


def numbers_of_several(
    directory: Directory, taxonomy: Taxonomy, label: str, country: str | None, also: Sequence[str]
) -> tuple[Helpline, ...]:
    """The card's numbers where it may be `also` other countries: own ones, then the first of each, then call centres.

    With more than three countries in doubt a list is no help in an emergency: as without a country.
    """
    here = first_numbers(directory, taxonomy, label, country)
    if not also or len(also) + bool(country) > MOST_COUNTRIES:
        return here
    own = [line for line in here if country and line.service != CALL_CENTRE]
    for other in also:
        own += numbers_known_of(directory, taxonomy, label, other)[:2]
    if not own:
        return here
    return _once([*own, *(line for line in here if line.service == CALL_CENTRE)], by_country=country is None)


def numbers_known_of(directory: Directory, taxonomy: Taxonomy, label: str, country: str) -> list[Helpline]:
    """A country's numbers on the card; none if nobody knows them: then the European number is no answer."""
    lines = first_numbers(directory, taxonomy, label, country)
    known = [line for line in lines if line.country == country or country in directory.eu_members]
    return [replace(line, country=country) for line in known if line.service != CALL_CENTRE]


def _once(chosen: Iterable[Helpline], *, by_country: bool = False) -> tuple[Helpline, ...]:
    """Without repeats of one number; `by_country`: a number that holds in two countries stands for each."""
    seen: set[tuple[str, str]] = set()
    unique: list[Helpline] = []
    for line in chosen:
        dialled = line.number.replace(" ", ""), line.country if by_country else ""
        if dialled not in seen:
            seen.add(dialled)
            unique.append(line)
    return tuple(unique)
