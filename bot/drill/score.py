"""The scorecard: what became of every message, told from the database and from what could be seen outside."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from bot.domain.cases import CaseStatus, EventKind
from bot.domain.drills import CHANNEL
from bot.domain.escalation import acknowledge_due, next_escalation
from bot.domain.taxonomy import Severity, Taxonomy
from bot.drill.clock import DrillClock
from bot.drill.plan import Talk
from bot.storage.tables import CaseEventRow, CaseRow, ConversationRow, InboxRow, MessageRow, OutboxRow
from bot.storage.unit_of_work import UnitOfWork

BUSIEST = 10.0  # seconds


@dataclass
class Story:
    """One conversation as the database tells it."""

    messages: list[MessageRow]
    cases: list[CaseRow]

    @property
    def windows(self) -> list[tuple[MessageRow, list[MessageRow]]]:
        """Each of the citizen's lines with everything that was said before their next one."""
        found: list[tuple[MessageRow, list[MessageRow]]] = []
        for message in self.messages:
            if message.author == "citizen":
                found.append((message, []))
            elif found:
                found[-1][1].append(message)
        return found


@dataclass
class Records:
    """Everything that the database holds of one run."""

    inbox: list[InboxRow]
    stories: dict[str, Story]  # by conversation key
    events: dict[int, list[CaseEventRow]]  # by case
    outbox: list[OutboxRow]

    @property
    def cases(self) -> list[CaseRow]:
        """Every case of the run."""
        return [case for story in self.stories.values() for case in story.cases]


def read(uow: UnitOfWork, prefix: str) -> Records:
    """The rows of the run whose conversations' keys begin with `prefix`."""
    session = uow.session
    inbox = list(session.scalars(select(InboxRow).where(InboxRow.conversation_key.startswith(prefix))))
    talks = list(session.scalars(select(ConversationRow).where(ConversationRow.key.startswith(prefix))))
    mine = ConversationRow.key.startswith(prefix)
    messages, cases = defaultdict(list), defaultdict(list)
    in_run = select(MessageRow).join(ConversationRow, ConversationRow.id == MessageRow.conversation_id).where(mine)
    for message in session.scalars(in_run.order_by(MessageRow.conversation_id, MessageRow.seq)):
        messages[message.conversation_id].append(message)
    of_run = select(CaseRow).join(ConversationRow, ConversationRow.id == CaseRow.conversation_id).where(mine)
    for case in session.scalars(of_run.order_by(CaseRow.id)):
        cases[case.conversation_id].append(case)
    numbers = {case.id for some in cases.values() for case in some}
    events = defaultdict(list)
    low, high = min(numbers, default=0), max(numbers, default=-1)
    between = select(CaseEventRow).where(CaseEventRow.case_id >= low, CaseEventRow.case_id <= high)
    for event in session.scalars(between.order_by(CaseEventRow.case_id, CaseEventRow.seq)):
        events[event.case_id].append(event)
    outbox = session.scalars(select(OutboxRow).where(OutboxRow.case_id >= low, OutboxRow.case_id <= high))
    return Records(
        inbox,
        {talk.key: Story(messages[talk.id], cases[talk.id]) for talk in talks},
        {number: events[number] for number in numbers},
        [row for row in outbox if row.case_id in numbers],
    )


# --- lost and doubled: only from rows, never from counters of the code that is on trial -------------------------
def lost(records: Records, stored: Iterable[str]) -> list[str]:
    """The external ids that were stored and then neither answered nor given to the person who has the case."""
    rows = {row.external_id: row for row in records.inbox if row.channel == CHANNEL}
    answered: set[int] = set()
    for story in records.stories.values():
        for message, said in story.windows:
            if said or _given_to_a_person(records, story, message):
                answered.add(message.inbox_id or 0)
    return sorted(
        name for name in stored if name not in rows or rows[name].state != "done" or rows[name].id not in answered
    )


def _given_to_a_person(records: Records, story: Story, message: MessageRow) -> bool:
    """Whether somebody had accepted when the line came, and the case says that it came."""
    for case in story.cases:
        owned = False
        for event in records.events[case.id]:
            owned = owned or event.kind in (EventKind.ACCEPTED, EventKind.TAKEN_OVER)
            if owned and event.kind == EventKind.CITIZEN_WROTE and event.data.get("message") == message.id:
                return True
    return False


def doubled(records: Records) -> list[str]:
    """What had two effects: a line that stands twice, an answer given twice, two cases for one person at once."""
    found = [f"inbox:{name}" for name, times in Counter(row.external_id for row in records.inbox).items() if times > 1]
    for key, story in records.stories.items():
        lines = Counter(message.inbox_id for message in story.messages if message.author == "citizen")
        found += [f"line:{key}:{number}" for number, times in lines.items() if times > 1]
        for message, said in story.windows:
            words = Counter(one.text for one in said if one.author == "bot")
            found += [f"answer:{key}:{message.seq}" for times in words.values() if times > 1]
        both_open = (after.id for before, after in pairwise(story.cases) if _both_open(before, after))
        found += [f"case:{key}:{number}" for number in both_open]
    return found


def _both_open(before: CaseRow, after: CaseRow) -> bool:
    return before.closed_at is None or before.closed_at > after.opened_at


