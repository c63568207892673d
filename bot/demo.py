"""Demo officers to try the console with. Everything made here is marked as demo and kept apart from real data."""

from __future__ import annotations

from datetime import timedelta

from bot.app import prepare_database, utc_now
from bot.domain.accounts import Role
from bot.domain.spelling import fold
from bot.settings import Settings

DESKS = (("de-koln-bk", "consulate"), ("nl-rotterdam-bk", "consulate"), ("home-demo", "home_city"))
DEMO_INVITATION_DAYS = 7


def add_demo(settings: Settings) -> list[str]:
    """Set up three demo desks with one demo officer each. Returns what to tell the person who asked."""
    database = prepare_database(settings)
    now = utc_now()
    lines = ["Demo officers (marked as demo). Each link works once and sets a password:"]
    with database.write() as uow:
        for desk_id, kind in DESKS:
            email = f"officer.{fold(desk_id)}@demo.invalid"
            if uow.staff.by_email(email) is not None:
                lines.append(f"  {desk_id}: is there already ({email})")
                continue
            if uow.desks.row(desk_id) is None:
                name = "Demo home city" if kind == "home_city" else ""
                uow.desks.put(desk_id, kind=kind, name=name, timezone="Europe/Istanbul", demo=True)
            person = uow.staff.add(email, f"Demo officer {desk_id}", Role.OFFICER, now, demo=True)
            uow.desks.assign(desk_id, person.id)
            token = uow.staff.issue_token(person.id, now, timedelta(days=DEMO_INVITATION_DAYS))
            lines.append(f"  {desk_id} ({email}): {settings.public_url}/console/welcome?token={token}")
    database.close()
    return lines
