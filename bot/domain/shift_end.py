"""What becomes of a case when the shift of its owner ends. The owner never changes here: somebody takes it over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.escalation import acknowledge_due
from bot.domain.taxonomy import Severity, Taxonomy

WRITING = timedelta(minutes=10)  # who wrote so shortly before the end is in the middle of it
GRACE = timedelta(minutes=15)  # and gets so much longer


class Step(StrEnum):
    """What is due now."""

    NONE = "none"
    OFFER = "offer"  # to those on duty at the desk
    ALARM = "alarm"  # nobody took it in time: to the coordinators


@dataclass(frozen=True)
class Held:
    """An accepted case, as far as its owner's shifts matter."""

    severity: Severity
    since: datetime  # when its owner took it
    replied_at: datetime | None = None
    snoozed_until: datetime | None = None
    settled_at: datetime | None = None  # when it was last offered, or its owner said that they stay with it
    stays: bool = False  # whether that was the owner's word
    alarmed: bool = False  # whether the coordinators have heard of that offer

    @property
    def looked_from(self) -> datetime:
        """A shift that ended before this moment is no news."""
        return max(self.since, self.settled_at or self.since)


def next_step(held: Held, ended: datetime | None, somebody_on: bool, taxonomy: Taxonomy, now: datetime) -> Step:
    """Once per end of a shift an offer, and once an alarm if nobody takes it within the severity's clock.

    `ended`: when the owner went off duty, at the earliest `held.looked_from`; None while they are on duty.
    `somebody_on`: whether an offer would find anybody at the desk.
    """
    if ended is None:
        return Step.NONE
    if held.settled_at is not None and ended <= held.settled_at:  # the end that was dealt with
        if held.stays or held.alarmed:
            return Step.NONE
        return Step.ALARM if now >= _alarm_at(held, held.settled_at, somebody_on, taxonomy) else Step.NONE
    if held.snoozed_until is not None and held.snoozed_until > now:
        return Step.NONE  # nobody waits for anybody: when the rest is over, we look again
    offer_at = _offer_at(held, ended)
    if held.severity is Severity.NORMAL and not somebody_on:
        # At night nobody need hear of an ordinary question: its owner may be back in the morning.
        offer_at = acknowledge_due(taxonomy, held.severity, offer_at)
    return Step.OFFER if now >= offer_at else Step.NONE


def _offer_at(held: Held, ended: datetime) -> datetime:
    if ended <= held.since:
        return held.since + GRACE  # taken outside their shift: time to write a first word
    writing = held.replied_at is not None and held.replied_at >= ended - WRITING
    return ended + GRACE if writing else ended


def _alarm_at(held: Held, offered: datetime, somebody_on: bool, taxonomy: Taxonomy) -> datetime:
    """An empty desk is not waited for, except by an ordinary question."""
    if not somebody_on and held.severity is not Severity.NORMAL:
        return offered
    return acknowledge_due(taxonomy, held.severity, offered)
