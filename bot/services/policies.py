"""Changing an installation's own rules: each change is checked, noted in the audit trail, and live within seconds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bot.domain import policies
from bot.domain.accounts import PERMISSIONS, Role
from bot.domain.directory import Directory
from bot.domain.taxonomy import Severity, Taxonomy
from bot.storage.tables_staff import AuditRow
from bot.storage.unit_of_work import UnitOfWork

CHANGED = "policy_changed"  # the action in the audit trail
SHOWN = 5  # changes of one rule
SUBJECT = "policy:"  # of audit entries, followed by the rule's key


def known_desks(uow: UnitOfWork, directory: Directory) -> set[str]:
    """Every desk that a rule may name: those that are set up, and every mission."""
    return {row.id for row in uow.desks.rows()} | set(directory.missions)


def set_chain(
    uow: UnitOfWork, shipped: Taxonomy, directory: Directory, label: str, steps: Iterable[str], by: int, now: datetime
) -> None:
    """An own chain for a label. Raises PolicyError, LookupError for an unknown label."""
    if label not in policies.labels_with_chains(shipped):
        raise LookupError(label)
    chain = policies.chain_of(steps, known_desks(uow, directory))
    same = chain == shipped.desks_for(label)
    put(uow, f"chain:{label}", None if same else {"desks": [str(step) for step in chain]}, by, now)


def set_clock(
    uow: UnitOfWork, shipped: Taxonomy, severity: Severity, within: str, every: str, by: int, now: datetime
) -> None:
    """Own clocks for a severity. Raises PolicyError."""
    rule = policies.clock_of(severity, within, every)
    put(uow, f"clock:{severity}", None if rule == shipped.severities[severity] else clock_value(rule), by, now)


def clock_value(rule: Any) -> dict[str, str]:
    """A severity's clocks as they are stored."""
    within, every = policies.clock_texts(rule)
    return {"acknowledge_within": within, "escalate_every": every}


def set_role(uow: UnitOfWork, role: Role, names: Iterable[str], by: int, now: datetime) -> None:
    """What a role may do here. Raises PolicyError."""
    allowed = policies.role_of(role, names)
    same = allowed == PERMISSIONS[role]
    put(uow, f"role:{role}", None if same else {"may": sorted(allowed)}, by, now)


def put(uow: UnitOfWork, key: str, value: dict[str, Any] | None, by: int | None, now: datetime) -> None:
    """Store a checked rule, or with None go back to the shipped one. No effect if it is so already."""
    old = uow.policies.get(key)
    if old == value:
        return
    if value is None:
        uow.policies.remove(key)
    else:
        uow.policies.put(key, value, f"staff:{by}" if by else "command line", now)
    uow.audit.record(by, CHANGED, SUBJECT + key, now, old=old, new=value)


def histories(uow: UnitOfWork) -> dict[str, list[tuple[AuditRow, str]]]:
    """The newest changes of each rule by its key, with the name of who made them ("" for the command line)."""
    names = {row.id: row.name for row in uow.staff.everyone()}
    found: dict[str, list[tuple[AuditRow, str]]] = {}
    for row in uow.audit.of_action(CHANGED):
        rows = found.setdefault(row.subject.removeprefix(SUBJECT), [])
        if len(rows) < SHOWN:
            rows.append((row, names.get(row.staff_id or 0, "")))
    return found
