"""Who is on duty when, for coordinators: the calendar of a desk, its rosters, who stands in, who is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response

from bot.domain.rosters import Absence, Override, Roster, RosterError, zone_of
from bot.domain.shifts import MOST_WEEKS, local_moment
from bot.services import duty
from bot.services.people import the_desk
from bot.services.routing import desk_name
from bot.storage.unit_of_work import UnitOfWork
from bot.web.console.duty_view import YEAR, read_duty, read_overview
from bot.web.console.forms import Sent
from bot.web.console.pages import Form, ManagesPeople, Page, View
from bot.web.console.route import ConsoleRoute

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)
USUAL_WEEKS = 5
LONGEST_TURN = 366  # days


@router.get("/duty")
def overview(page: ManagesPeople) -> Response:
    """All desks: who is on now, who is next, when nobody is."""
    with page.ports.database.read() as uow:
        return page.render("duty_desks.html", desks=read_overview(page, uow), days=28)


@router.get("/desks/{desk_id}/duty")
def show(page: ManagesPeople, desk_id: str) -> Response:
    """The calendar of one desk."""
    return _show(page, desk_id)


@router.post("/desks/{desk_id}/duty/rosters")
def save_roster(page: ManagesPeople, desk_id: str, sent: Form) -> Response:
    """A new roster, or a changed one."""

    def save(uow: UnitOfWork) -> str:
        members = [staff.id for staff in uow.desks.members(desk_id)]
        duty.put_roster(uow, _roster(sent, desk_id, members), page.staff.id, page.now)
        return "saved"

    return _change(page, desk_id, sent, save)


@router.post("/desks/{desk_id}/duty/rosters/{roster_id}/delete")
def delete_roster(page: ManagesPeople, desk_id: str, roster_id: int, sent: Form) -> Response:
    """Forget a roster."""

    def save(uow: UnitOfWork) -> str:
        duty.remove_roster(uow, desk_id, roster_id, page.staff.id, page.now)
        return "saved"

    return _change(page, desk_id, sent, save)


@router.post("/desks/{desk_id}/duty/overrides")
def add_override(page: ManagesPeople, desk_id: str, sent: Form) -> Response:
    """Somebody stands in, or is on duty in addition."""

    def save(uow: UnitOfWork) -> str:
        start, end, said = span_of(the_desk(uow, desk_id).timezone, sent)
        who, instead = sent.number("who"), sent.number("instead") or None
        override = Override(desk_id, who, instead, start, end, f"staff:{page.staff.id}")
        duty.add_override(uow, override, page.staff.id, page.now)
        return said

    return _change(page, desk_id, sent, save)


@router.post("/desks/{desk_id}/duty/overrides/{override_id}/delete")
def delete_override(page: ManagesPeople, desk_id: str, override_id: int, sent: Form) -> Response:
    """The plan holds again."""

    def save(uow: UnitOfWork) -> str:
        duty.remove_override(uow, desk_id, override_id, page.staff.id, page.now)
        return "saved"

    return _change(page, desk_id, sent, save)


@router.post("/desks/{desk_id}/duty/absences")
def add_absence(page: ManagesPeople, desk_id: str, sent: Form) -> Response:
    """A person of this desk is away."""

    def save(uow: UnitOfWork) -> str:
        start, end, said = span_of(the_desk(uow, desk_id).timezone, sent)
        who = sent.number("who")
        if who not in {staff.id for staff in uow.desks.members(desk_id)}:
            raise RosterError("not_on_desk", people=str(who))
        duty.add_absence(uow, Absence(who, start, end, sent.line("note", 200)), page.staff.id, page.now)
        return said

    return _change(page, desk_id, sent, save)


@router.post("/desks/{desk_id}/duty/absences/{absence_id}/delete")
def delete_absence(page: ManagesPeople, desk_id: str, absence_id: int, sent: Form) -> Response:
    """They are back."""

    def save(uow: UnitOfWork) -> str:
        people = [staff.id for staff in uow.desks.members(desk_id)]
        duty.remove_absence(uow, people, absence_id, page.staff.id, page.now)
        return "saved"

    return _change(page, desk_id, sent, save)


def span_of(timezone: str, sent: Sent) -> tuple[datetime, datetime, str]:
    """From and to by the clock of a zone, and what to say about a night in which it changes. Raises RosterError."""
    zone = zone_of(timezone)
    start, first = local_moment(sent["starts"], zone)
    end, second = local_moment(sent["ends"], zone, end=True)
    odd = first or second
    return start, end, f"duty_saved_{odd}" if odd else "saved"


def why(view: View, uow: UnitOfWork, error: RosterError, timezone: str) -> str:
    """The sentence for a plan that is refused: people and desks by name, times by the clock of a zone."""
    words = dict(error.args_for_text)
    names = {str(staff.id): staff.name for staff in uow.staff.everyone()}
    if "people" in words:
        words["people"] = ", ".join(names.get(one, "?") for one in words["people"].split(", "))
    if "person" in words:
        words["name"] = names.get(words.pop("person"), "?")
    if "desk" in words:
        words["desk"] = desk_name(uow, view.ports.knowledge.directory, words["desk"], view.language)
    for key in {"starts", "ends"} & set(words):
        words[key] = view.at(datetime.fromisoformat(words[key]), zone_of(timezone).key)
    return view.t(f"console.{error.code}", **words)


def _roster(sent: Sent, desk_id: str, members: list[int]) -> Roster:
    """The form as a plan. Raises RosterError."""
    order = {person: sent.number(f"place-{person}") for person in members}
    people = sorted((person for person in members if order[person]), key=lambda person: (order[person], person))
    turn = sent["turn_days"].strip()
    if not (turn.isascii() and turn.isdigit() and int(turn[:6]) <= LONGEST_TURN):
        raise RosterError("turn_days_wrong", days=turn[:20])
    try:
        first_day = date.fromisoformat(sent["starts_on"].strip())
    except ValueError as error:
        raise RosterError("date_wrong", typed=sent.line("starts_on", 40)) from error
    try:
        turn_at = time.fromisoformat(sent["turn_at"].strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError as error:
        raise RosterError("hand_over_wrong", typed=sent.line("turn_at", 40)) from error
    return Roster(
        sent.number("roster"), desk_id, sent.line("name", 120), sent.line("hours"), first_day, int(turn), turn_at,
        tuple(people), sent["active"] == "1",
    )  # fmt: skip


def _change(page: Page, desk_id: str, sent: Sent, save: Callable[[UnitOfWork], str]) -> Response:
    """Make one change, then back to the same weeks; what is refused stands on the page with what was typed."""
    if not page.is_ours(sent):
        return _show(page, desk_id, page.t("console.form_stale"), sent)
    try:
        with page.ports.database.write() as uow:
            the_desk(uow, desk_id)
            said = save(uow)
    except RosterError as error:
        with page.ports.database.read() as uow:
            sentence = why(page, uow, error, the_desk(uow, desk_id).timezone)
        return _show(page, desk_id, sentence, sent)
    first, count = _shown(sent["week"], sent["weeks"])
    week = f"week={first.isoformat()}&" if first else ""
    return page.go(f"/console/desks/{quote(desk_id, safe='')}/duty?{week}weeks={count}&said={said}")


def _shown(week: str, count: str) -> tuple[date | None, int]:
    """Which weeks to show: None for the current one."""
    try:
        first = date.fromisoformat(week)
    except ValueError:
        first = None
    if first is not None and not 2000 <= first.year < 2099:
        first = None
    number = int(count) if count.isascii() and count.isdigit() and len(count) < 4 else USUAL_WEEKS
    return first, min(max(number, 1), MOST_WEEKS)


def _show(page: Page, desk_id: str, error: str = "", sent: Sent | None = None) -> Response:
    asked = sent.fields if sent else dict(page.request.query_params)
    first, count = _shown(asked.get("week", ""), asked.get("weeks", ""))
    with page.ports.database.read() as uow:
        seen = read_duty(page, uow, the_desk(uow, desk_id), first, count)
    # A link from a time without anybody fills in the form for standing in.
    typed = sent.fields if sent else {"form": "override", **asked} if asked.get("starts") else {}
    return page.render(
        "duty.html",
        409 if error else 200,
        seen=seen,
        count=count,
        most=MOST_WEEKS,
        days=YEAR,
        error=error,
        typed_in=lambda form: typed if typed.get("form") == form else {},
    )
