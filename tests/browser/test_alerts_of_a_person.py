"""The page about notifications and the sound for new cases, in a real browser. No push service is asked: the browser's
own tools hand the message to our service worker, as a push service would."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.domain.push import encoded
from bot.storage.tables_staff import StaffRow
from tests.browser.test_stolen_passport import STOLEN, sign_in, welcome_link
from tests.harness.serving import serving
from tests.harness.town import Town

pytestmark = pytest.mark.browser
HOME = "/console/me/alerts"
# Counts what would be heard. Nothing else about sound can be seen from outside.
COUNT_TONES = """
window.tones = 0;
const original = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () { window.tones += 1; return original.call(this); };
"""


def english(town: Town, staff: StaffRow) -> StaffRow:
    with town.database.write() as uow:
        uow.staff.get(staff.id).language = "en"
    return staff


@pytest.fixture
def ayse(town: Town) -> StaffRow:
    return english(town, town.officer("Ayşe", "de-koln-bk"))


def without_mistakes(page: Page) -> list[str]:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


def set_notifications(page: Page, address: str, setting: str) -> None:
    """What the person has told the browser about notifications of this site: granted or denied."""
    session = page.context.new_cdp_session(page)
    of_context = session.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    asked = {"origin": address, "permission": {"name": "notifications"}, "setting": setting}
    session.send("Browser.setPermission", asked | {"browserContextId": of_context})


def says(page: Page, words: str, **options: float) -> None:
    """What stands on the page about this browser, and can be seen."""
    expect(page.locator("[data-push] [role=status]")).to_contain_text(words, use_inner_text=True, **options)


def test_the_page_says_what_is_true_about_this_browser(browser: Browser, town: Town, ayse: StaffRow) -> None:
    with serving(town) as address:
        page = browser.new_context().new_page()
        errors = without_mistakes(page)
        sign_in(page, address, welcome_link(town, ayse.id))
        set_notifications(page, address, "denied")
        page.get_by_role("link", name="Ayşe").click()
        button = page.get_by_role("button", name="Turn notifications on")
        says(page, "This browser blocks notifications from this page.")
        expect(button).to_be_hidden()

        set_notifications(page, address, "granted")
        page.reload()
        says(page, "Notifications are off in this browser.")
        button.click()
        says(page, "The browser could not turn notifications on. It says:", timeout=30_000)
        assert page.evaluate("navigator.serviceWorker.getRegistration('/console/').then((r) => r.scope)") == (
            f"{address}/console/"
        ), "our rules for scripts let the service worker start"
        ours = [error for error in errors if "Push API in incognito" not in error]  # Chrome says so of itself
        assert ours == [], "nothing breaks the content security policy"

        page.add_init_script("delete window.PushManager")
        page.reload()
        says(page, "This browser cannot receive notifications here.")
        expect(button).to_be_hidden()


def delivered(page: Page, address: str, message: dict[str, Any]) -> None:
    """Hand a message to our service worker the way a push service does."""
    session, found = page.context.new_cdp_session(page), []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    until = time.monotonic() + 10
    while not found and time.monotonic() < until:
        page.wait_for_timeout(50)
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": address, "registrationId": found[-1]["registrationId"], "data": json.dumps(message)},
    )


def test_a_test_is_shown_by_the_service_worker_and_the_page_learns_that_it_arrived(
    browser: Browser, town: Town, ayse: StaffRow
) -> None:
    with town.database.write() as uow:
        keys = {"p256dh": encoded(b"\x04" + b"p" * 64), "auth": encoded(b"s" * 16)}
        uow.push_subscriptions.add(ayse.id, "https://push.test/1", **keys, now=town.clock())
    with serving(town) as address:
        page = browser.new_context().new_page()
        sign_in(page, address, welcome_link(town, ayse.id))
        set_notifications(page, address, "granted")
        page.goto(address + HOME)
        page.evaluate("navigator.serviceWorker.register('/console/sw.js', {scope: '/console/'})")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.get_by_role("button", name="Send a test").click()
        expect(page.locator("#browsers")).to_contain_text(": on its way.", use_inner_text=True)
        (row,) = [row for row in town.outbox() if row.channel == "push"]
        delivered(page, address, row.body["message"])
        expect(page.locator("#browsers")).to_contain_text(": arrived at ", timeout=10_000)
        shown = page.evaluate(
            "navigator.serviceWorker.ready.then((r) => r.getNotifications())"
            ".then((all) => all.map((n) => [n.title, n.body, n.tag]))"
        )
        assert shown == [["Hemşehri", "This is a test. Notifications reach this browser.", "test"]]


def test_the_sound_for_new_cases_says_when_it_is_blocked_and_rings_once_allowed(
    browser: Browser, town: Town, ayse: StaffRow
) -> None:
    with serving(town) as address:
        context = browser.new_context()
        first = context.new_page()
        first.add_init_script(COUNT_TONES)
        sign_in(first, address, welcome_link(town, ayse.id))
        button = first.get_by_role("button", name="Sound for new cases")
        expect(button).to_have_attribute("aria-pressed", "false")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        first.wait_for_function("window.tones === 2")  # heard at once
        expect(first.locator("[data-sound-blocked]")).to_be_hidden()
        first.close()

        page = context.new_page()  # nobody has touched it yet
        page.add_init_script(COUNT_TONES)
        errors = without_mistakes(page)
        page.goto(f"{address}/console/cases")
        blocked = page.locator("[data-sound-blocked]")
        expect(blocked).to_contain_text("This browser blocks the sound for new cases")
        blocked.get_by_role("button", name="Allow sound").click()
        expect(blocked).to_be_hidden()
        page.wait_for_function("window.tones === 2")
        town.citizen().writes(STOLEN)
        expect(page.locator("#queue")).to_contain_text("Köln", timeout=15_000)
        page.wait_for_function("window.tones === 4")
        assert errors == []
