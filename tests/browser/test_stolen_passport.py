"""The main promise, in a real browser: a cry for help becomes a case, a person answers, the citizen reads it."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.app import utc_now
from bot.i18n.catalogues import text
from tests.harness.serving import serving
from tests.harness.town import Town

pytestmark = pytest.mark.browser
STOLEN = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"
REPLY = "Merhaba, ben Ayşe. Karakol tutanağınız var mı?"
PHONE = {"width": 390, "height": 844}
SHOTS = os.environ.get("HEMSEHRI_SCREENSHOTS")  # a folder: `make screenshots` fills docs/screenshots


def shoot(page: Page, name: str, full: bool = False) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=full)


def welcome_link(town: Town, staff_id: int) -> str:
    with town.database.write() as uow:
        token = uow.staff.issue_token(staff_id, utc_now(), timedelta(hours=1))
    return f"/console/welcome?token={token}"


def sign_in(page: Page, address: str, link: str) -> None:
    page.goto(address + link)
    for field in page.locator("input[type=password]").all():
        field.fill("correct horse battery staple")
    page.locator("main button[type=submit], main form button").first.click()
    page.wait_for_url("**/console/cases*")


def write(page: Page, text: str) -> None:
    box = page.locator("textarea").first
    box.fill(text)
    box.press("Enter")


def test_a_stolen_passport_from_the_widget_to_the_officer_and_back(browser: Browser, town: Town) -> None:
    officer = town.officer("Ayşe", "de-koln-bk")
    with serving(town) as address:
        citizen = browser.new_context(viewport=PHONE, locale="tr-TR").new_page()
        citizen.goto(f"{address}/chat?lang=tr")
        write(citizen, STOLEN)
        log = citizen.get_by_role("log")
        expect(log).to_contain_text("110")
        expect(log).to_contain_text("+49 30 56 83 73 099")
        expect(log.get_by_role("link", name="110")).to_have_attribute("href", "tel:110")
        expect(log).to_contain_text("Köln Başkonsolosluğu")
        shoot(citizen, "widget-tr")

        person = browser.new_context(viewport={"width": 1280, "height": 900}, locale="tr-TR").new_page()
        errors: list[str] = []
        person.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        sign_in(person, address, welcome_link(town, officer.id))
        shoot(person, "console-queue")
        person.locator("main a[href*='/console/cases/']").first.click()
        main = person.locator("main")
        expect(main).to_contain_text(STOLEN)
        expect(main).to_contain_text("Regierungsbezirk Köln")
        person.locator("form[action$='/accept'] button").click()
        expect(log).to_contain_text("Ayşe")
        person.locator("form[action$='/reply'] textarea").fill(REPLY)
        person.locator("form[action$='/reply'] button").first.click()
        expect(log).to_contain_text(REPLY)
        expect(person.locator("main")).to_contain_text(REPLY)
        shoot(person, "console-case", full=True)

        write(citizen, "Evet, var. Teşekkürler!")
        expect(person.locator("main")).to_contain_text("Evet, var.", timeout=15_000)
        bot_lines = town.citizen_lines("web")
        assert [line.author for line in bot_lines][-2:] == ["officer", "citizen"], "the bot stays silent"
        assert errors == [], "nothing breaks the content security policy"


def test_arabic_is_written_from_the_right_and_language_changes_in_the_middle(browser: Browser, town: Town) -> None:
    with serving(town) as address:
        page = browser.new_context(viewport=PHONE, locale="ar").new_page()
        page.goto(f"{address}/chat?lang=ar")
        write(page, "كيف أحجز موعدًا في القنصلية؟")
        log = page.get_by_role("log")
        expect(log).to_contain_text("konsolosluk.gov.tr")
        expect(page.locator("hemsehri-chat")).to_have_count(1)
        direction = page.evaluate(
            "getComputedStyle(document.querySelector('hemsehri-chat').shadowRoot.querySelector('[role=log]')).direction"
        )
        assert direction == "rtl"
        shoot(page, "widget-ar")
        write(page, "Können wir bitte Deutsch sprechen? Wie bekomme ich einen Termin beim Konsulat?")
        expect(page.locator("textarea").first).to_have_attribute("dir", "ltr")
        expect(log).to_contain_text("Termin")


def test_the_page_at_the_root_shows_the_chat_and_the_call_centre(browser: Browser, town: Town) -> None:
    with serving(town) as address:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(f"{address}/?lang=de")
        expect(page.locator("body")).to_contain_text("+90 312 292 29 29")
        write(page, "hallo")
        expect(page.get_by_role("log")).to_contain_text(text("say.greet", "de"))
        shoot(page, "site-de")


def test_a_lost_connection_loses_and_doubles_nothing(browser: Browser, town: Town) -> None:
    with serving(town) as address:
        context = browser.new_context(viewport=PHONE)
        page = context.new_page()
        page.goto(f"{address}/chat?lang=en")
        write(page, "hello")
        log = page.get_by_role("log")
        expect(log).to_contain_text("What can I do for you?")
        context.set_offline(True)
        write(page, "how do I renew my passport")
        page.wait_for_timeout(500)
        context.set_offline(False)
        expect(log).to_contain_text("passport", timeout=20_000)
        page.wait_for_timeout(1500)
        mine = [line.text for line in town.citizen_lines("web") if line.author == "citizen"]
        assert mine == ["hello", "how do I renew my passport"]
        assert log.get_by_text("how do I renew my passport", exact=True).count() == 1