# --- cries for help --------------------------------------------------------------------------------------------
def crises(
    records: Records, talks: Mapping[str, Talk], taxonomy: Taxonomy, emergency: Mapping[str, frozenset[str]]
) -> dict[str, Any]:
    """How many cries were expected, and what came of them. `emergency` = by label, the numbers a card may show."""
    counts: Counter[str] = Counter()
    missed: list[str] = []
    for key, talk in talks.items():
        story = records.stories.get(key, Story([], []))
        in_crisis = [case for case in story.cases if case.label in taxonomy.crisis]
        asked = any(_asks(message) for message in story.messages)
        if talk.cry is None:
            counts["false_alarms"] += bool(in_crisis)
            counts["ordinary_asked_whether_in_danger"] += asked and not in_crisis
            continue
        counts["expected"] += 1
        counts["noticed"] += bool(in_crisis)
        counts["asked_first"] += asked
        counts["labelled_as_expected"] += any(case.label in talk.cry.labels for case in in_crisis)
        label = in_crisis[0].label if in_crisis else talk.cry.labels[0]
        shown = any(event.kind == EventKind.CARD_SHOWN for case in in_crisis for event in records.events[case.id])
        first = next((said[0].text for _, said in story.windows if said), "")
        number_first = any(number in first for number in emergency[label] | emergency[talk.cry.labels[0]])
        counts["card_shown"] += shown
        counts["number_first"] += number_first
        if not shown and not number_first:
            missed.append(key)
    names = (
        "expected", "noticed", "asked_first", "labelled_as_expected", "card_shown", "number_first",
        "false_alarms", "ordinary_asked_whether_in_danger",
    )  # fmt: skip
    return {name: counts[name] for name in names} | {"missed": len(missed), "missed_conversations": missed[:20]}


def _asks(message: MessageRow) -> bool:
    return any(button["payload"] == "/yes" for button in message.extra.get("buttons", []))


# --- how long it took: real milliseconds ---------------------------------------------------------------------------
def first_replies(records: Records, stored: Mapping[str, float], seen: Mapping[int, float]) -> list[float]:
    """From storing the first message of a conversation to the moment its reply was visible."""
    names = {row.id: row.external_id for row in records.inbox}
    waits = []
    for story in records.stories.values():
        for message, said in story.windows[:1]:
            begin = stored.get(names.get(message.inbox_id or 0, ""))
            if begin is not None and said and said[0].id in seen:
                waits.append(seen[said[0].id] - begin)
    return waits


def from_the_cry(records: Records, stored: Mapping[str, float], moments: Mapping[int, float]) -> list[float]:
    """From storing the message that opened a case to a moment, by case."""
    names = {row.id: row.external_id for row in records.inbox}
    inbox = {message.id: message.inbox_id or 0 for story in records.stories.values() for message in story.messages}
    waits = []
    for case in records.cases:
        message = records.events[case.id][0].data.get("message")
        begin = stored.get(names.get(inbox.get(message or 0, 0), ""))
        if begin is not None and case.id in moments:
            waits.append(moments[case.id] - begin)
    return waits


def paged(records: Records) -> set[int]:
    """The cases that were paged for themselves at once; the others were spoken for by a page of their incident."""
    firsts = {
        number: next((event for event in events if event.kind == EventKind.ALERTED), None)
        for number, events in records.events.items()
    }
    return {
        number
        for number, first in firsts.items()
        if first is not None and not first.data.get("joined") and first.data["ways"] != ["console"]
    }


def throughput(records: Records, seen: Mapping[int, float]) -> float:
    """Answered messages a second in the busiest `BUSIEST` seconds."""
    answers = (said[0].id for story in records.stories.values() for _, said in story.windows if said)
    moments = sorted(seen[number] for number in answers if number in seen)
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moment - moments[first] > BUSIEST:
            first += 1
        most = max(most, last - first + 1)
    return most / BUSIEST


def escalations(records: Records, taxonomy: Taxonomy, clock: DrillClock) -> list[float]:
    """How far behind its due time each escalation was. The due time follows from the events before it."""
    late = []
    moved = (EventKind.MOVED_ON, EventKind.COORDINATORS_ALARMED)
    for case in records.cases:
        due = None
        severity = Severity(case.severity)
        for event in records.events[case.id]:
            if event.kind in moved:
                if due is not None:
                    late.append(max(0.0, clock.real(event.at) - clock.real(due)))
                due = next_escalation(taxonomy, severity, event.at)
            elif event.kind == EventKind.OPENED:
                severity = Severity(event.data["severity"])
                due = acknowledge_due(taxonomy, severity, event.at)
            elif event.kind == EventKind.RAISED:
                severity = Severity(event.data["severity"])
                raised = acknowledge_due(taxonomy, severity, event.at)
                due = raised if due is None or "label" in event.data else min(due, raised)
            elif event.kind in (EventKind.ACCEPTED, EventKind.TRANSFERRED, EventKind.STALLED):
                due = None
    return late


def left_alone(records: Records) -> list[int]:
    """Cases that nobody has, and of which no coordinator was alarmed."""
    return [
        case.id
        for case in records.cases
        if case.status == CaseStatus.OPEN
        and not any(event.kind == EventKind.COORDINATORS_ALARMED for event in records.events[case.id])
    ]


def milliseconds(waits: Iterable[float]) -> dict[str, float | int]:
    """How many, and the usual percentiles (nearest rank), of waits in seconds."""
    ordered = sorted(waits)
    if not ordered:
        return {"count": 0}

    def at(part: float) -> float:
        return round(ordered[max(0, math.ceil(part * len(ordered)) - 1)] * 1000, 1)

    return {"count": len(ordered), "p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": at(1.0)}
