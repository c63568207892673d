"""Who may do what: a table and one-line predicates."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a person is in the console."""

    OFFICER = "officer"
    COORDINATOR = "coordinator"


class Permission(StrEnum):
    """One thing a person may do."""

    SEE_CASES = "see_cases"
    HANDLE_CASES = "handle_cases"
    SEE_ALL_DESKS = "see_all_desks"  # the cases of every desk, not only of one's own
    READ_CONTENT = "read_content"
    EDIT_CONTENT = "edit_content"
    MANAGE_PEOPLE = "manage_people"


Table = Mapping[Role, frozenset[Permission]]

PERMISSIONS: Table = {  # as shipped; an installation may have its own (bot/domain/policies.py)
    Role.OFFICER: frozenset({Permission.SEE_CASES, Permission.HANDLE_CASES}),
    Role.COORDINATOR: frozenset(Permission),
}
# What no rule can take away: whoever is alerted can accept, behind the coordinators there is nobody,
# and somebody must always be able to change the rules back.
KEPT: Table = {
    Role.OFFICER: frozenset({Permission.SEE_CASES, Permission.HANDLE_CASES}),
    Role.COORDINATOR: frozenset(
        {Permission.SEE_CASES, Permission.HANDLE_CASES, Permission.SEE_ALL_DESKS, Permission.MANAGE_PEOPLE}
    ),
}


def may(role: Role, permission: Permission, table: Table = PERMISSIONS) -> bool:
    """Whether a role carries a permission by the table in force."""
    return permission in table[role]


def sees_every_desk(role: Role, table: Table = PERMISSIONS) -> bool:
    """Coordinators see all cases; officers those of their own desks, unless a rule says more."""
    return may(role, Permission.SEE_ALL_DESKS, table)
