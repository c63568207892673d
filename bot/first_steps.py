"""How the first person gets into an empty installation."""

from __future__ import annotations

from datetime import timedelta

from bot.app import prepare_database, utc_now
from bot.domain.accounts import Role
from bot.settings import Settings

INVITATION = timedelta(days=7)


def first_sign_in(settings: Settings) -> str | None:
    """A one-time link for the first coordinator, while nobody has a password yet."""
    database = prepare_database(settings)
    now = utc_now()
    with database.write() as uow:
        people = uow.staff.everyone()
        if any(person.password_hash for person in people):
            return None
        first = people[0] if people else uow.staff.add(
            "coordinator@localhost", "Coordinator", Role.COORDINATOR, now
        )  # fmt: skip
        token = uow.staff.issue_token(first.id, now, INVITATION)
    database.close()
    return f"{settings.public_url}/console/welcome?token={token}"
