"""A case's life as events, and what each event means for its state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.domain.desks import COORDINATION


class CaseStatus(StrEnum):
    """Where a case stands. Only `open` cases escalate."""

    OPEN = "open"
    ACCEPTED = "accepted"
    CLOSED = "closed"


class EventKind(StrEnum):
    """What can happen to a case. Events are only ever added."""

    OPENED = "opened"
    ROUTED = "routed"
    ALERTED = "alerted"
    CARD_SHOWN = "card_shown"
    CITIZEN_WROTE = "citizen_wrote"
    DETAIL = "detail"  # one answer of the intake form: place, safety, contact
    ACCEPTED = "accepted"
    REPLIED = "replied"
    NOTE = "note"
    MOVED_ON = "moved_on"
    COORDINATORS_ALARMED = "coordinators_alarmed"
    RAISED = "raised"  # a later message showed a worse danger
    CLOSED = "closed"
    TAKEN_OVER = "taken_over"  # a colleague goes on with it
    OWNER_SILENT = "owner_silent"  # accepted, but no word to the citizen in time
    TRANSFERRED = "transferred"  # its owner gave it to another desk
    SNOOZED = "snoozed"  # its owner waits for something; the clock runs again later
    STALLED = "stalled"  # it should have escalated and had not
    ALERT_FAILED = "alert_failed"  # one way did not work for good; what was tried instead
    SHIFT_ENDED = "shift_ended"  # its owner went off duty; those on duty were told
    JOINED_INCIDENT = "joined_incident"  # others report the same
    BROADCAST = "broadcast"  # words to everyone in its incident
    HELPED = "helped"  # what the citizen answered when asked at the end
    STAYS = "stays"  # off duty, and its owner goes on with it


class CaseError(Exception):
    """An action that does not fit the case's state; the message is for the person who tried."""

    def __init__(self, code: str, **args: str) -> None:
        super().__init__(code)
        self.code = code
        self.conflict = code in ("already_accepted", "already_closed")
        self.args_for_text = args


@dataclass(frozen=True)
class CaseState:
    """What a case's events add up to; its row must say the same."""

    status: str = CaseStatus.OPEN
    owner_id: int | None = None
    desk_id: str = ""
    label: str = ""
    severity: str = ""
    outcome: str | None = None


def state_of(events: Iterable[tuple[str, str, Mapping[str, Any]]]) -> CaseState:
    """Replay (kind, actor, data) of every event, oldest first."""
    state = CaseState()
    for kind, actor, data in events:
        if kind in (EventKind.OPENED, EventKind.RAISED):
            label, severity = data.get("label", state.label), data.get("severity", state.severity)
            state = replace(state, label=label, severity=severity)
        elif kind in (EventKind.ROUTED, EventKind.MOVED_ON):
            state = replace(state, desk_id=data["desk"])
        elif kind == EventKind.TRANSFERRED:
            state = replace(state, desk_id=data["desk"], status=CaseStatus.OPEN, owner_id=None)
        elif kind == EventKind.COORDINATORS_ALARMED:
            state = replace(state, desk_id=COORDINATION)
        elif kind in (EventKind.ACCEPTED, EventKind.TAKEN_OVER):
            state = replace(state, status=CaseStatus.ACCEPTED, owner_id=int(actor.removeprefix("staff:")))
        elif kind == EventKind.CLOSED:
            state = replace(state, status=CaseStatus.CLOSED, outcome=data["outcome"])
    return state
