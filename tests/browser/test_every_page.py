"""Every page of the console in a real browser, on a phone and a desk, left to right and right to left."""

from __future__ import annotations

import os
from datetime import date, time, timedelta

import pytest
from playwright.sync_api import Browser

from bot.app import utc_now
from bot.domain.rosters import Roster
from bot.storage.tables_staff import StaffRow
from bot.web.session import SESSION_COOKIE
from tests.harness.serving import serving
from tests.harness.town import Town

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("HEMSEHRI_SCREENSHOTS")  # a folder: `make screenshots` fills docs/screenshots
KOLN = "de-koln-bk"
PAGES = (
    "/console/cases", "/console/cases/1", "/console/incidents", "/console/incidents/1", "/console/duty",
    f"/console/desks/{KOLN}/duty", f"/console/desks/{KOLN}", "/console/people", "/console/setup", "/console/replies",
    "/console/content", "/console/me/shifts", "/console/me/alerts", "/console/me/telegram", "/console/me/ways",
)  # fmt: skip
CRIES = (
    "Deprem oldu, Köln'deyim, ev yıkıldı, yardım edin",
    "Erdbeben in Köln, das Haus ist eingestürzt, Hilfe",
    "Tremblement de terre à Cologne, la maison s'est effondrée, aidez-nous",
)


@pytest.fixture
def coordinator(town: Town) -> StaffRow:
    """A coordinator of a desk with a roster and of an event that three people report."""
    town.clock.forward(seconds=(utc_now() - timedelta(minutes=5) - town.clock()).total_seconds())
    people = tuple(town.officer(name, KOLN).id for name in ("Ayşe", "Burak"))
    with town.database.write() as uow:
        hours = {"hours": "mon-fri 08:00-18:00", "turn_days": 7, "turn_at": time(9)}
        uow.duty.add_roster(Roster(0, KOLN, "Week", starts_on=date(2026, 11, 16), people=people, **hours))  # type: ignore[arg-type]
    coordinator = town.coordinator()
    for number, cry in enumerate(CRIES):
        town.citizen(f"citizen{number}").writes(cry)
    return coordinator


@pytest.mark.parametrize(
    ("language", "width", "colours"), [("en", 1280, "light"), ("tr", 390, "light"), ("ar", 390, "dark")]
)
def test_every_page_fits_and_breaks_no_rule(
    town: Town, browser: Browser, coordinator: StaffRow, language: str, width: int, colours: str
) -> None:
    with town.database.write() as uow:
        uow.staff.get(coordinator.id).language = language
        secret = uow.staff.open_session(coordinator.id, utc_now())
    with serving(town) as url:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=colours)  # type: ignore[arg-type]
        context.add_cookies([{"name": SESSION_COOKIE, "value": secret, "url": url}])
        page = context.new_page()
        mistakes: list[str] = []
        page.on("console", lambda said: mistakes.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        for path in PAGES:
            answer = page.goto(url + path)
            assert answer is not None
            assert answer.status == 200, path
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{path} is too wide"
            assert page.evaluate("document.documentElement.lang") == language, path
            if SHOTS and width == 1280 and path in PAGES[3:6:2]:
                name = "console-incident" if "incidents" in path else "console-duty"
                page.screenshot(path=f"{SHOTS}/{name}.png")
        assert mistakes == []
        context.close()
