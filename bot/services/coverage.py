"""Which hours of the coming days nobody would answer, desk by desk, and who could fill them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.domain.coverage import Gap, Plan, Span, common, gaps
from bot.domain.desks import COORDINATION, Desk
from bot.domain.directory import Directory
from bot.domain.jurisdiction import Jurisdiction, responsible_mission
from bot.domain.places import Location
from bot.domain.rosters import zone_of
from bot.domain.routing import HelpRequest, candidates
from bot.domain.taxonomy import DeskKind, Taxonomy
from bot.services.routing import desk_name
from bot.storage.bounces import Reach
from bot.storage.desks import as_value
from bot.storage.tables_staff import DeskRow, StaffRow
from bot.storage.unit_of_work import UnitOfWork

SHOWN = 40  # gaps of one desk in the text; --json has them all


def coverage(
    uow: UnitOfWork,
    taxonomy: Taxonomy,
    directory: Directory,
    now: datetime,
    days: int,
    desk_id: str | None = None,
    *,
    email: bool,
) -> dict[str, Any]:
    """For one desk, or every desk that takes cases: its chain, its gaps in the next `days` days, the chain's gaps.

    Being away for now (the console's switch) and having many cases do not count: they are not planned.
    `email`: whether alerts can go out by e-mail; without it a desk's address reaches nobody.
    Raises LookupError for an unknown desk.
    """
    start = now.replace(second=0, microsecond=0)
    end = start + timedelta(days=days)
    rows = {row.id: row for row in uow.desks.rows() if row.active or row.id == desk_id}
    if desk_id is not None and desk_id not in rows:
        raise LookupError(desk_id)
    people = uow.desks.members_by_desk()
    plans = plans_of(uow, rows, people, start, end, email)
    desks = {plan.desk.id: plan.desk for plan in plans.values()}
    wanted = [desk_id] if desk_id else list(rows)
    chains = {key: _chain(desks[key], desks, taxonomy, directory) for key in wanted}
    found = {key: gaps(plans[key], start, end) for key in sorted({key for chain in chains.values() for key in chain})}
    names = {staff.id: staff.name for members in people.values() for staff in members}
    return {
        "from": start.isoformat(),
        "to": end.isoformat(),
        "days": days,
        "desks": [
            {
                "desk": key,
                "name": desk_name(uow, directory, key, "en"),
                **_of_desk(desks[key], chains[key], found, names),
            }
            for key in wanted
        ],
    }


def plans_of(
    uow: UnitOfWork,
    rows: Mapping[str, DeskRow],
    people: Mapping[str, list[StaffRow]],
    start: datetime,
    end: datetime,
    email: bool,
) -> dict[str, Plan]:
    """What is planned for these desks between two moments, by desk id."""
    rosters, overrides, absences = uow.duty.rosters(), uow.duty.overrides(start, end), uow.duty.absences(start, end)
    reach = uow.desks.reach(telegram=True, email=email)
    plans = {}
    for key, row in rows.items():
        members = frozenset(staff.id for staff in people.get(key, ()))
        plans[key] = Plan(
            as_value(row),
            members,
            frozenset(staff.id for staff in people.get(key, ()) if can_be_reached(reach, row, staff)),
            tuple(roster for roster in rosters if roster.desk_id == key),
            tuple(override for override in overrides if override.desk_id == key),
            tuple(absence for absence in absences if absence.staff_id in members),
            always=key == COORDINATION,
        )
    return plans


def can_be_reached(reach: Reach, desk: DeskRow, staff: StaffRow) -> bool:
    """By a way that lasts and has not bounced: their own, or the desk's. A console that is open now does not last."""
    return bool(reach.to_person(staff) or reach.to_desk(desk))


def _chain(desk: Desk, desks: Mapping[str, Desk], taxonomy: Taxonomy, directory: Directory) -> list[str]:
    """The desk and those that come after it for somebody in its city, by the widest crisis; coordinators last."""
    label = max(taxonomy.crisis, key=lambda key: len(taxonomy.crisis[key].desks))
    mission = directory.missions.get(desk.id)
    place = Location(desk.country, desk.city) if desk.country and desk.city else None
    home = ""
    if mission is not None:
        place = Location(mission.country, mission.city, mission.lat, mission.lon)
    elif desk.kind is DeskKind.HOME_CITY:  # its citizens are anywhere
        place, home = None, desk.municipality or desk.city
    by_place = responsible_mission(directory, place)
    own = mission is not None and desk.kind is DeskKind.CONSULATE
    jurisdiction = Jurisdiction(mission, "district", by_place.args) if own else by_place
    request = HelpRequest(label, taxonomy.severity_of(label), "en", place, home)
    ids = [step.desk_id for step in candidates(request, taxonomy, directory, desks, jurisdiction) if step.desk]
    after = ids[ids.index(desk.id) + 1 :] if desk.id in ids else [COORDINATION]
    return [desk.id, *(key for key in after if key in desks and key != desk.id)]


def _of_desk(desk: Desk, chain: list[str], found: Mapping[str, list[Gap]], names: Mapping[int, str]) -> dict[str, Any]:
    zone = zone_of(desk.timezone)

    def times(start: datetime, end: datetime) -> dict[str, Any]:
        wall = (start.astimezone(zone).isoformat(), end.astimezone(zone).isoformat())
        return {"from": wall[0], "to": wall[1], "minutes": int((end - start).total_seconds()) // 60}

    def who(ids: Iterable[int]) -> list[dict[str, Any]]:
        return [{"id": staff_id, "name": names[staff_id]} for staff_id in ids]

    spans = {key: [(gap.starts_at, gap.ends_at) for gap in found[key]] for key in chain}
    of_chain = spans[desk.id]
    for key in chain[1:]:
        of_chain = common(of_chain, spans[key])
    return {
        "timezone": desk.timezone,
        "chain": chain,
        "gaps": [
            times(gap.starts_at, gap.ends_at)
            | {
                "could_fill": who(gap.could_fill),
                "could_fill_part": who(gap.could_fill_part),
                "falls_to": _falls_to((gap.starts_at, gap.ends_at), chain[1:], spans),
            }
            for gap in found[desk.id]
        ],
        "chain_gaps": [times(*span) for span in of_chain],
    }


def _falls_to(span: Span, chain: list[str], spans: Mapping[str, list[Span]]) -> str | None:
    """The first desk after this one that answers during the whole span."""
    return next((key for key in chain if not common([span], spans[key])), None)


def as_text(report: Mapping[str, Any]) -> str:
    """The report for people: each desk, its gaps in its own time, and what nobody at all would answer."""
    lines = [f"Coverage of {report['days']} days from {report['from']}"]
    for desk in report["desks"]:
        total = sum(gap["minutes"] for gap in desk["gaps"])
        lines += ["", f"{desk['desk']}: {desk['name']} (times of {desk['timezone']})"]
        lines.append(f"  then: {', then '.join(desk['chain'][1:]) or 'nobody'}")
        if not desk["gaps"]:
            lines.append("  somebody is always on duty")
            continue
        lines.append(f"  nobody at this desk for {_length(total)} in all:")
        lines += _shortened([_gap_line(gap) for gap in desk["gaps"]])
        if desk["chain_gaps"]:
            lines.append("  NOBODY IN THE WHOLE CHAIN:")
            lines += _shortened([f"    {_when(gap)}" for gap in desk["chain_gaps"]])
    return "\n".join(lines)


def _gap_line(gap: Mapping[str, Any]) -> str:
    names = [person["name"] for person in gap["could_fill"]]
    names += [f"{person['name']} (part of it)" for person in gap["could_fill_part"]]
    return f"    {_when(gap)}; could fill it: {', '.join(names) or 'nobody'}; falls to: {gap['falls_to'] or 'nobody'}"


def _when(gap: Mapping[str, Any]) -> str:
    start, end = (datetime.fromisoformat(gap[key]) for key in ("from", "to"))
    return f"{start:%a %Y-%m-%d %H:%M} to {end:%a %Y-%m-%d %H:%M} ({_length(gap['minutes'])})"


def _length(minutes: int) -> str:
    """'2 d 3 h 5 min'."""
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"


def _shortened(lines: list[str]) -> list[str]:
    more = len(lines) - SHOWN
    return lines if more <= 0 else [*lines[:SHOWN], f"    ... and {more} more (--json lists all)"]
