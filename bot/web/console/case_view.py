"""One case as its page shows it: plain values, in the reader's language and the desk's time zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.cases import EventKind
from bot.services.alert_ways import kind_name
from bot.services.routing import desk_name, explain, mission_name
from bot.services.where import map_link, place_of, timezone_of
from bot.storage.tables import CaseEventRow, CaseRow, MessageRow, OutboxRow
from bot.storage.unit_of_work import UnitOfWork
from bot.web.console.alert_lines import DeliveryLine, delivery_lines, failure_words
from bot.web.console.pages import View
from bot.web.console.queue import fingerprint

NEWEST_CHARACTERS = 40_000  # of the conversation on one page; older messages behind a link


@dataclass(frozen=True)
class Line:
    """One entry of the timeline."""

    at: datetime
    sentence: str
    detail: str = ""


@dataclass(frozen=True)
class ChainStep:
    """One desk of the chain: it answers, is next in line, or was passed over; and why."""

    desk: str
    verdict: str  # answers | next_in_line | passed_over
    why: str


@dataclass(frozen=True)
class Summary:
    """What a list and a header show of one case."""

    row: CaseRow
    kind: str
    place: str
    desk: str
    owner: str
    overdue: bool


@dataclass(frozen=True)
class CaseView:
    """Everything on the page of one case."""

    summary: Summary
    timezone: str
    mission: str
    website: str
    map_url: str
    chain: list[ChainStep]
    messages: list[MessageRow]
    older: bool
    timeline: list[Line]
    deliveries: list[DeliveryLine]
    print: str = ""
    last_seq: int = field(default=0)
    people: int = 0  # in the same incident, if it is in one


def summarise(view: View, uow: UnitOfWork, case: CaseRow) -> Summary:
    """A case in one line."""
    directory = view.ports.knowledge.directory
    return Summary(
        row=case,
        kind=kind_of(view, case.label),
        place=place_of(case.location, view.language),
        desk=desk_name(uow, directory, case.desk_id, view.language),
        owner=uow.staff.get(case.owner_id).name if case.owner_id else "",
        overdue=bool(case.due_at and case.due_at <= view.now),
    )


def kind_of(view: View, label: str) -> str:
    """The kind of crisis; for a question also its subject."""
    name = kind_name(label, view.language)
    articles = view.ports.knowledge.current.articles
    subject = articles.get((label, view.language)) or articles.get((label, "en"))
    return f"{name}: {subject.title}" if subject else name


def read_case(view: View, uow: UnitOfWork, case: CaseRow, *, everything: bool = False) -> CaseView:
    """Gather one case."""
    directory = view.ports.knowledge.directory
    mission = directory.missions.get(case.mission_id or "")
    events = uow.cases.events(case.id)
    deliveries = uow.outbox.for_case(case.id)
    messages, older = _story(uow, case, everything=everything)
    location = case.location or {}
    website = mission.website if mission else ""
    return CaseView(
        summary=summarise(view, uow, case),
        timezone=timezone_of(uow, view.ports, case),
        mission=mission_name(mission, view.language) if mission else "",
        website=website if website.startswith(("https://", "http://")) else "",
        map_url=map_link(location.get("lat"), location.get("lon")),
        chain=_chain(view, uow, events),
        messages=messages,
        older=older,
        timeline=[_line(view, uow, event) for event in events],
        deliveries=delivery_lines(view, uow, deliveries, events, timezone_of(uow, view.ports, case)),
        print=case_print(uow, case, events, deliveries),
        last_seq=messages[-1].seq if messages else 0,
        people=uow.incidents.people(case.incident_id) if case.incident_id else 0,
    )


def other_desks(view: View, uow: UnitOfWork, case: CaseRow) -> list[tuple[str, str]]:
    """(id, name) of the desks that a case could be handed to."""
    directory = view.ports.knowledge.directory
    found = [(row.id, desk_name(uow, directory, row.id, view.language)) for row in uow.desks.rows() if row.active]
    return sorted((pair for pair in found if pair[0] != case.desk_id), key=lambda pair: pair[1])


def case_print(uow: UnitOfWork, case: CaseRow, events: list[CaseEventRow], deliveries: list[OutboxRow]) -> str:
    """Changes whenever the page would."""
    conversation = uow.conversations.get(case.conversation_id)
    states = [(row.id, row.state) for row in deliveries]
    return fingerprint((conversation.last_seq, len(events), states, case.status, case.owner_id))


def _story(uow: UnitOfWork, case: CaseRow, *, everything: bool) -> tuple[list[MessageRow], bool]:
    """The newest part of the conversation, and whether there is an older one."""
    conversation = uow.conversations.get(case.conversation_id)
    limit = 2000 if everything else 200
    first = max(0, conversation.last_seq - limit)
    rows = uow.conversations.after(conversation.id, first, limit)
    if everything:
        return rows, first > 0
    room, kept = NEWEST_CHARACTERS, 0
    for row in reversed(rows):
        room -= len(row.text)
        if room < 0 and kept:
            break
        kept += 1
    return rows[len(rows) - kept :], kept < len(rows) or first > 0


def _chain(view: View, uow: UnitOfWork, events: list[CaseEventRow]) -> list[ChainStep]:
    """The steps of the newest routing, each with its reason."""
    routed = next((event for event in reversed(events) if event.kind == EventKind.ROUTED), None)
    if routed is None:
        return []
    directory = view.ports.knowledge.directory
    chain: list[ChainStep] = []
    for step in routed.data["chain"]:
        first = not any(earlier.verdict == "answers" for earlier in chain)
        verdict = "passed_over" if step["passed_over"] else "answers" if first else "next_in_line"
        name = desk_name(uow, directory, step["desk"], view.language)
        chain.append(ChainStep(name, verdict, explain(step, view.language)))
    return chain


def _line(view: View, uow: UnitOfWork, event: CaseEventRow) -> Line:
    """An event as a sentence; what a person wrote stands below it."""
    data = event.data
    words = {"name": str(data.get("name", ""))}
    if "desk" in data:
        words["desk"] = desk_name(uow, view.ports.knowledge.directory, data["desk"], view.language)
    if "severity" in data:
        words["severity"] = view.t(f"severity.{data['severity']}")
    if "until" in data:
        zone = timezone_of(uow, view.ports, uow.cases.get(event.case_id))
        words["until"] = view.at(datetime.fromisoformat(data["until"]), zone)
    detail = str(data.get("text") or data.get("value") or "")
    if event.kind == EventKind.CLOSED and data.get("outcome"):
        detail = view.t(f"console.outcome.{data['outcome']}")
    if event.kind == EventKind.HELPED:
        detail = view.t("console.helped.yes" if data["helped"] else "console.helped.no")
    if event.kind == EventKind.OPENED and data.get("after"):
        detail = view.t("event.after", case=data["after"])
    if event.kind == EventKind.ALERT_FAILED:
        return Line(event.at, *failure_words(view, uow, data))
    words["incident"] = str(data.get("incident") or data.get("left") or "")
    return Line(event.at, view.t(_sentence(event), **words), detail)


def _sentence(event: CaseEventRow) -> str:
    """Its key: into an incident or out of it, by hand or not; paged for itself or with the others of its incident."""
    if event.kind == EventKind.ALERTED and event.data.get("joined"):
        return "event.alerted_joined"
    if event.kind != EventKind.JOINED_INCIDENT:
        return f"event.{event.kind}"
    key = "event.left_incident" if event.data.get("left") else "event.joined_incident"
    return f"{key}_by" if event.data.get("name") else key
