"""A case's life as events, and what each event means for its state."""

from __future__ import annotations

from enum import StrEnum


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
    STALLED = "stalled"  # it should have escalated and had not


class CaseError(Exception):
    """An action that does not fit the case's state; the message is for the person who tried."""

    def __init__(self, code: str, **args: str) -> None:
        super().__init__(code)
        self.code = code
        self.conflict = code in ("already_accepted", "already_closed")
        self.args_for_text = args
