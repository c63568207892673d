"""An installation's setup: read as tables, compared with files, and changed by exactly what the comparison showed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from babel import Locale
from sqlalchemy import select

from bot.domain import policies, setup_checks
from bot.domain.accounts import PERMISSIONS
from bot.domain.desks import COORDINATION
from bot.domain.directory import Directory
from bot.domain.policies import Policies
from bot.domain.rosters import Roster
from bot.domain.setup import TABLES, Change, Key, Remark, Row, Setup, Table, Value, ValueProblem, merge, read_value
from bot.domain.taxonomy import DeskKind, Taxonomy
from bot.i18n.catalogues import LANGUAGES
from bot.services import setup_file
from bot.services.people import new_webhook_secret
from bot.services.policies import clock_value, put
from bot.services.setup_effects import effects
from bot.storage.tables_staff import DeskMemberRow, DeskRow, StaffRow
from bot.storage.unit_of_work import UnitOfWork

File = tuple[str, bytes]  # name, content
COUNTRIES = frozenset(code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code))


@dataclass(frozen=True)
class Plan:
    """What files would change. Nothing is applied while there is any mistake. `digest`: of the files and the state."""

    changes: tuple[Change, ...]
    mistakes: tuple[Remark, ...]
    warnings: tuple[Remark, ...]
    digest: str

    @property
    def invited(self) -> list[Key]:
        """The new people: each needs a sign-in link."""
        return [change.key for change in self.changes if change.table == "people" and change.old is None]

    @property
    def without_secret(self) -> list[str]:
        """The desks whose webhook is new: a secret must be made and shown to the partner."""
        desks = [change for change in self.changes if change.table == "desks" and change.new]
        return [
            change.key[0]
            for change in desks
            if change.new and change.new["webhook_url"] and not (change.old and change.old["webhook_url"])
        ]


class SetupError(Exception):
    """A plan that cannot be applied; `plan` is how it looks now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("the setup has changed meanwhile, or there are mistakes")
        self.plan = plan


def state(uow: UnitOfWork, shipped: Taxonomy) -> Setup:
    """The whole setup as it is: own rules where there are some, else the shipped ones. Never a secret."""
    people = {staff.id: staff for staff in uow.staff.everyone()}
    members = select(DeskMemberRow.desk_id, DeskMemberRow.staff_id).order_by(DeskMemberRow.desk_id)
    tables: dict[str, dict[Key, Row]] = {
        "desks": {(row.id,): _row("desks", row) for row in uow.desks.rows()},
        "people": {(people[key].email.lower(),): _row("people", people[key]) for key in sorted(people)},
        "members": {
            (desk_id, people[staff_id].email.lower()): {}
            for desk_id, staff_id in uow.session.execute(members)
            if desk_id != COORDINATION
        },
        "rosters": {key: _roster_row(roster, people) for key, roster in _rosters(uow).items()},
    }
    own, _unreadable = policies.policies_of(uow.policies.all())
    return tables | rules(shipped, own)


def rules(shipped: Taxonomy, own: Policies) -> dict[str, dict[Key, Row]]:
    """Chains, clocks, permissions and next desks in force, as tables."""
    taxonomy = policies.apply(shipped, own)
    roles = policies.permissions(own)
    return {
        "next_desks": {(desk,): {"next": following} for desk, following in own.next_desks.items()},
        "chains": {
            (label,): {"desks": tuple(str(step) for step in taxonomy.desks_for(label))}
            for label in policies.labels_with_chains(shipped)
        },
        "clocks": {(severity.value,): dict(clock_value(rule)) for severity, rule in taxonomy.severities.items()},
        "permissions": {
            (role.value,): {"may": tuple(sorted(one.value for one in roles[role]))} for role in PERMISSIONS
        },
    }


def _row(table: str, stored: DeskRow | StaffRow) -> Row:
    columns = TABLES[table].columns
    return {column.name: _plain(TABLES[table], column.name, getattr(stored, column.name)) for column in columns}


