"""Where a citizen is or may be. While it is not clear, every desk that may be responsible hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.cases import EventKind
from bot.domain.places import Location, labels
from bot.domain.routing import Decision
from bot.domain.spelling import fold
from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import country_name, text
from bot.services.alerts import alert_if_possible
from bot.services.ports import Ports
from bot.services.replies import MAX_BUTTONS, Button, Reply
from bot.services.routing import shared_location, shared_position
from bot.services.turn import Turn
from bot.storage.tables import CaseRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork

UNCLEAR = "unclear"  # the occasion of the alert to those who may be responsible as well
MOST_AT_ONCE = 3  # desks; the others come in their turn


def which_place(supposed: Location, language: str) -> Reply:
    """'Which one do you mean?', with the places as buttons."""
    options = [
        Button(f"{place.name}, {country_name(place.country, language)}" if place.name else label, label)
        if len(supposed.countries) > 1
        else Button(label, label)
        for place, label in zip(supposed.others, labels(supposed.others), strict=True)
    ]
    return Reply(text("ask.place_which", language), tuple(options[:MAX_BUTTONS]))


def chosen(supposed: Location, *words: str) -> Location | None:
    """The place that somebody has pressed or typed as `which_place` calls it."""
    said = {fold(word) for word in words if word}
    named = zip(supposed.others, labels(supposed.others), strict=True)
    return next((place for place, label in named if fold(label) in said), None) if supposed.unclear else None


def may_be_responsible(decision: Decision) -> list[str]:
    """The desks that can answer now and are responsible for one of the places it may be; the likeliest first."""
    return [
        step.candidate.desk_id
        for step in decision.steps
        if step.passed_over is None and step.candidate.why_here.code == "responsible_if"
    ][:MOST_AT_ONCE]


def alert_all(uow: UnitOfWork, ports: Ports, case: CaseRow, decision: Decision, now: datetime, again: str = "") -> None:
    """With a life in danger nobody waits for the answer: page each of them, besides the desk that has the case."""
    if case.severity != Severity.LIFE:
        return
    paged = _paged(uow, case)
    for desk_id in may_be_responsible(decision):
        if desk_id != case.desk_id and (again or desk_id not in paged):
            alert_if_possible(uow, ports, case, desk_id, now, again=f"{UNCLEAR}:{again}" if again else UNCLEAR)


def knows_already(uow: UnitOfWork, case: CaseRow) -> bool:
    """Whether the desk that a case was just routed to was paged while it was unclear, and nobody else had it since."""
    events = uow.cases.events(case.id)
    unclear = [event.seq for event in events if event.kind == EventKind.ALERTED and _is_unclear(event.data)]
    if not unclear:
        return False
    since = [event.kind for event in events if event.seq > unclear[-1]]
    moved = {EventKind.MOVED_ON, EventKind.COORDINATORS_ALARMED, EventKind.TRANSFERRED} & {*since}
    return case.desk_id in _paged(uow, case) and not moved and since.count(EventKind.ROUTED) == 1


def desk_of(uow: UnitOfWork, case: CaseRow, staff: StaffRow) -> str:
    """The desk that a person takes a case for: the one that has it, else one of theirs that was alerted."""
    mine = uow.desks.of_staff(staff.id)
    alerted = (event.data["desk"] for event in uow.cases.events(case.id) if event.kind == EventKind.ALERTED)
    return next((desk_id for desk_id in (case.desk_id, *alerted) if desk_id in mine), case.desk_id)


def _is_unclear(data: Mapping[str, Any]) -> bool:
    return str(data.get("again") or "").startswith(UNCLEAR)


def _paged(uow: UnitOfWork, case: CaseRow) -> set[str]:
    """The desks that were paged while the place was unclear, or first of all."""
    alerts = (event.data for event in uow.cases.events(case.id) if event.kind == EventKind.ALERTED)
    return {data["desk"] for data in alerts if not data.get("again") or _is_unclear(data)}


def alerted_desks(case: CaseRow, decision: Decision) -> list[str]:
    """Who was told of a new case, to say so to the citizen."""
    others = may_be_responsible(decision) if case.severity == Severity.LIFE else []
    return list(dict.fromkeys([case.desk_id, *others]))


def note_place(turn: Turn) -> None:
    """Remember where the citizen is. A city in Türkiye is a home town more often than a whereabouts."""
    if turn.incoming.lat is not None and turn.incoming.lon is not None:
        gazetteer, directory = turn.ports.understander.gazetteer, turn.ports.knowledge.directory
        location = shared_position(gazetteer, directory, turn.incoming.lat, turn.incoming.lon, turn.country)
        if location is not None:
            turn.conversation.location = location.to_dict()
        return
    pressed = chosen(turn.supposed, turn.incoming.payload, turn.incoming.text) if turn.supposed else None
    if pressed is not None:
        turn.conversation.location = pressed.to_dict()
        return
    mention = turn.understanding.place
    if mention is None or turn.incoming.payload:
        return
    location_now = shared_location(mention)
    if location_now is None:
        return
    known = turn.location
    if "TR" in location_now.countries and turn.understanding.crisis != "certain":
        return
    if known and not location_now.country:
        return  # at least the country was known
    settled = known is not None and (known.name or known.lat is not None or not location_now.others)
    if not location_now.name and known and known.country == location_now.country and settled:
        return  # the country again: we know more already
    turn.conversation.location = location_now.to_dict()
