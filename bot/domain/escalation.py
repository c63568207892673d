"""When a case must have been taken, and what happens if it was not."""

from __future__ import annotations

from datetime import datetime

from bot.domain.hours import one_working_day_after
from bot.domain.taxonomy import Severity, Taxonomy


def acknowledge_due(taxonomy: Taxonomy, severity: Severity, since: datetime, timezone: str = "UTC") -> datetime:
    """The moment by which someone must have accepted; the clock starts when the message is stored."""
    within = taxonomy.severities[severity].acknowledge_within
    return since + within if within else one_working_day_after(since, timezone)


def next_escalation(taxonomy: Taxonomy, severity: Severity, now: datetime, timezone: str = "UTC") -> datetime:
    """The moment of the next escalation if still nobody has accepted."""
    every = taxonomy.severities[severity].escalate_every
    return now + every if every else one_working_day_after(now, timezone)
