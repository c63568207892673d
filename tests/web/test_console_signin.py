"""The console's door: sign-in, one-time links, sessions, form tokens."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest

from bot.services import signin
from bot.web.session import FORM_COOKIE, SESSION_COOKIE, safe_next
from tests.web.conftest import Browser, Console

PASSWORD = "a long enough password"


@pytest.fixture
def console(console: Console, monkeypatch: pytest.MonkeyPatch) -> Console:
    monkeypatch.setattr(signin, "_strangers", signin._Strangers())
    staff = console.town.officer("Ayse", "de-koln-bk")
    with console.ports.database.write() as uow:
        uow.staff.get(staff.id).password_hash = signin.hash_password(PASSWORD)
    return console


def sign_in(browser: Browser, password: str = PASSWORD, **fields: str):
    page = browser.get("/console/sign-in?lang=en")
    return browser.submit(page, "/console/sign-in", email="ayse@town.test", password=password, **fields)


def test_signing_in_leads_to_the_page_that_was_asked_for(console: Console) -> None:
    browser = console.stranger()
    away = browser.get("/console/cases?tab=closed")
    assert away.status_code == 303
    page = browser.get(away.headers["location"])
    done = browser.submit(page, "/console/sign-in", email="ayse@town.test", password=PASSWORD)
    assert done.headers["location"] == "/console/cases?tab=closed"
    cookie = done.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/console" in cookie
    assert browser.get("/console/cases").status_code == 200


def test_a_wrong_password_says_so_and_keeps_the_address(console: Console) -> None:
    answer = sign_in(console.stranger(), "wrong")
    assert answer.status_code == 403
    assert "E-mail or password is wrong." in answer.text
    assert 'value="ayse@town.test"' in answer.text
    assert SESSION_COOKIE not in answer.cookies


def test_after_five_failures_the_page_says_how_long_to_wait(console: Console) -> None:
    browser = console.stranger()
    for _ in range(5):
        sign_in(browser, "wrong")
    answer = sign_in(browser)
    assert answer.status_code == 429
    assert "Try again in 1 minutes." in answer.text


def test_a_session_planted_by_somebody_else_is_never_taken_over(console: Console) -> None:
    browser = console.stranger()
    browser.cookies.set(SESSION_COOKIE, "planted", domain="town.test", path="/console")
    sign_in(browser)
    secrets = [cookie.value for cookie in browser.cookies.jar if cookie.name == SESSION_COOKIE]
    assert secrets
    assert secrets != ["planted"]
    first = secrets[0]
    sign_in(browser)
    assert browser.cookies[SESSION_COOKIE] != first
    assert signin.who_is(console.ports, first) is None


def test_the_session_cookie_is_secure_where_the_site_is(console: Console) -> None:
    from dataclasses import replace

    console.app.state.settings = replace(console.town.settings, secure_cookies=True)
    assert "Secure" in console.stranger().get("/console/sign-in").headers["set-cookie"]


def test_without_the_form_cookie_nobody_is_signed_in(console: Console) -> None:
    browser = console.stranger()
    page = browser.get("/console/sign-in?lang=en")
    browser.cookies.delete(FORM_COOKIE)
    answer = browser.submit(page, "/console/sign-in", email="ayse@town.test", password=PASSWORD)
    assert answer.status_code == 400
    assert SESSION_COOKIE not in browser.cookies
    assert 'value="ayse@town.test"' in answer.text


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/console/cases/5", "/console/cases/5"),
        ("/console/cases?tab=closed", "/console/cases?tab=closed"),
        ("https://evil.example/console/", "/console/cases"),
        ("//evil.example/console", "/console/cases"),
        ("/console\\@evil.example", "/console/cases"),
        ("/console.evil.example", "/console/cases"),
        ("/console/\r\nset-cookie: x=y", "/console/cases"),
        ("javascript:alert(1)", "/console/cases"),
        ("/", "/console/cases"),
        ("", "/console/cases"),
    ],
)
def test_nobody_is_led_to_another_site(wanted: str, goes_to: str) -> None:
    assert safe_next(wanted) == goes_to


def test_the_way_back_is_checked_when_the_form_is_sent(console: Console) -> None:
    browser = console.stranger()
    page = browser.get("/console/sign-in?next=" + quote("//evil.example"))
    assert "evil.example" not in page.text
    done = sign_in(browser, next="//evil.example")
    assert done.headers["location"] == "/console/cases"


def test_an_expired_session_says_so_and_what_was_typed_is_not_lost(console: Console) -> None:
    browser = console.officer("Mehmet")
    case = console.case()
    console.town.clock.forward(hours=13)
    page = browser.get(f"/console/cases/{case.id}")
    assert "expired=1" in page.headers["location"]
    assert "You were signed out" in browser.get(page.headers["location"] + "&lang=en").text
    sent = browser.sends(f"/console/cases/{case.id}/reply", body="Wir rufen <b>Sie</b> an")
    assert sent.status_code == 401
    assert "Wir rufen &lt;b&gt;Sie&lt;/b&gt; an" in sent.text
    assert f'name="next" value="/console/cases/{case.id}"' in sent.text
    assert browser.get("/console/cases/pulse").status_code == 401


def test_signing_out_ends_the_session_also_for_a_stolen_cookie(console: Console) -> None:
    browser = console.officer("Mehmet")
    secret = browser.cookies[SESSION_COOKIE]
    assert browser.get("/console/sign-out").status_code == 404
    assert browser.sends("/console/sign-out").headers["location"] == "/console/sign-in"
    assert signin.who_is(console.ports, secret) is None


def invitation(console: Console) -> str:
    with console.ports.database.write() as uow:
        staff = uow.staff.by_email("ayse@town.test")
        assert staff is not None
        return uow.staff.issue_token(staff.id, console.ports.clock(), timedelta(days=7))


def test_a_one_time_link_is_used_up_by_the_form_and_not_by_looking(console: Console) -> None:
    token, browser = invitation(console), console.stranger()
    address = f"/console/welcome?token={token}&lang=en"
    assert browser.get(address).status_code == 200
    page = browser.get(address)
    short = browser.submit(page, "/console/welcome", password="short", again="short")
    assert "at least 12 characters" in short.text
    done = browser.submit(page, "/console/welcome", password=PASSWORD + "!", again=PASSWORD + "!")
    assert done.status_code == 303
    assert browser.get("/console/cases").status_code == 200
    again = console.stranger().get(address)
    assert again.status_code == 410
    assert "already or has expired" in again.text


def test_the_language_of_a_stranger_follows_the_browser_and_their_choice(console: Console) -> None:
    browser = console.stranger()
    page = browser.get("/console/sign-in", headers={"accept-language": "ar-SY,en;q=0.5"})
    assert '<html lang="ar" dir="rtl">' in page.text
    assert '<html lang="tr"' in browser.get("/console/sign-in", headers={"accept-language": "xx"}).text
    browser.get("/console/sign-in?lang=nl")
    assert '<html lang="nl"' in browser.get("/console/sign-in").text


def test_the_language_is_changed_in_the_footer(console: Console) -> None:
    browser = console.officer("Mehmet")
    page = browser.get("/console/cases")
    done = browser.submit(page, "/console/language", language="ar")
    assert done.headers["location"] == "/console/cases"
    assert '<html lang="ar" dir="rtl">' in browser.reads("/console/cases")
    browser.sends("/console/language", language="xx", next="https://evil.example")
    assert '<html lang="ar"' in browser.reads("/console/cases")


def test_available_and_away(console: Console) -> None:
    browser = console.officer("Mehmet")
    page = browser.get("/console/cases")
    away = browser.submit(page, "/console/available", available="0")
    assert "You are away" in browser.reads(away.headers["location"])
    with console.ports.database.read() as uow:
        desk = uow.desks.all(console.ports.clock(), telegram=True)["de-koln-bk"]
    assert {officer.name: officer.available for officer in desk.officers}["Mehmet"] is False


def test_no_script_or_style_stands_inside_a_page(console: Console) -> None:
    browser = console.coordinator()
    case = console.case()
    for path in ("/console/cases", f"/console/cases/{case.id}", "/console/content", "/console/people"):
        html = browser.reads(path)
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", html), path
        assert not re.search(r'(?:src|href)="https?://(?!www\.openstreetmap\.org|[\w-]+\.mfa\.gov\.tr)', html)


def test_a_flood_of_bytes_is_refused(console: Console) -> None:
    answer = console.stranger().post("/console/sign-in", content=b"a=" + b"x" * 500_000)
    assert answer.status_code == 413
