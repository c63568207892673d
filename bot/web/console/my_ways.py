"""A person's own page about how alerts reach them outside the console, with a test."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from bot.services import trial_alerts
from bot.services.people import PeopleError
from bot.web.console.pages import Form, Page, SignedIn
from bot.web.console.route import ConsoleRoute

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)
HOME = "/console/me/ways"


@router.get("/me/ways")
def my_ways(page: SignedIn) -> Response:
    """The ways in the order in which they are used, and what became of the last test."""
    return _show(page)


@router.post("/me/ways/test")
def test(page: SignedIn, sent: Form) -> Response:
    """A test alert to oneself, by every way."""
    if not page.is_ours(sent):
        return _show(page, page.t("console.form_stale"))
    try:
        with page.ports.database.write() as uow:
            trial_alerts.send_to_person(uow, page.ports, page.staff.id, page.staff.id, page.now)
    except PeopleError as error:
        return _show(page, page.t(f"console.{error.code}"))
    page.ports.wakeup.notify("outbox")
    return page.go(HOME, "test_sent")


def _show(page: Page, error: str = "") -> Response:
    with page.ports.database.read() as uow:
        staff = uow.staff.get(page.staff.id)
        reach = uow.desks.reach(telegram=page.ports.telegram, email=page.ports.email)
        return page.render(
            "my_ways.html",
            409 if error else 200,
            ways=reach.to_person(staff),
            testable=trial_alerts.ways_to(staff, page.ports),
            trials=trial_alerts.latest_to(uow, staff),
            bounced=trial_alerts.bounced_to(staff, uow.bounces.all()),
            error=error,
        )
