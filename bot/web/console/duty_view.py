"""A desk's plan as its page shows it: plain values, in the reader's language and the desk's time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.coverage import Gap, Plan
from bot.domain.desks import COORDINATION
from bot.domain.rosters import Absence, Override, Roster, zone_of
from bot.domain.shifts import Day, Piece, holes, monday, pieces, weeks
from bot.i18n import catalogues
from bot.services.coverage import coverage, plans_of
from bot.services.duty import doubled
from bot.services.routing import desk_name
from bot.storage.tables_staff import DeskRow, StaffRow
from bot.storage.unit_of_work import UnitOfWork
from bot.web.console.pages import View

YEAR = 365  # days
AHEAD = 28  # days in which the overview looks for the next time without anybody
DOUBLED_WITHIN = timedelta(days=91)
SHOWN = 40  # lines of a list


@dataclass(frozen=True)
class Entry:
    """One line of a day. `kind`: on, hole (nobody would answer), or closed."""

    kind: str
    times: str  # "" for a whole day
    names: tuple[tuple[str, bool], ...]  # and whether they can be reached
    could_fill: str = ""


@dataclass(frozen=True)
class DayShown:
    """One day of the calendar."""

    date: date
    label: str
    today: bool
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Hole:
    """A span in which nobody would answer; `starts` and `ends` also as a form takes them."""

    starts: str
    ends: str
    typed: tuple[str, str]
    could_fill: str
    could_fill_part: str
    falls_to: str = ""


@dataclass(frozen=True)
class DeskDuty:
    """Everything on the page of one desk's duty."""

    desk: DeskRow
    name: str
    zone: ZoneInfo
    zone_known: bool
    members: list[StaffRow]
    always: bool  # the coordinators
    rosters: list[Roster]
    overrides: list[Override]
    absences: list[Absence]
    weeks: list[list[DayShown]]
    earlier: str  # the first day of the weeks before these, and after
    later: str
    holes: list[Hole]
    more_holes: int
    chain_holes: list[str]
    more_chain_holes: int
    doubled: list[dict[str, str]]
    names: Mapping[int, str]


@dataclass(frozen=True)
class DeskNow:
    """One desk in the overview."""

    id: str
    name: str
    always: bool
    now: str
    then: str
    hole: str


def read_duty(view: View, uow: UnitOfWork, desk: DeskRow, first: date | None, count: int) -> DeskDuty:
    """Gather one desk's duty: the calendar from a day on, and the coming year."""
    rows = {row.id: row for row in uow.desks.rows() if row.active or row.id == desk.id}
    people = uow.desks.members_by_desk()
    zone, now, directory = zone_of(desk.timezone), view.now, view.ports.knowledge.directory
    names = {staff.id: staff.name for staff in uow.staff.everyone()}
    first = first or monday(now.astimezone(zone).date())
    start = min(now, _start_of(first)) - timedelta(days=2)
    end = max(now + timedelta(days=YEAR + 1), _start_of(first) + timedelta(days=7 * 14))
    plans = plans_of(uow, rows, people, start, end, view.ports.email)
    plan = plans[desk.id]
    report = coverage(
        uow, view.ports.knowledge.taxonomy, directory, now, YEAR, desk.id, email=view.ports.email
    )["desks"][0]  # fmt: skip
    of_year = holes(plan, pieces(plan, now.replace(second=0, microsecond=0), now + timedelta(days=YEAR)))
    members = people.get(desk.id, [])
    return DeskDuty(
        desk=desk,
        name=desk_name(uow, directory, desk.id, view.language),
        zone=zone,
        zone_known=zone.key == desk.timezone,
        members=members,
        always=plan.always,
        rosters=list(uow.duty.rosters(desk.id)),
        overrides=uow.duty.overrides(now, end, desk.id),
        absences=[away for away in uow.duty.absences(now, end) if away.staff_id in plan.members],
        weeks=[[_day(view, plan, names, day, zone) for day in week] for week in weeks(plan, first, count)],
        earlier=(first - timedelta(weeks=count)).isoformat(),
        later=(first + timedelta(weeks=count)).isoformat(),
        holes=[_hole(view, uow, gap, names, zone, report["gaps"]) for gap in of_year[:SHOWN]],
        more_holes=max(0, len(of_year) - SHOWN),
        chain_holes=[
            _span(view, _moment(gap["from"]), _moment(gap["to"]), zone) for gap in report["chain_gaps"][:SHOWN]
        ],
        more_chain_holes=max(0, len(report["chain_gaps"]) - SHOWN),
        doubled=_doubled(view, uow, plans, desk.id, names, zone),
        names=names,
    )


