"""One person asks another at the same desk to stand in; agreed, it is an override in the same commit."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.coverage import Plan, Span, common
from bot.domain.rosters import Override
from bot.domain.shifts import pieces, shifts_of
from bot.i18n.catalogues import day_and_time, text
from bot.services.alert_ways import tell
from bot.services.coverage import plans_of
from bot.services.ports import Ports
from bot.services.routing import desk_name
from bot.storage.tables_duty import SwapRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork

# How many cases somebody has says something about the coming hours, nothing about next month.
CAPACITY_COUNTS_WITHIN = timedelta(hours=12)


class SwapError(Exception):
    """A swap that cannot be; `code` names the sentence for the person who tried."""

    def __init__(self, code: str, **words: str) -> None:
        super().__init__(code)
        self.code, self.words = code, words


def ask(
    uow: UnitOfWork, ports: Ports, staff: StaffRow, desk_id: str, asked_of: int, span: Span, now: datetime
) -> SwapRow:
    """Ask a colleague to take `span` of one's own duty; they are told. Asking the same again changes nothing.

    Raises SwapError: not one's shift, over already, or the colleague cannot.
    """
    asked = uow.staff.get(asked_of)
    _lock(uow, desk_id)
    _check(uow, ports, desk_id, staff, asked, span, now)
    for open_swap in uow.swaps.open(now, asked_by=staff.id):
        if (open_swap.desk_id, open_swap.asked_of, open_swap.starts_at, open_swap.ends_at) == (
            desk_id, asked_of, *span,
        ):  # fmt: skip
            return open_swap
    row = uow.swaps.add(
        SwapRow(
            desk_id=desk_id, asked_by=staff.id, asked_of=asked_of, starts_at=span[0], ends_at=span[1],
            state="asked", asked_at=now,
        )
    )  # fmt: skip
    uow.audit.record(staff.id, "swap_asked", f"swap:{row.id}", now, desk=desk_id, of=asked_of)
    _tell(uow, ports, row, asked, staff.name, "alert.swap_asked", now)
    return row


def agree(uow: UnitOfWork, ports: Ports, swap_id: int, staff: StaffRow, now: datetime) -> SwapRow:
    """The asked colleague stands in: the override is made in the same commit. Raises SwapError, LookupError."""
    row = _asked_of(uow, swap_id, staff)
    _lock(uow, row.desk_id)  # two colleagues who agree to two requests for one shift come here one after the other
    if not uow.swaps.answer(row, "agreed", now):
        return _answered_before(row, "agreed")
    asker = uow.staff.get(row.asked_by)
    _check(uow, ports, row.desk_id, asker, staff, (row.starts_at, row.ends_at), now)
    override = Override(row.desk_id, staff.id, asker.id, row.starts_at, row.ends_at, f"swap:{row.id}")
    row.override_id = uow.duty.add_override(override).id
    uow.audit.record(staff.id, "swap_agreed", f"swap:{row.id}", now, override=row.override_id)
    _tell(uow, ports, row, asker, staff.name, "alert.swap_agreed", now)
    return row


def decline(uow: UnitOfWork, ports: Ports, swap_id: int, staff: StaffRow, now: datetime) -> SwapRow:
    """The asked colleague cannot; whoever asked is told. Raises SwapError, LookupError."""
    row = _asked_of(uow, swap_id, staff)
    if not uow.swaps.answer(row, "declined", now):
        return _answered_before(row, "declined")
    uow.audit.record(staff.id, "swap_declined", f"swap:{row.id}", now)
    _tell(uow, ports, row, uow.staff.get(row.asked_by), staff.name, "alert.swap_declined", now)
    return row


def withdraw(uow: UnitOfWork, ports: Ports, swap_id: int, staff: StaffRow, now: datetime) -> SwapRow:
    """Whoever asked no longer needs it; the asked colleague is told. Raises SwapError, LookupError."""
    row = uow.swaps.get(swap_id)
    if row.asked_by != staff.id:
        raise LookupError(swap_id)
    if not uow.swaps.answer(row, "withdrawn", now):
        return _answered_before(row, "withdrawn")
    uow.audit.record(staff.id, "swap_withdrawn", f"swap:{row.id}", now)
    _tell(uow, ports, row, uow.staff.get(row.asked_of), staff.name, "alert.swap_withdrawn", now)
    return row


def state_of(row: SwapRow, now: datetime) -> str:
    """asked | agreed | declined | withdrawn, or `expired`: nobody answered before the shift began."""
    return "expired" if row.state == "asked" and row.starts_at <= now else row.state


def _asked_of(uow: UnitOfWork, swap_id: int, staff: StaffRow) -> SwapRow:
    row = uow.swaps.get(swap_id)
    if row.asked_of != staff.id:
        raise LookupError(swap_id)
    return row


def _answered_before(row: SwapRow, wanted: str) -> SwapRow:
    """The same answer twice is a double click; any other has come too late."""
    if row.state == wanted:
        return row
    raise SwapError("swap_expired" if row.state == "asked" else f"swap_was_{row.state}")


def _lock(uow: UnitOfWork, desk_id: str) -> None:
    desk = uow.desks.row(desk_id)
    if desk is None:
        raise LookupError(desk_id)
    uow.session.refresh(desk, with_for_update=True)


def _check(
    uow: UnitOfWork, ports: Ports, desk_id: str, asker: StaffRow, asked: StaffRow, span: Span, now: datetime
) -> None:
    """Whether the asker has this duty to give, and the asked colleague could take it."""
    start, end = span
    if start >= end:
        raise SwapError("ends_before_start")
    if start <= now:
        raise SwapError("swap_expired")
    plans = _plans(uow, ports, start, end)
    plan = plans[desk_id]
    if asked.id not in plan.members or asked.id == asker.id:
        raise SwapError("swap_not_colleague", name=asked.name)
    on = _on(plan, asker.id, span)
    if asker.id not in plan.members or not on or common(on, [span]) != [span]:
        raise SwapError("swap_not_yours", name=asker.name)
    if uow.duty.absences(start, end - timedelta(microseconds=1), asked.id):
        raise SwapError("swap_away", name=asked.name)
    if any(_on(plan, asked.id, span) for plan in plans.values() if plan.rosters or plan.overrides):
        raise SwapError("swap_on_duty", name=asked.name)
    if start <= now + CAPACITY_COUNTS_WITHIN and _is_full(uow, ports, desk_id, asked.id, now):
        raise SwapError("swap_full", name=asked.name)


def _on(plan: Plan, person: int, span: Span) -> list[Span]:
    """When somebody is on duty within a span, at an open desk; nobody is at one without a plan of who is on."""
    if person not in plan.members or not (plan.overrides or any(roster.active for roster in plan.rosters)):
        return []
    return shifts_of(person, pieces(plan, *span))


def _plans(uow: UnitOfWork, ports: Ports, start: datetime, end: datetime) -> dict[str, Plan]:
    rows = {row.id: row for row in uow.desks.rows() if row.active}
    plans = plans_of(uow, rows, uow.desks.members_by_desk(), start, end, ports.email)
    return {key: plan for key, plan in plans.items() if not plan.always}


def _is_full(uow: UnitOfWork, ports: Ports, desk_id: str, person: int, now: datetime) -> bool:
    desk = uow.desks.all(now, telegram=ports.telegram, email=ports.email, only=(desk_id,))[desk_id]
    return any(officer.full for officer in desk.officers if officer.id == person)


def _tell(uow: UnitOfWork, ports: Ports, row: SwapRow, to: StaffRow, name: str, key: str, now: datetime) -> None:
    desk = uow.desks.row(row.desk_id)
    zone = desk.timezone if desk else "UTC"
    starts, ends = (day_and_time(moment, to.language, zone) for moment in (row.starts_at, row.ends_at))
    words = {"name": name, "starts": starts, "ends": ends, "link": f"{ports.console_url}/me/shifts"}
    words["desk"] = desk_name(uow, ports.knowledge.directory, row.desk_id, to.language)
    tell(uow, ports, to, None, text(key, to.language, **words), f"{key}:{row.id}", now)
