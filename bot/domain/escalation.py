"""When a case must have been taken, and what happens if it was not."""

from __future__ import annotations

from datetime import datetime

from bot.domain.hours import working_days_after
from bot.domain.taxonomy import Severity, Taxonomy


def acknowledge_due(taxonomy: Taxonomy, severity: Severity, since: datetime, timezone: str = "UTC") -> datetime:
    """The moment by which someone must have accepted; the clock starts when the message is stored."""
    rule = taxonomy.severities[severity]
    within = rule.acknowledge_within
    return since + within if within else working_days_after(since, timezone, rule.acknowledge_days)


def next_escalation(taxonomy: Taxonomy, severity: Severity, now: datetime, timezone: str = "UTC") -> datetime:
    """The moment of the next escalation if still nobody has accepted."""
    rule = taxonomy.severities[severity]
    every = rule.escalate_every
    return now + every if every else working_days_after(now, timezone, rule.escalate_days)
