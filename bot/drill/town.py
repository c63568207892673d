"""Where a drill happens: a copy of the installation (as a rule), or the installation itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from bot.app import Town, build, prepare_database, utc_now
from bot.domain.accounts import Role
from bot.domain.desks import COORDINATION
from bot.drill.clock import DrillClock
from bot.drill.scenario import Scenario, ScenarioError
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.spool import Spool
from bot.storage.tables_cases import PolicyRow
from bot.storage.tables_duty import AbsenceRow, OverrideRow, RosterRow
from bot.storage.tables_staff import (
    ArticleRow,
    DeskMemberRow,
    DeskRow,
    FactRow,
    MetaRow,
    StaffRow,
    TopicFactsRow,
)
from bot.storage.unit_of_work import UnitOfWork

# What the drill answers with and who is on duty; nothing of citizens. In the order in which rows refer to each other.
COPIED: tuple[Any, ...] = (
    MetaRow, FactRow, ArticleRow, TopicFactsRow, PolicyRow,
    StaffRow, DeskRow, DeskMemberRow, RosterRow, AbsenceRow, OverrideRow,
)  # fmt: skip
OFFICERS_PER_DESK = 3
COORDINATORS = 2


@dataclass(frozen=True)
class Place:
    """A town to drill in. `own` = the database is a copy that only the drill uses."""

    town: Town
    clock: DrillClock
    own: bool
    officers: str  # whose plan of duty it is: 'installation' or 'drill'


@contextmanager
def copied(settings: Settings, scenario: Scenario, run: str, clock: DrillClock, *, keep: bool) -> Iterator[Place]:
    """A copy of the installation's desks, people (nameless), duty, policies, facts and answers."""
    folder = settings.var / "drills" / run
    folder.mkdir(parents=True)
    source = prepare_database(settings)
    target = Database(f"sqlite:///{folder / 'hemsehri.db'}")
    try:
        target.migrate()
        _copy(source, target)
    finally:
        source.close()
        target.close()
    quiet = replace(
        settings, database_url=target.url, redis_url=None, telegram_token=None, mail_server=None
    )  # nothing leaves the house, whatever goes wrong
    town = build(quiet, clock=clock)
    town.ports.spool = Spool(folder / "spool")  # the installation's own holds real people's messages
    town.ports.telegram, town.ports.email = True, settings.mail_server is not None
    try:
        yield Place(town, clock, own=True, officers=_staffed(town, scenario))
    finally:
        town.close()
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def here(settings: Settings, clock: DrillClock) -> Iterator[Place]:
    """The installation itself. Raises ScenarioError where nobody works at any desk."""
    town = build(settings, clock=clock)
    try:
        with town.ports.database.read() as uow:
            if not _anybody(uow):
                raise ScenarioError("Nobody works at any desk here. Without --here the drill brings its own officers.")
        yield Place(town, clock, own=False, officers="installation")
    finally:
        town.close()


def begin_of(scenario: Scenario, at: str | None) -> DrillClock:
    """A clock that begins at the scenario's own hour, or at `at`: 'now' or an ISO 8601 time with its zone."""
    if at is None:
        return DrillClock(scenario.begins(utc_now()))
    if at == "now":
        return DrillClock(utc_now())
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise ScenarioError(f"--at must be 'now' or an ISO 8601 time, not '{at}'.") from error
    if moment.tzinfo is None:
        raise ScenarioError("--at needs a time zone, such as +01:00 or Z.")
    return DrillClock(moment.astimezone(utc_now().tzinfo))


def _copy(source: Database, target: Database) -> None:
    with source.read() as there, target.write() as here_:
        for table in COPIED:
            columns = table.__table__.columns.keys()
            rows = [{name: getattr(row, name) for name in columns} for row in there.session.scalars(select(table))]
            changed = [_nobody(table, row) for row in rows]
            if changed:
                here_.session.execute(insert(table), changed)


def _nobody(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    """Without names and addresses. Who had a way to be reached still has one: an invented one."""
    if table is StaffRow:
        number = row["id"]
        return row | {
            "email": f"drill.{number}@drill.invalid",
            "name": f"Drill officer {number}",
            "password_hash": None,
            "telegram_chat": f"drill-{number}" if row["telegram_chat"] else None,
            "demo": True,
        }
    if table is DeskRow:
        invented = {"webhook_url": "https://drill.invalid", "webhook_secret": "drill", "email": "desk@drill.invalid"}
        return row | {name: value if row[name] else None for name, value in invented.items()} | {"telegram_group": None}
    return row


def _anybody(uow: UnitOfWork) -> bool:
    return any(people for desk, people in uow.desks.members_by_desk().items() if desk != COORDINATION)


def _staffed(town: Town, scenario: Scenario) -> str:
    """An installation without people gets a drill desk for each of the scenario's missions. Only ever in a copy."""
    ports, now = town.ports, town.ports.clock()
    with ports.database.write() as uow:
        if _anybody(uow):
            return "installation"
        numbers = iter(range(1, 1000))

        def person(role: Role) -> int:
            number = next(numbers)
            row = uow.staff.add(f"officer.{number}@drill.invalid", f"Drill officer {number}", role, now, demo=True)
            row.telegram_chat, row.language = f"drill-{row.id}", "en"
            return row.id

        for desk_id in scenario.desks:
            mission = ports.knowledge.directory.missions[desk_id]
            kind = "embassy" if mission.kind == "embassy" else "consulate"
            uow.desks.put(desk_id, kind=kind, name="", timezone=mission.timezone, demo=True)
            for _ in range(OFFICERS_PER_DESK):
                uow.desks.assign(desk_id, person(Role.OFFICER))
        for _ in range(COORDINATORS):
            person(Role.COORDINATOR)
    return "drill"