def _plain(table: Table, name: str, value: object) -> Value:
    """A stored value the way a file's value is read, so that an export changes nothing."""
    column = next(column for column in table.columns if column.name == name)
    raw = tuple(str(part) for part in value) if isinstance(value, list | tuple) else _text(value)
    try:
        return read_value(column, raw)
    except ValueProblem:
        return column.default


def _text(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str("" if value is None else value)


def _rosters(uow: UnitOfWork) -> dict[Key, Roster]:
    """Rosters by desk and name; of two with one name the second is called 'name (2)'."""
    found: dict[Key, Roster] = {}
    for roster in uow.duty.rosters():
        name = " ".join(roster.name.split()) or f"#{roster.id}"
        key, number = (roster.desk_id, name), 1
        while key in found:
            number += 1
            key = (roster.desk_id, f"{name} ({number})")
        found[key] = roster
    return found


def _roster_row(roster: Roster, people: Mapping[int, StaffRow]) -> Row:
    values = {
        "hours": roster.hours,
        "starts_on": roster.starts_on.isoformat(),
        "turn_days": roster.turn_days,
        "turn_at": roster.turn_at.isoformat("minutes"),
        "people": [people[staff_id].email for staff_id in roster.people if staff_id in people],
        "active": roster.active,
    }
    return {name: _plain(TABLES["rosters"], name, value) for name, value in values.items()}


def known(directory: Directory, shipped: Taxonomy) -> setup_checks.Known:
    """What a file may refer to."""
    return setup_checks.Known(directory, shipped, COUNTRIES, LANGUAGES)


def plan(
    uow: UnitOfWork,
    shipped: Taxonomy,
    directory: Directory,
    files: Iterable[File],
    now: datetime,
    *,
    email: bool,
    look_ahead: bool = True,
) -> Plan:
    """Read files and compare them with what is stored; changes nothing.

    `email`: whether mail can go out. `look_ahead`: also find what it would lead to, which may take a second.
    """
    files = list(files)
    before = state(uow, shipped)
    read = [setup_file.read(name, content) for name, content in files]
    rows = [row for found, _ in read for row in found]
    broken = [remark for _, remarks in read for remark in remarks]
    merged = merge(before, rules(shipped, Policies()), _defaults(directory), rows)
    mistakes = [*broken, *merged.mistakes]
    told = {remark.place for remark in mistakes}  # a value that cannot be read is not judged as well
    checked = setup_checks.check(before, merged, known(directory, shipped))
    mistakes += [remark for remark in checked if remark.place not in told]
    warnings = [] if mistakes or not look_ahead else effects(uow, before, merged, now, email=email)
    digest = _digest(files, before)
    ordered = sorted(mistakes, key=lambda remark: (remark.place.file, remark.place.line))
    return Plan(_in_order(merged.changes), tuple(ordered), tuple(warnings), digest)


def _in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    tables = list(TABLES)
    return tuple(sorted(changes, key=lambda change: tables.index(change.table)))


def _defaults(directory: Directory) -> Setup:
    """What is known about a desk that is not set up yet: its mission's kind and place."""
    return {
        "desks": {
            (mission.id,): {
                "kind": (DeskKind.EMBASSY if mission.kind == "embassy" else DeskKind.CONSULATE).value,
                "country": mission.country,
                "city": mission.city,
                "timezone": mission.timezone,
            }
            for mission in directory.missions.values()
        }
    }


def _digest(files: Iterable[File], before: Setup) -> str:
    digest = hashlib.sha256()
    for name, content in files:
        digest.update(json.dumps([name, hashlib.sha256(content).hexdigest()]).encode())
    tables = {name: [[list(key), dict(row)] for key, row in table.items()] for name, table in before.items()}
    digest.update(json.dumps(tables, sort_keys=True).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def apply(
    uow: UnitOfWork,
    shipped: Taxonomy,
    directory: Directory,
    files: Iterable[File],
    by: int | None,
    now: datetime,
    *,
    shown: str | None = None,
) -> Plan:
    """Change what the files name. Raises SetupError if anything is wrong, or it is not what was `shown` (a digest)."""
    planned = plan(uow, shipped, directory, list(files), now, email=False, look_ahead=False)
    if planned.mistakes or shown not in (None, planned.digest):
        raise SetupError(planned)
    writer = _Writer(uow, shipped, by, now)
    for change in planned.changes:
        writer.write(change)
    return planned


class _Writer:
    """Writes checked changes, table by table in the order in which they need each other."""

    def __init__(self, uow: UnitOfWork, shipped: Taxonomy, by: int | None, now: datetime) -> None:
        self.uow, self.by, self.now = uow, by, now
        self.shipped_rules = rules(shipped, Policies())
        self.rosters = {key: roster.id for key, roster in _rosters(uow).items()}

    def write(self, change: Change) -> None:
        """One change and its audit entry."""
        if change.table in ("chains", "clocks", "permissions", "next_desks"):
            self._rule(change)
            return
        {"desks": self._desk, "people": self._person, "members": self._member, "rosters": self._roster}[change.table](
            change
        )
        fields = {name: [_listed(old), _listed(new)] for name, old, new in change.fields}
        action = "setup_removed" if change.new is None else "setup_changed" if change.old is not None else "setup_added"
        self.uow.audit.record(self.by, action, f"{change.table}:{'/'.join(change.key)}", self.now, fields=fields)

    def _desk(self, change: Change) -> None:
        assert change.new is not None
        values = dict(change.new)
        for name in ("email", "telegram_group", "webhook_url"):
            values[name] = values[name] or None  # type: ignore[assignment]
        desk = self.uow.desks.put(change.key[0], **values)
        if desk.webhook_url and not desk.webhook_secret:  # signed from the first alert on; shown when a new one is made
            new_webhook_secret(self.uow, desk.id, self.by, self.now)

    def _person(self, change: Change) -> None:
        assert change.new is not None
        email, row = change.key[0], change.new
        staff = self._staff(email)
        if staff is None:
            staff = self.uow.staff.add(email, str(row["name"]), str(row["role"]), self.now)
        staff.name, staff.role, staff.language = str(row["name"]), str(row["role"]), str(row["language"])
        staff.languages = [*row["languages"]] if isinstance(row["languages"], tuple) else []
        staff.capacity = int(str(row["capacity"]))
        staff.active = bool(row["active"])
        if not staff.active:
            self.uow.staff.close_sessions_of(staff.id)
        self.uow.session.flush()

    def _staff(self, email: str) -> StaffRow | None:
        return next((staff for staff in self.uow.staff.everyone() if staff.email.lower() == email), None)

    def _member(self, change: Change) -> None:
        staff = self._staff(change.key[1])
        assert staff is not None
        (self.uow.desks.unassign if change.new is None else self.uow.desks.assign)(change.key[0], staff.id)

    def _roster(self, change: Change) -> None:
        if change.new is None:
            self.uow.duty.remove_roster(self.rosters[change.key])
            return
        ids = {staff.email.lower(): staff.id for staff in self.uow.staff.everyone()}
        row, people = change.new, change.new["people"]
        assert isinstance(people, tuple)
        self.uow.session.flush()
        self.uow.duty.add_roster(
            Roster(
                id=self.rosters.get(change.key, 0),
                desk_id=change.key[0],
                name=change.key[1],
                hours=str(row["hours"]),
                starts_on=date.fromisoformat(str(row["starts_on"])),
                turn_days=int(str(row["turn_days"])),
                turn_at=time.fromisoformat(str(row["turn_at"])),
                people=tuple(ids[email] for email in people),
                active=bool(row["active"]),
            )
        )

    def _rule(self, change: Change) -> None:
        (name,), new = change.key, change.new
        as_shipped = new is None or new == self.shipped_rules[change.table].get(change.key)
        kind = {"chains": "chain", "clocks": "clock", "permissions": "role", "next_desks": "next"}[change.table]
        value = None if as_shipped or new is None else {key: _listed(part) for key, part in new.items()}
        if kind == "next" and value is not None:
            value = {"desk": value["next"]}
        put(self.uow, f"{kind}:{name}", value, self.by, self.now)


def _listed(value: object) -> list[str] | object:
    return list(value) if isinstance(value, tuple) else value
