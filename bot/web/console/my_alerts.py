"""A person's own page about notifications in their browsers, and the service worker that shows them."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from bot.clients.web_push import public_key
from bot.domain.push import browser_of
from bot.services import push
from bot.services.people import PeopleError
from bot.services.push import HOME
from bot.web.console.pages import Form, Page, SignedIn
from bot.web.console.queue import fingerprint
from bot.web.console.route import ConsoleRoute

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)
WORKER = Path(__file__).parents[1] / "static" / "console_sw.js"


@router.get("/sw.js")
def service_worker() -> Response:
    """The script that shows notifications. It may serve only the console, and holds nothing secret."""
    return Response(WORKER.read_bytes(), media_type="text/javascript", headers={"service-worker-allowed": "/console/"})


@router.get("/me/alerts")
def my_alerts(page: SignedIn) -> Response:
    """This browser, and every other one that is turned on."""
    return _show(page)


@router.get("/me/alerts/pulse")
def pulse(page: SignedIn, since: str = "") -> Response:
    """Whether the list is out of date, as when a test has just arrived."""
    with page.ports.database.read() as uow:
        now = _print(push.browsers_of(uow, page.staff.id))
    return JSONResponse({"fingerprint": now, "changed": now != since})


@router.post("/me/alerts/browsers")
def turn_on(page: SignedIn, sent: Form) -> Response:
    """Take the subscription that the browser has just made."""
    if not page.is_ours(sent):
        return _show(page, page.t("console.form_stale"))
    try:
        with page.ports.database.write() as uow:
            staff = uow.staff.get(page.staff.id)
            push.turn_on(uow, staff, sent["endpoint"], sent["p256dh"], sent["auth"], page.now)
    except PeopleError as error:
        return _show(page, page.t(f"console.{error.code}"))
    return page.go(HOME, "push_turned_on")


@router.post("/me/alerts/browsers/{subscription_id}/remove")
def turn_off(page: SignedIn, subscription_id: int, sent: Form) -> Response:
    """Send nothing more to one of one's own browsers."""
    if not page.is_ours(sent):
        return _show(page, page.t("console.form_stale"))
    with page.ports.database.write() as uow:
        push.turn_off(uow, page.staff.id, subscription_id, page.now)
    return page.go(HOME, "push_removed")


@router.post("/me/alerts/browsers/{subscription_id}/test")
def test(page: SignedIn, subscription_id: int, sent: Form) -> Response:
    """A real notification to one of one's own browsers."""
    if not page.is_ours(sent):
        return _show(page, page.t("console.form_stale"))
    with page.ports.database.write() as uow:
        push.send_test(uow, uow.staff.get(page.staff.id), subscription_id, page.now)
    page.ports.wakeup.notify("outbox")
    return page.go(HOME, "push_test_queued")


@router.post("/me/alerts/arrived")
def arrived(page: SignedIn, sent: Form) -> Response:
    """The service worker has shown a test. It has no form's token: the test's own secret proves that it may say so."""
    with page.ports.database.write() as uow:
        known = push.arrived(uow, page.staff.id, sent.line("nonce", 100), page.now)
    return Response(status_code=204) if known else _show(page, page.t("console.form_stale"))


def _print(browsers: list[push.Browser]) -> str:
    tests = [(b.row.id, b.arrived_at, b.test and (b.test.id, b.test.state)) for b in browsers]
    return fingerprint(tests)


def _show(page: Page, error: str = "") -> Response:
    with page.ports.database.read() as uow:
        browsers = push.browsers_of(uow, page.staff.id)
    return page.render(
        "my_alerts.html",
        409 if error else 200,
        browsers=browsers,
        browser_of=browser_of,
        key=public_key(page.request.app.state.settings.vapid_key),
        print=_print(browsers),
        error=error,
    )
