"""People who may sign in, and the desks they work at."""

from __future__ import annotations

import base64
import re
import secrets
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import func, select

from bot.domain.accounts import Role
from bot.domain.desks import COORDINATION
from bot.domain.directory import Directory
from bot.domain.hours import HoursError, parse_hours
from bot.domain.mail import is_mail_address
from bot.domain.spelling import fold
from bot.domain.taxonomy import DeskKind
from bot.i18n.catalogues import LANGUAGES, locale
from bot.services.signin import INVITATION
from bot.storage.tables_staff import DeskRow, StaffRow
from bot.storage.unit_of_work import UnitOfWork

CITY_DESKS = (DeskKind.HOME_CITY, DeskKind.PARTNER_CITY)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class PeopleError(Exception):
    """A change that cannot be made; `code` names the sentence for the person who tried."""

    def __init__(self, code: str, **words: str) -> None:
        super().__init__(code)
        self.code, self.words = code, words


def add_person(
    uow: UnitOfWork, name: str, email: str, role: str, language: str, by: int, now: datetime
) -> tuple[StaffRow, str]:
    """A new person and the secret of their one-time invitation. Raises PeopleError."""
    if not name:
        raise PeopleError("name_missing")
    if not _EMAIL.fullmatch(email):
        raise PeopleError("email_wrong")
    taken = select(StaffRow.id).where(StaffRow.email == email.strip().lower())
    if uow.session.scalar(taken) is not None:
        raise PeopleError("email_taken")
    staff = uow.staff.add(email, name, Role(role), now)
    staff.language = language if language in LANGUAGES else staff.language
    uow.audit.record(by, "person_added", f"staff:{staff.id}", now, role=role)
    return staff, uow.staff.issue_token(staff.id, now, INVITATION)


def invite(uow: UnitOfWork, staff_id: int, by: int, now: datetime) -> tuple[StaffRow, str]:
    """A new one-time link for somebody who has none or has forgotten their password."""
    staff = uow.staff.get(staff_id)
    uow.audit.record(by, "person_invited", f"staff:{staff.id}", now)
    return staff, uow.staff.issue_token(staff.id, now, INVITATION)


def change_person(uow: UnitOfWork, staff_id: int, role: str, chat: str, active: bool, by: int, now: datetime) -> None:
    """Change what a person is. Losing the right to sign in ends every session. Raises PeopleError."""
    staff = uow.staff.get(staff_id)
    if chat and not re.fullmatch(r"-?[0-9]{1,19}", chat):
        raise PeopleError("telegram_wrong")
    if chat and chat != staff.telegram_chat:
        other = uow.staff.by_telegram(chat)
        if other is not None and other.id != staff.id:
            raise PeopleError("telegram_taken")
    leaves = staff.role == Role.COORDINATOR and not (active and role == Role.COORDINATOR)
    if leaves and _coordinators(uow) <= 1:
        raise PeopleError("last_coordinator")
    if chat:
        uow.staff.give_chat(staff, chat)
    staff.role, staff.telegram_chat, staff.active = Role(role), chat or None, active
    if not active:
        uow.staff.close_sessions_of(staff.id)
    uow.audit.record(by, "person_changed", f"staff:{staff.id}", now, role=role, active=active)


def _coordinators(uow: UnitOfWork) -> int:
    query = select(func.count()).where(StaffRow.role == Role.COORDINATOR, StaffRow.active.is_(True))
    return uow.session.scalar(query) or 0


def set_available(uow: UnitOfWork, staff_id: int, available: bool, now: datetime) -> None:
    """Whether new cases may come to this person."""
    uow.staff.get(staff_id).available = available
    uow.audit.record(staff_id, "available" if available else "away", f"staff:{staff_id}", now)


def add_mission_desk(
    uow: UnitOfWork, directory: Directory, mission_id: str, hours: str, by: int, now: datetime
) -> DeskRow:
    """Set up the desk of a consulate or embassy. Raises PeopleError."""
    mission = directory.missions.get(mission_id)
    if mission is None:
        raise LookupError(mission_id)
    if uow.desks.row(mission_id) is not None:
        raise PeopleError("desk_exists")
    check_hours(hours)
    kind = DeskKind.EMBASSY if mission.kind == "embassy" else DeskKind.CONSULATE
    uow.audit.record(by, "desk_added", f"desk:{mission_id}", now)
    return uow.desks.put(
        mission_id,
        kind=kind.value,
        name="",  # missions are named by the directory, in the reader's language
        country=mission.country,
        city=mission.city,
        timezone=mission.timezone,
        hours=hours,
    )


