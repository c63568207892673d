"""People, invitations, desks and webhooks in the console."""

from __future__ import annotations

import base64
import re
from html import unescape

import pytest
from standardwebhooks import Webhook

from bot.services import signin
from tests.web.conftest import Browser, Console

XSS = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
PERSON = {"name": "Zeynep", "email": "Zeynep@Town.test", "role": "officer"}
CITY = {"kind": "home_city", "name": "İzmir", "country": "tr", "city": "İzmir", "municipality": "İzmir",
        "timezone": "Europe/Istanbul", "hours": "mon-fri 09:00-17:00"}  # fmt: skip


def shown_secret(html: str) -> str:
    found = re.search(r'<input class="secret" readonly value="([^"]+)"', html)
    assert found
    return unescape(found[1])


def add(browser: Browser, **changes: str):
    page = browser.get("/console/people")
    return browser.submit(page, "/console/people", **(PERSON | changes))


def test_a_new_person_gets_a_link_that_is_shown_once_and_works(console: Console) -> None:
    browser = console.coordinator()
    console.town.officer("Ayse", "de-koln-bk")
    done = add(browser, desk="de-koln-bk")
    assert done.status_code == 303
    assert "token" not in done.headers["location"]
    html = browser.reads(done.headers["location"])
    link = shown_secret(html)
    assert link.startswith("http://town.test/console/welcome?token=")
    assert "Zeynep" in html
    assert "welcome?token" not in browser.reads("/console/people")
    guest = console.stranger()
    page = guest.get(link.removeprefix("http://town.test"))
    guest.submit(page, "/console/welcome", password="a long password", again="a long password")
    assert guest.get("/console/cases").status_code == 200
    with console.ports.database.read() as uow:
        staff = uow.staff.by_email("zeynep@town.test")
        assert staff is not None
        assert uow.desks.of_staff(staff.id) == ["de-koln-bk"]


def test_a_link_planted_by_somebody_else_is_not_shown(console: Console) -> None:
    browser = console.coordinator()
    browser.cookies.set("hemsehri_once", "0" * 64 + ".e30=", domain="town.test", path="/console")
    assert 'class="secret"' not in browser.reads("/console/people")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": "Coordinator@town.test"}, "Somebody with this e-mail is here already."),
        ({"email": "no address"}, "This is not an e-mail address."),
        ({"name": " "}, "Write a name."),
    ],
)
def test_a_person_who_cannot_be_added(console: Console, changes: dict[str, str], words: str) -> None:
    answer = add(console.coordinator(), **changes)
    assert answer.status_code == 409
    assert words in answer.text


def test_somebody_who_leaves_is_signed_out_at_once(console: Console) -> None:
    coordinator, officer = console.coordinator(), console.officer("Ayse")
    with console.ports.database.read() as uow:
        staff = uow.staff.by_email("ayse@town.test")
        assert staff is not None
    coordinator.sends(f"/console/people/{staff.id}", role="officer", telegram_chat="")
    assert officer.get("/console/cases").status_code == 303
    assert signin.who_is(console.ports, officer.cookies["hemsehri_session"]) is None


def test_the_last_coordinator_stays_one(console: Console) -> None:
    browser = console.coordinator()
    for fields in ({"role": "officer", "active": "1"}, {"role": "coordinator"}):
        answer = browser.sends("/console/people/1", **fields)
        assert "Somebody must remain a coordinator." in answer.text
    console.town.coordinator("Second")
    assert browser.sends("/console/people/1", role="officer", active="1").status_code == 303


@pytest.mark.parametrize(
    ("chat", "words"), [("@ayse", "consists of digits"), ("1001", "Somebody else has this Telegram")]
)
def test_a_telegram_chat_that_cannot_be(console: Console, chat: str, words: str) -> None:
    browser, ayse = console.coordinator(), console.town.officer("Ayse", "de-koln-bk")
    fields = {"role": "officer", "active": "1", "telegram_chat": chat}
    assert words in browser.sends(f"/console/people/{ayse.id}", **fields).text


