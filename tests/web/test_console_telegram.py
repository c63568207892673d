"""The pages that connect Telegram: a person's own, and the group of a desk."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.storage.staff import hash_secret
from tests.web.conftest import Browser, Console

MINE, DESK = "/console/me/telegram", "/console/desks/de-koln-bk"


class NamedBot:
    """What the pages ask of the Telegram client."""

    def __init__(self, name: str) -> None:
        self.name = name

    def username(self) -> str:
        return self.name


def code_on(html: str, words: str) -> str:
    found = re.search(rf'value="{re.escape(words)}([0-9a-f]{{20}})"', html)
    assert found, html
    return found[1]


def works(console: Console, code: str, *, desk: bool) -> bool:
    with console.ports.database.write() as uow:
        return uow.telegram_links.take(hash_secret(code), console.ports.clock(), for_a_desk=desk) is not None


def presses(browser: Browser, page: str, action: str, value: str) -> str:
    """Press a button of the form and read the page that it leads to."""
    answer = browser.submit(browser.get(page), action, action=value)
    assert answer.status_code == 303
    return browser.reads(answer.headers["location"])


def test_a_code_is_shown_once_as_a_link_and_as_words(console: Console) -> None:
    console.app.state.telegram = NamedBot("hemsehri_bot")
    browser = console.officer("Ayse")
    html = presses(browser, MINE, MINE, "code")
    code = code_on(html, "/start link_")
    assert f"https://t.me/hemsehri_bot?start=link_{code}" in html
    assert code not in browser.reads(MINE), "only once"
    assert works(console, code, desk=False)


def test_while_telegram_cannot_be_asked_for_the_bots_name_the_words_are_enough(console: Console) -> None:
    console.app.state.telegram = NamedBot("")
    html = presses(console.officer("Ayse"), MINE, MINE, "code")
    assert "t.me" not in html
    assert code_on(html, "/start link_")


def test_disconnecting_stops_what_goes_there(console: Console) -> None:
    browser = console.officer("Ayse")
    assert "Connected." in browser.reads(MINE)
    html = presses(browser, MINE, MINE, "disconnect")
    assert "Not connected." in html
    with console.ports.database.read() as uow:
        assert [row.telegram_chat for row in uow.staff.everyone()] == [None]


def test_a_coordinator_makes_a_code_for_the_group_of_a_desk_and_disconnects_it(console: Console) -> None:
    console.app.state.telegram = NamedBot("hemsehri_bot")
    console.town.officer("Ayse", "de-koln-bk")
    browser = console.coordinator()
    html = presses(browser, DESK, f"{DESK}/group", "code")
    code = code_on(html, "/desk ")
    assert f"https://t.me/hemsehri_bot?startgroup=desk_{code}" in html
    assert works(console, code, desk=True)
    with console.ports.database.write() as uow:
        uow.desks.put("de-koln-bk", telegram_group="-500")
    assert "A Telegram group gets the alerts of this desk." in browser.reads(DESK)
    assert "No Telegram group is connected." in presses(browser, DESK, f"{DESK}/group", "disconnect")


def test_the_desks_page_says_that_the_group_was_lost_until_there_is_another(console: Console) -> None:
    from bot.services import duty_chat_links

    console.town.officer("Ayse", "de-koln-bk")
    browser, now = console.coordinator(), console.ports.clock()
    with console.ports.database.write() as uow:
        uow.desks.put("de-koln-bk", telegram_group="-500")
        duty_chat_links.group_left(uow, console.ports, "-500", "test", now)
    assert "The bot was removed from the group:" in browser.reads(DESK)
    with console.ports.database.write() as uow:
        code = uow.telegram_links.issue(now, desk_id="de-koln-bk")
        duty_chat_links.connect_group(uow, hash_secret(code), "-501", None, now)
    assert "The bot was removed" not in browser.reads(DESK)


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("the person's form", MINE, {"action": "code"}),
    ("the desk's form", f"{DESK}/group", {"action": "code"}),
]


@pytest.mark.parametrize(("path", "fields"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_form_that_is_not_ours_makes_no_code(console: Console, path: str, fields: dict[str, Any]) -> None:
    console.town.officer("Ayse", "de-koln-bk")
    browser = console.coordinator()
    answer = browser.post(path, data=fields | {"form_token": "forged"})
    page = answer.text if answer.status_code == 409 else browser.reads(answer.headers["location"])
    assert "This page was open for too long." in page
    assert "link_" not in page
    assert "/desk " not in page


def test_an_officer_cannot_make_a_code_for_a_group(console: Console) -> None:
    assert console.officer("Ayse").sends(f"{DESK}/group", action="code").status_code == 403


def test_a_page_that_accepted_a_case_offers_to_go_on_in_telegram(console: Console) -> None:
    browser = console.officer("Ayse")
    case = console.case()
    address = f"/console/cases/{case.id}"
    browser.submit(browser.get(address), f"{address}/accept")
    offers = [row for row in console.town.outbox() if row.dedup_key.startswith("offer:")]
    assert [button["payload"] for row in offers for button in row.body["buttons"]] == [f"duty:story:{case.id}"]
    assert not any("Bruder" in str(row.body) for row in offers), "nothing of the citizen's unasked"