def read_overview(view: View, uow: UnitOfWork) -> list[DeskNow]:
    """Every desk that takes cases: who is on duty, who comes next, and the next time without anybody."""
    rows = {row.id: row for row in uow.desks.rows() if row.active}
    people, now = uow.desks.members_by_desk(), view.now
    plans = plans_of(uow, rows, people, now, now + timedelta(days=AHEAD), view.ports.email)
    names = {staff.id: staff.name for members in people.values() for staff in members}
    found = []
    for key, plan in plans.items():
        whole = pieces(plan, now, now + timedelta(days=AHEAD))
        zone = zone_of(plan.desk.timezone)
        on = _listed(view, (names[person] for person in whole[0].on if person in names)) if whole[0].open else ""
        then = next((piece for piece in whole[1:] if piece.open and piece.on), None)
        gap = next((piece for piece in whole if piece.hole), None)
        found.append(
            DeskNow(
                key,
                desk_name(uow, view.ports.knowledge.directory, key, view.language),
                key == COORDINATION,
                on or view.t("console.duty_closed" if not whole[0].open else "console.duty_nobody"),
                f"{view.at(then.starts_at, zone.key)}: {_listed(view, (names[p] for p in then.on if p in names))}"
                if then
                else "",
                _span(view, gap.starts_at, gap.ends_at, zone) if gap else "",
            )
        )
    return sorted(found, key=lambda desk: (desk.id == COORDINATION, desk.name))


def typed_time(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as a form's field for date and time holds it."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def _start_of(day: date) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00")


def _day(view: View, plan: Plan, names: Mapping[int, str], day: Day, zone: ZoneInfo) -> DayShown:
    entries = tuple(_entry(view, plan, names, piece, zone, whole=len(day.pieces) == 1) for piece in day.pieces)
    label = f"{catalogues.weekday_name(day.date.weekday(), view.language)} {catalogues.day(day.date, view.language)}"
    return DayShown(day.date, label, day.date == view.now.astimezone(zone).date(), entries)


def _entry(view: View, plan: Plan, names: Mapping[int, str], piece: Piece, zone: ZoneInfo, *, whole: bool) -> Entry:
    kind = "hole" if piece.hole else "on" if piece.open else "closed"
    times = "" if whole else _times(view, piece, zone)
    if kind == "closed":
        return Entry(kind, times, ())
    on = tuple((names.get(person, str(person)), person in plan.reachable) for person in piece.on)
    (gap,) = holes(plan, [piece]) or (None,)
    return Entry(kind, times, on, _people(view, gap.could_fill, names) if gap else "")


def _times(view: View, piece: Piece, zone: ZoneInfo) -> str:
    starts, ends = (catalogues.clock_time(at, view.language, zone.key) for at in (piece.starts_at, piece.ends_at))
    return f"{starts}–{ends}"


def _hole(
    view: View, uow: UnitOfWork, gap: Gap, names: Mapping[int, str], zone: ZoneInfo, reported: list[dict[str, Any]]
) -> Hole:
    # What is reported also counts hours in which the desk is closed: the hole lies within one of those spans.
    within = (one["falls_to"] for one in reported if _moment(one["from"]) <= gap.starts_at < _moment(one["to"]))
    key = next(within, None)
    return Hole(
        view.at(gap.starts_at, zone.key),
        view.at(gap.ends_at, zone.key),
        (typed_time(gap.starts_at, zone), typed_time(gap.ends_at, zone)),
        _people(view, gap.could_fill, names),
        _people(view, gap.could_fill_part, names),
        desk_name(uow, view.ports.knowledge.directory, key, view.language) if key else "",
    )


def _doubled(
    view: View, uow: UnitOfWork, plans: Mapping[str, Plan], desk_id: str, names: Mapping[int, str], zone: ZoneInfo
) -> list[dict[str, str]]:
    found = []
    for double in doubled(plans, view.now, view.now + DOUBLED_WITHIN):
        if desk_id not in double.desks:
            continue
        other = next(key for key in double.desks if key != desk_id)
        found.append(
            {
                "name": names.get(double.staff_id, ""),
                "desk": desk_name(uow, view.ports.knowledge.directory, other, view.language),
                "starts": view.at(double.span[0], zone.key),
                "ends": view.at(double.span[1], zone.key),
            }
        )
    return found


def _span(view: View, starts: datetime, ends: datetime, zone: ZoneInfo) -> str:
    return view.t("console.duty_span", starts=view.at(starts, zone.key), ends=view.at(ends, zone.key))


def _moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso)


def _people(view: View, ids: Iterable[int], names: Mapping[int, str]) -> str:
    return _listed(view, (names[person] for person in ids if person in names))


def _listed(view: View, names: Iterable[str]) -> str:
    return ("، " if view.language == "ar" else ", ").join(names)