def test_a_new_link_for_somebody_who_forgot_their_password(console: Console) -> None:
    browser, ayse = console.coordinator(), console.town.officer("Ayse", "de-koln-bk")
    done = browser.sends(f"/console/people/{ayse.id}/invite")
    token = shown_secret(browser.reads(done.headers["location"])).split("token=")[1]
    assert signin.invited_email(console.ports, token)


def test_setting_up_a_consulate_makes_it_answer(console: Console) -> None:
    browser = console.coordinator()
    assert "not_set_up" in _chain(console, "a")
    done = browser.sends("/console/desks", mission="de-koln-bk", hours="")
    assert done.headers["location"] == "/console/desks/de-koln-bk?said=saved"
    assert "nobody_assigned" in _chain(console, "b")
    page = browser.get("/console/desks/de-koln-bk")
    browser.submit(page, "/console/desks/de-koln-bk/members", staff="1", action="add")
    assert console.case(citizen="c").desk_id == "de-koln-bk"
    browser.sends("/console/desks/de-koln-bk/members", staff="1", action="remove")
    assert "nobody_assigned" in _chain(console, "d")
    assert "set up already" in browser.sends("/console/desks", mission="de-koln-bk").text
    assert browser.sends("/console/desks", mission="xx-nowhere").status_code == 404


def _chain(console: Console, citizen: str) -> str:
    case = console.case(citizen=citizen)
    return repr([event.data for event in console.town.events(case.id) if event.kind == "routed"])


def test_setting_up_a_home_city(console: Console) -> None:
    browser = console.coordinator()
    done = browser.sends("/console/desks", **CITY)
    assert done.headers["location"] == "/console/desks/home-city-tr-izmir?said=saved"
    html = browser.reads("/console/desks/home-city-tr-izmir")
    assert "mon-fri 09:00-17:00" in html
    assert "İzmir" in browser.reads("/console/people")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hours": "mon 9-17"}, "The hours cannot be read: &#39;9&#39; is not a time of day"),
        ({"timezone": "Europe/Izmir"}, "This time zone is not known."),
        ({"country": "XX"}, "not a country"),
        ({"city": ""}, "A desk needs a name, a country and a city."),
    ],
)
def test_a_desk_that_cannot_be_set_up(console: Console, changes: dict[str, str], words: str) -> None:
    answer = console.coordinator().sends("/console/desks", **(CITY | changes))
    assert answer.status_code == 409
    assert words in answer.text
    assert 'value="Europe/Istanbul"' in answer.text or "Europe/Izmir" in answer.text


def test_a_webhook_gets_a_secret_that_is_shown_once(console: Console) -> None:
    browser = console.coordinator()
    browser.sends("/console/desks", **CITY)
    address = "/console/desks/home-city-tr-izmir"
    fields = {"hours": "", "timezone": "Europe/Istanbul", "active": "1"}
    refused = browser.sends(address, **fields, webhook_url="http://izmir.test/hook")
    assert "begins with https://" in refused.text
    done = browser.sends(address, **fields, webhook_url="https://izmir.test/hook")
    secret = shown_secret(browser.reads(done.headers["location"]))
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    Webhook(secret)
    assert secret not in browser.reads(address)
    again = browser.sends(f"{address}/secret")
    assert shown_secret(browser.reads(again.headers["location"])) != secret


def test_nobody_is_put_on_the_coordinators_desk_by_hand(console: Console) -> None:
    browser, ayse = console.coordinator(), console.town.officer("Ayse", "de-koln-bk")
    path = "/console/desks/coordination/members"
    assert browser.sends(path, staff=str(ayse.id), action="add").status_code == 404
    assert browser.sends("/console/desks/de-koln-bk/members", staff="99", action="add").status_code == 404


def test_names_are_only_ever_text(console: Console) -> None:
    browser = console.coordinator()
    pages = [browser.reads(add(browser, name=XSS).headers["location"])]
    done = browser.sends("/console/desks", **(CITY | {"name": XSS, "city": XSS, "municipality": XSS}))
    pages += [browser.reads(done.headers["location"]), browser.reads("/console/people")]
    pages.append(browser.sends("/console/desks", **(CITY | {"name": XSS, "hours": XSS})).text)
    pages.append(add(browser, name=XSS, email=XSS).text)
    for html in pages:
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "&lt;script&gt;" in html