def add_city_desk(uow: UnitOfWork, kind: str, values: dict[str, str], by: int, now: datetime) -> DeskRow:
    """Set up the desk of a home or partner city. Raises PeopleError."""
    if kind not in CITY_DESKS:
        raise LookupError(kind)
    if not (values["name"] and values["country"] and values["city"]):
        raise PeopleError("desk_incomplete")
    country = values["country"].upper()
    if not re.fullmatch("[A-Z]{2}", country) or country not in locale("en").territories:
        raise PeopleError("country_wrong")
    check_timezone(values["timezone"])
    check_hours(values["hours"])
    words = re.sub(r"[^a-z0-9]+", "-", fold(values["municipality"] or values["city"])).strip("-")
    desk_id = f"{kind.replace('_', '-')}-{country.lower()}-{words or secrets.token_hex(3)}"
    if uow.desks.row(desk_id) is not None:
        raise PeopleError("desk_exists")
    uow.audit.record(by, "desk_added", f"desk:{desk_id}", now)
    return uow.desks.put(desk_id, kind=kind, **(values | {"country": country}))


def change_desk(
    uow: UnitOfWork, desk_id: str, hours: str, timezone: str, active: bool, webhook: str,
    email: str, by: int, now: datetime,
) -> str | None:  # fmt: skip
    """Change a desk. Returns the webhook's secret if one had to be made. Raises PeopleError."""
    desk = the_desk(uow, desk_id)
    check_timezone(timezone)
    check_hours(hours)
    if webhook and not re.fullmatch(r"https://[^\s/@]+(/\S*)?", webhook):
        raise PeopleError("webhook_wrong")
    if email and not is_mail_address(email):
        raise PeopleError("email_wrong")
    desk.hours, desk.timezone, desk.active = hours, timezone, active
    desk.webhook_url, desk.email = webhook or None, email or None
    uow.audit.record(by, "desk_changed", f"desk:{desk_id}", now, active=active)
    return new_webhook_secret(uow, desk_id, by, now) if webhook and not desk.webhook_secret else None


def new_webhook_secret(uow: UnitOfWork, desk_id: str, by: int | None, now: datetime) -> str:
    """A new secret in the Standard Webhooks notation; the old one stops working."""
    desk = the_desk(uow, desk_id)
    desk.webhook_secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    uow.audit.record(by, "webhook_secret", f"desk:{desk_id}", now)
    return desk.webhook_secret


def assign(uow: UnitOfWork, desk_id: str, staff_id: int, assigned: bool, by: int, now: datetime) -> None:
    """Put a person on a desk or take them off it. Coordinators are on theirs by their role."""
    the_desk(uow, desk_id)
    uow.staff.get(staff_id)
    if desk_id == COORDINATION:
        raise LookupError(desk_id)
    (uow.desks.assign if assigned else uow.desks.unassign)(desk_id, staff_id)
    action = "assigned" if assigned else "unassigned"
    uow.audit.record(by, action, f"desk:{desk_id}", now, staff=staff_id)


def the_desk(uow: UnitOfWork, desk_id: str) -> DeskRow:
    """A desk that is set up. Raises LookupError."""
    desk = uow.desks.row(desk_id)
    if desk is None:
        raise LookupError(desk_id)
    return desk


def every_desk(uow: UnitOfWork) -> list[DeskRow]:
    """All desks that are set up."""
    return list(uow.session.scalars(select(DeskRow).order_by(DeskRow.kind, DeskRow.id)))


def check_hours(hours: str) -> None:
    """Raises PeopleError with the part that cannot be read."""
    try:
        parse_hours(hours)
    except HoursError as error:
        raise PeopleError("hours_wrong", detail=str(error)) from error


def check_timezone(timezone: str) -> None:
    """Raises PeopleError."""
    if timezone not in available_timezones():
        raise PeopleError("timezone_wrong")
