"""Incidents: the list, one incident, its waiting cases, and words to everyone in it."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import Response

from bot.domain.cases import CaseError
from bot.i18n.catalogues import LANGUAGES
from bot.services import broadcasts, incidents
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork
from bot.web.console.forms import Sent
from bot.web.console.incident_view import listed, read_incident, visible_incident
from bot.web.console.pages import Form, HandlesCases, Page, Refused, SeesCases
from bot.web.console.queue import fingerprint, visible_case
from bot.web.console.route import ConsoleRoute

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)
MAX_TEXT = 3_000


@router.get("/incidents")
def index(page: SeesCases, tab: str = "open") -> Response:
    """Open or closed incidents, the one with the newest report first."""
    state = "closed" if tab == "closed" else "open"
    with page.ports.database.read() as uow:
        return page.render("incidents.html", incidents=listed(page, uow, state), closed=state == "closed")


@router.get("/incidents/{incident_id}")
def show(page: SeesCases, incident_id: int) -> Response:
    """One incident on one screen."""
    return _show(page, incident_id)


@router.post("/incidents/{incident_id}/accept")
def accept(page: HandlesCases, incident_id: int, sent: Form) -> Response:
    """Take every case that waits at one desk."""
    desk_id = sent.line("desk")

    def check(uow: UnitOfWork, _staff: StaffRow) -> None:
        if not page.sees_everything and desk_id not in uow.desks.of_staff(page.staff.id):
            raise CaseError("no_desk")

    refused = _change(page, incident_id, sent, check)
    if refused is None:
        incidents.accept_waiting(page.ports, incident_id, desk_id, page.staff.id, page.now)
    return refused or _done(page, incident_id, "all_accepted")


@router.post("/incidents/{incident_id}/take-out")
def take_out(page: HandlesCases, incident_id: int, sent: Form) -> Response:
    """A case does not belong to it."""

    def change(uow: UnitOfWork, staff: StaffRow) -> None:
        case_id = _case(page, uow, sent)
        incidents.take_out(uow, page.ports, incident_id, case_id, staff, page.now)
        uow.audit.record(staff.id, "take_out_of_incident", f"case:{case_id}", page.now)

    return _change(page, incident_id, sent, change) or _done(page, incident_id, "taken_out")


@router.post("/incidents/{incident_id}/put-in")
def put_in(page: HandlesCases, incident_id: int, sent: Form) -> Response:
    """A case belongs to it."""

    def change(uow: UnitOfWork, staff: StaffRow) -> None:
        case_id = _case(page, uow, sent)
        incidents.put_in(uow, page.ports, incident_id, case_id, staff, page.now)
        uow.audit.record(staff.id, "put_into_incident", f"case:{case_id}", page.now)

    return _change(page, incident_id, sent, change) or _done(page, incident_id, "was_put_in")


@router.post("/incidents/{incident_id}/merge")
def merge(page: HandlesCases, incident_id: int, sent: Form) -> Response:
    """Two incidents are one."""
    other = sent.number("other")

    def change(uow: UnitOfWork, staff: StaffRow) -> None:
        if not other:
            raise CaseError("same_incident")
        visible_incident(page, uow, other)
        incidents.merge(uow, incident_id, other, staff, page.now)
        uow.audit.record(staff.id, "merge_incidents", f"incident:{incident_id}:{other}", page.now)

    return _change(page, incident_id, sent, change) or _done(page, min(incident_id, other), "merged")


@router.post("/incidents/{incident_id}/close")
def close(page: HandlesCases, incident_id: int, sent: Form) -> Response:
    """Nobody joins it any more."""

    def change(uow: UnitOfWork, staff: StaffRow) -> None:
        incidents.close(uow, incident_id, page.now)
        uow.audit.record(staff.id, "close_incident", f"incident:{incident_id}", page.now)

    return _change(page, incident_id, sent, change) or _done(page, incident_id, "incident_was_closed")


@router.post("/incidents/{incident_id}/broadcast")
def broadcast(page: HandlesCases, incident_id: int, sent: Form) -> Response:
    """Show who would get the words; with `send`, send them."""
    if not page.is_ours(sent):
        return _show(page, incident_id, 409, error=page.t("console.form_stale"), typed=sent.fields)
    texts = {code: sent[f"text_{code}"] for code in LANGUAGES}
    try:
        if any(len(words) > MAX_TEXT for words in texts.values()):
            return _show(page, incident_id, 409, error=page.t("console.too_long"), typed=sent.fields)
        written = broadcasts.in_order(texts, sent["fallback"])
    except CaseError as error:
        return _show(page, incident_id, 409, error=_why(page, error), typed=sent.fields)
    closed_too = bool(sent["closed_too"])
    if not sent["send"]:
        return _show(page, incident_id, typed=sent.fields, preview=written, closed_too=closed_too)

    def check(uow: UnitOfWork, staff: StaffRow) -> None:
        uow.audit.record(staff.id, "broadcast", f"incident:{incident_id}", page.now)

    refused = _change(page, incident_id, sent, check)
    if refused is not None:
        return refused
    key = fingerprint((incident_id, sent["key"], sorted(written.items())))
    try:
        broadcasts.broadcast(page.ports, incident_id, page.staff.id, written, key, page.now, closed_too=closed_too)
    except CaseError as error:
        return _show(page, incident_id, 409, error=_why(page, error), typed=sent.fields)
    return _done(page, incident_id, "broadcast_sent")


def _case(page: Page, uow: UnitOfWork, sent: Sent) -> int:
    """The number of the case that a form names, if this person may see it. Raises CaseError."""
    try:
        return visible_case(page, uow, sent.number("case")).id
    except (LookupError, Refused) as unknown:
        raise CaseError("unknown_case") from unknown


def _change(
    page: Page, incident_id: int, sent: Sent, change: Callable[[UnitOfWork, StaffRow], None]
) -> Response | None:
    """Do it in one commit; None, or the page that says why not."""
    if not page.is_ours(sent):
        return _show(page, incident_id, 409, error=page.t("console.form_stale"), typed=sent.fields)
    try:
        with page.ports.database.write() as uow:
            visible_incident(page, uow, incident_id)
            change(uow, uow.staff.get(page.staff.id))
    except CaseError as error:
        return _show(page, incident_id, 409, error=_why(page, error), typed=sent.fields)
    return None


def _why(page: Page, error: CaseError) -> str:
    return page.t(f"console.why.{error.code}")


def _done(page: Page, incident_id: int, said: str) -> Response:
    page.ports.wakeup.notify("outbox")
    return page.go(f"/console/incidents/{incident_id}", said)


def _show(
    page: Page,
    incident_id: int,
    status: int = 200,
    *,
    error: str = "",
    typed: dict[str, str] | None = None,
    preview: dict[str, str] | None = None,
    closed_too: bool = False,
) -> Response:
    with page.ports.database.read() as uow:
        row = visible_incident(page, uow, incident_id)
        seen = read_incident(page, uow, row)
        plan = broadcasts.plan(uow, incident_id, preview, closed_too, page.now) if preview else []
    typed = typed or {}
    return page.render(
        "incident.html",
        status,
        seen=seen,
        row=row,
        error=error,
        typed=typed,
        preview=preview,
        plan=plan,
        most=MAX_TEXT,
        acts=page.may("handle_cases") and row.state == "open",
        # The same key as before: if the first click did arrive, the second changes nothing.
        key=typed.get("key") or secrets.token_urlsafe(12),
    )
