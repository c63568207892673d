"""Who may do what: a table and one-line predicates."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is in the console."""

    OFFICER = "officer"
    COORDINATOR = "coordinator"


class Permission(StrEnum):
    """One thing a person may do."""

    SEE_CASES = "see_cases"
    HANDLE_CASES = "handle_cases"
    EDIT_CONTENT = "edit_content"
    MANAGE_PEOPLE = "manage_people"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: frozenset({Permission.SEE_CASES, Permission.HANDLE_CASES}),
    Role.COORDINATOR: frozenset(Permission),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether a role carries a permission."""
    return permission in PERMISSIONS[role]


def sees_every_desk(role: Role) -> bool:
    """Coordinators see all cases; officers those of their own desks."""
    return role is Role.COORDINATOR
