"""One's own shifts: when they are, being away, and asking a colleague to stand in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from bot.domain.cases import CaseError
from bot.domain.coverage import Plan
from bot.domain.rosters import Absence, RosterError, zone_of
from bot.domain.shifts import pieces, shifts_of
from bot.services import duty, shift_end, swaps
from bot.services.coverage import plans_of
from bot.services.people import the_desk
from bot.services.routing import desk_name
from bot.services.swaps import SwapError
from bot.services.where import HOME_TIMEZONE
from bot.storage.tables_duty import SwapRow
from bot.storage.unit_of_work import UnitOfWork
from bot.web.console.duty import span_of, why
from bot.web.console.duty_view import typed_time
from bot.web.console.forms import Sent
from bot.web.console.pages import Form, HandlesCases, Page, SignedIn
from bot.web.console.queue import visible_case
from bot.web.console.route import ConsoleRoute

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)
HOME = "/console/me/shifts"
DAYS = 60
SHOWN = 60  # shifts
SOON = timedelta(minutes=10)  # from then on a shift that is running can be given away


@router.get("/me/shifts")
def show(page: SignedIn) -> Response:
    """My next shifts at all desks, when I am away, and what was asked."""
    return _show(page)


@router.post("/me/shifts/away")
def add_absence(page: SignedIn, sent: Form) -> Response:
    """I am away for a while."""

    def save(uow: UnitOfWork) -> str:
        start, end, said = span_of(_timezone(page, uow), sent)
        duty.add_absence(uow, Absence(page.staff.id, start, end, sent.line("note", 200)), page.staff.id, page.now)
        return "away_saved" if said == "saved" else said

    return _change(page, sent, save)


@router.post("/me/shifts/away/{absence_id}/delete")
def delete_absence(page: SignedIn, absence_id: int, sent: Form) -> Response:
    """I am not away after all."""

    def save(uow: UnitOfWork) -> str:
        duty.remove_absence(uow, [page.staff.id], absence_id, page.staff.id, page.now)
        return "saved"

    return _change(page, sent, save)


@router.post("/me/shifts/swaps")
def ask(page: SignedIn, sent: Form) -> Response:
    """Ask a colleague to take a shift of mine, or part of it."""

    def save(uow: UnitOfWork) -> str:
        desk = the_desk(uow, sent["desk"])
        start, end, _ = span_of(desk.timezone, sent)
        me = uow.staff.get(page.staff.id)
        swaps.ask(uow, page.ports, me, desk.id, sent.number("colleague"), (start, end), page.now)
        return "swap_asked_now"

    return _change(page, sent, save)


@router.post("/me/shifts/swaps/{swap_id}")
def answer(page: SignedIn, swap_id: int, sent: Form) -> Response:
    """Agree, decline, or take one's own request back."""
    known = {"agree": swaps.agree, "decline": swaps.decline, "withdraw": swaps.withdraw}
    said = {"agree": "swap_agreed_now", "decline": "swap_declined_now", "withdraw": "swap_withdrawn_now"}

    def save(uow: UnitOfWork) -> str:
        if sent["action"] not in known:
            raise LookupError(sent["action"])
        known[sent["action"]](uow, page.ports, swap_id, uow.staff.get(page.staff.id), page.now)
        return said[sent["action"]]

    return _change(page, sent, save)


@router.post("/cases/{case_id}/stay")
def stay(page: HandlesCases, case_id: int, sent: Form) -> Response:
    """My shift has ended, and I go on with this case."""
    back = f"/console/cases/{case_id}"
    if not page.is_ours(sent):
        return page.go(back, "form_stale")
    try:
        with page.ports.database.write() as uow:
            visible_case(page, uow, case_id)
            shift_end.stay(uow, page.ports, case_id, uow.staff.get(page.staff.id), page.now)
    except CaseError as error:
        return page.go(back, error.code if error.code != "already_accepted" else "not_the_owner")
    return page.go(back, "stays_now")


