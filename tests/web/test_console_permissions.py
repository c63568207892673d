"""Who may open what: every console route stands in this table, and a route that is missing fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from bot.domain.accounts import Permission
from bot.web.console import ROUTERS
from tests.web.conftest import Browser, Console

PUBLIC, ANYBODY = "public", None
TABLE: dict[tuple[str, str], object] = {
    ("GET", "/console"): PUBLIC,
    ("GET", "/console/sign-in"): PUBLIC,
    ("POST", "/console/sign-in"): PUBLIC,
    ("GET", "/console/welcome"): PUBLIC,
    ("POST", "/console/welcome"): PUBLIC,
    ("POST", "/console/sign-out"): ANYBODY,
    ("POST", "/console/language"): ANYBODY,
    ("POST", "/console/available"): ANYBODY,
    ("GET", "/console/{path:path}"): ANYBODY,
    ("GET", "/console/sw.js"): PUBLIC,
    ("GET", "/console/me/ways"): ANYBODY,
    ("POST", "/console/me/ways/test"): ANYBODY,
    ("GET", "/console/me/alerts"): ANYBODY,
    ("GET", "/console/me/alerts/pulse"): ANYBODY,
    ("POST", "/console/me/alerts/browsers"): ANYBODY,
    ("POST", "/console/me/alerts/browsers/{subscription_id}/test"): ANYBODY,
    ("POST", "/console/me/alerts/browsers/{subscription_id}/remove"): ANYBODY,
    ("POST", "/console/me/alerts/arrived"): ANYBODY,
    ("GET", "/console/cases"): Permission.SEE_CASES,
    ("GET", "/console/cases/pulse"): Permission.SEE_CASES,
    ("GET", "/console/cases/{case_id}"): Permission.SEE_CASES,
    ("GET", "/console/cases/{case_id}/pulse"): Permission.SEE_CASES,
    ("POST", "/console/cases/{case_id}/accept"): Permission.HANDLE_CASES,
    ("POST", "/console/cases/{case_id}/take-over"): Permission.HANDLE_CASES,
    ("POST", "/console/cases/{case_id}/transfer"): Permission.HANDLE_CASES,
    ("POST", "/console/cases/{case_id}/snooze"): Permission.HANDLE_CASES,
    ("POST", "/console/cases/{case_id}/reply"): Permission.HANDLE_CASES,
    ("POST", "/console/cases/{case_id}/note"): Permission.HANDLE_CASES,
    ("POST", "/console/cases/{case_id}/close"): Permission.HANDLE_CASES,
    ("GET", "/console/cases/{case_id}/attachments/{attachment_id}"): Permission.SEE_CASES,
    ("POST", "/console/cases/{case_id}/messages/{message_id}/translate"): Permission.HANDLE_CASES,
    ("GET", "/console/replies"): Permission.EDIT_CONTENT,
    ("POST", "/console/replies"): Permission.EDIT_CONTENT,
    ("GET", "/console/replies/{key}"): Permission.EDIT_CONTENT,
    ("POST", "/console/replies/{key}"): Permission.EDIT_CONTENT,
    ("GET", "/console/incidents"): Permission.SEE_CASES,
    ("GET", "/console/incidents/{incident_id}"): Permission.SEE_CASES,
    ("POST", "/console/incidents/{incident_id}/accept"): Permission.HANDLE_CASES,
    ("POST", "/console/incidents/{incident_id}/take-out"): Permission.HANDLE_CASES,
    ("POST", "/console/incidents/{incident_id}/put-in"): Permission.HANDLE_CASES,
    ("POST", "/console/incidents/{incident_id}/merge"): Permission.HANDLE_CASES,
    ("POST", "/console/incidents/{incident_id}/close"): Permission.HANDLE_CASES,
    ("POST", "/console/incidents/{incident_id}/broadcast"): Permission.HANDLE_CASES,
    ("GET", "/console/content"): Permission.READ_CONTENT,
    ("GET", "/console/content/{topic}/{language}"): Permission.READ_CONTENT,
    ("POST", "/console/content/{topic}/{language}"): Permission.EDIT_CONTENT,
    ("POST", "/console/content/{topic}/{language}/restore"): Permission.EDIT_CONTENT,
    ("GET", "/console/me/telegram"): ANYBODY,
    ("POST", "/console/me/telegram"): ANYBODY,
    ("POST", "/console/desks/{desk_id}/group"): Permission.MANAGE_PEOPLE,
    ("GET", "/console/people"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/people"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/people/{staff_id}"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/people/{staff_id}/invite"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/people/{staff_id}/test"): Permission.MANAGE_PEOPLE,
    ("GET", "/console/setup"): Permission.MANAGE_PEOPLE,
    ("GET", "/console/setup/export"): Permission.MANAGE_PEOPLE,
    ("GET", "/console/setup/export/{table}"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/setup/import"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/setup/apply"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/setup/chains/{label}"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/setup/clocks/{severity}"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/setup/permissions/{role}"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/desks"): Permission.MANAGE_PEOPLE,
    ("GET", "/console/desks/{desk_id}"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/desks/{desk_id}"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/desks/{desk_id}/secret"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/desks/{desk_id}/test"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/desks/{desk_id}/members"): Permission.MANAGE_PEOPLE,
    ("GET", "/console/duty"): Permission.MANAGE_PEOPLE,
    ("GET", "/console/desks/{desk_id}/duty"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/desks/{desk_id}/duty/rosters"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/desks/{desk_id}/duty/rosters/{roster_id}/delete"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/desks/{desk_id}/duty/overrides"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/desks/{desk_id}/duty/overrides/{override_id}/delete"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/desks/{desk_id}/duty/absences"): Permission.MANAGE_PEOPLE,
    ("POST", "/console/desks/{desk_id}/duty/absences/{absence_id}/delete"): Permission.MANAGE_PEOPLE,
    ("GET", "/console/me/shifts"): ANYBODY,
    ("POST", "/console/me/shifts/away"): ANYBODY,
    ("POST", "/console/me/shifts/away/{absence_id}/delete"): ANYBODY,
    ("POST", "/console/me/shifts/swaps"): ANYBODY,
    ("POST", "/console/me/shifts/swaps/{swap_id}"): ANYBODY,
    ("POST", "/console/cases/{case_id}/stay"): Permission.HANDLE_CASES,
}


def routes() -> Iterator[tuple[str, str, APIRoute]]:
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in route.methods:
                yield method, route.path, route


def declared(route: APIRoute) -> object:
    checks = [d.call for d in route.dependant.dependencies if hasattr(d.call, "permission")]
    assert len(checks) <= 1
    return checks[0].permission if checks else PUBLIC


def test_every_route_declares_what_the_table_says() -> None:
    assert {(method, path): declared(route) for method, path, route in routes()} == TABLE


def fill(path: str, case_id: int) -> str:
    values = {"case_id": case_id, "incident_id": 1, "attachment_id": 1, "message_id": 1, "key": "safe_now",
              "topic": "appointment", "language": "tr", "staff_id": 1, "subscription_id": 1,
              "label": "accident", "severity": "life", "role": "officer", "table": "desks",
              "desk_id": "de-koln-bk", "path:path": "nothing/here"}  # fmt: skip
    for name, value in values.items():
        path = path.replace("{" + name + "}", str(value))
    return path


def asked(browser: Browser, method: str, path: str):
    return browser.get(path) if method == "GET" else browser.sends(path)


def test_nobody_gets_in_without_signing_in(console: Console) -> None:
    case = console.case()
    for (method, path), need in TABLE.items():
        if need == PUBLIC:
            continue
        answer = asked(console.stranger(), method, fill(path, case.id))
        if path.endswith("/pulse") or method == "POST":
            assert answer.status_code == 401, path
        else:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/console/sign-in?next="), path
        assert "no-store" in answer.headers["cache-control"], path


THEIRS = (Permission.READ_CONTENT, Permission.EDIT_CONTENT, Permission.MANAGE_PEOPLE)
COORDINATORS_ONLY = [key for key, need in TABLE.items() if need in THEIRS]


def test_an_officer_is_told_no_and_a_coordinator_is_not(console: Console) -> None:
    officer, coordinator = console.officer("Ayse"), console.coordinator()
    for method, path in COORDINATORS_ONLY:
        answer = asked(officer, method, fill(path, 1))
        assert answer.status_code == 403, path
        assert "Your role does not allow this." in answer.text, path
    for method, path in COORDINATORS_ONLY:
        assert asked(coordinator, method, fill(path, 1)).status_code in (200, 303, 404, 409), path


POSTS = [path for method, path in TABLE if method == "POST" and TABLE[method, path] != PUBLIC]


@pytest.mark.parametrize("token", ["", "0" * 64, "ß"])
def test_a_form_of_another_site_changes_nothing(console: Console, token: str) -> None:
    browser, case = console.coordinator(), console.case()
    with console.ports.database.read() as uow:
        before = _all(uow)
    fields = {"name": "X", "email": "x@town.test", "body": "typed text", "note": "typed text",
              "action": "publish", "title": "T", "available": "0", "language": "nl", "outcome": "helped",
              "staff": "1", "number": "1", "active": "0", "hours": "sat 10:00-11:00"}  # fmt: skip
    for path in POSTS:
        answer = browser.sends(fill(path, case.id), **fields, form_token=token)
        assert answer.status_code in (303, 404, 409), path
        if answer.status_code == 303:
            assert "form_stale" in answer.headers["location"], path
        elif answer.status_code == 409:
            assert "This page was open for too long" in answer.text, path
        with console.ports.database.read() as uow:
            assert _all(uow) == before, path
    assert browser.get("/console/cases").status_code == 200


def _all(uow) -> str:
    """Everything a form could change, as one text."""
    staff = [(p.id, p.role, p.available, p.active, p.language) for p in uow.staff.everyone()]
    events = [(e.kind, e.data) for e in uow.cases.events(1)]
    articles = [(a.topic, a.language, a.version) for a in uow.content.articles()]
    desks = [(d.id, d.hours, d.webhook_secret, d.email) for d in _desks(uow)]
    return repr((staff, events, articles, desks, uow.outbox.counts()))


def _desks(uow):
    from bot.services.people import every_desk

    return every_desk(uow)


def test_an_unknown_address_is_a_page(console: Console) -> None:
    browser = console.officer("Ayse")
    for path in ("/console/nothing", "/console/cases/999", "/console/cases/abc", f"/console/cases/{10**20}"):
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert "There is nothing at this address." in answer.text