def _change(page: Page, sent: Sent, save: Callable[[UnitOfWork], str]) -> Response:
    if not page.is_ours(sent):
        return _show(page, page.t("console.form_stale"), sent)
    try:
        with page.ports.database.write() as uow:
            said = save(uow)
    except SwapError as error:
        return _show(page, page.t(f"console.{error.code}", **error.words), sent)
    except RosterError as error:
        with page.ports.database.read() as uow:
            sentence = why(page, uow, error, _timezone(page, uow))
        return _show(page, sentence, sent)
    page.ports.wakeup.notify("outbox")
    return page.go(HOME, said)


def _timezone(page: Page, uow: UnitOfWork) -> str:
    """People have no time zone of their own: that of their first desk, or of home."""
    desks = (uow.desks.row(key) for key in sorted(uow.desks.of_staff(page.staff.id)))
    return next((zone_of(desk.timezone).key for desk in desks if desk is not None), HOME_TIMEZONE)


def _show(page: Page, error: str = "", sent: Sent | None = None) -> Response:
    now, me = page.now, page.staff.id
    with page.ports.database.read() as uow:
        mine = set(uow.desks.of_staff(me))
        rows = {row.id: row for row in uow.desks.rows() if row.active and row.id in mine}
        people = uow.desks.members_by_desk()
        plans = plans_of(uow, rows, people, now, now + timedelta(days=DAYS), page.ports.email)
        names = {key: desk_name(uow, page.ports.knowledge.directory, key, page.language) for key in rows}
        planned = {key: plan for key, plan in plans.items() if plan.overrides or any(r.active for r in plan.rosters)}
        shifts = [
            shift | {"name": names[key], "colleagues": [(p.id, p.name) for p in people[key] if p.id != me]}
            for key, plan in planned.items()
            for shift in _shifts(page, plan)
        ]
        asked = [_swap(page, uow, row) for row in uow.swaps.of_person(me, now)]
        timezone = _timezone(page, uow)
        absences = uow.duty.absences(now, now + timedelta(days=730), me)
    return page.render(
        "my_shifts.html",
        409 if error else 200,
        shifts=sorted(shifts, key=lambda shift: shift["at"])[:SHOWN],
        without_roster=[names[key] for key in rows if key not in planned],
        of_me=[one for one in asked if not one["mine"] and one["state"] == "asked"],
        by_me=[one for one in asked if one["mine"]],
        absences=absences,
        timezone=timezone,
        days=DAYS,
        error=error,
        typed=sent.fields if sent else {},
    )


def _shifts(page: Page, plan: Plan) -> list[dict[str, Any]]:
    """My shifts at one desk, with what a form needs to give one away."""
    zone = zone_of(plan.desk.timezone)
    whole = pieces(plan, page.now, page.now + timedelta(days=DAYS))
    found = []
    for start, end in shifts_of(page.staff.id, whole):
        first = max(start, _next_quarter(page.now + SOON))
        found.append(
            {
                "desk": plan.desk.id, "at": start, "timezone": zone.key,
                "starts": page.at(start, zone.key), "ends": page.at(end, zone.key),
                "typed": (typed_time(first, zone), typed_time(end, zone)) if first < end else None,
            }
        )  # fmt: skip
    return found


def _next_quarter(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=-moment.minute % 15)


def _swap(page: Page, uow: UnitOfWork, row: SwapRow) -> dict[str, Any]:
    mine = row.asked_by == page.staff.id
    timezone = zone_of(the_desk(uow, row.desk_id).timezone).key
    return {
        "id": row.id,
        "mine": mine,
        "state": swaps.state_of(row, page.now),
        "name": uow.staff.get(row.asked_of if mine else row.asked_by).name,
        "desk": desk_name(uow, page.ports.knowledge.directory, row.desk_id, page.language),
        "starts": page.at(row.starts_at, timezone),
        "ends": page.at(row.ends_at, timezone),
    }
