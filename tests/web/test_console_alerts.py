"""What the console says about alerts: in the case, on the pages of people and desks, and on one's own page."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest

from bot.services.delivery import DeliveryError, deliver_next
from bot.storage.tables import OutboxRow
from bot.storage.tables_staff import StaffRow
from tests.harness.town import Town
from tests.web.conftest import Browser, Console

BLOCKED = DeliveryError("Telegram refuses: 4711 blocked", retryable=False, code="blocked", bounced=True)


class Scripted:
    """A way out that works, or says why not."""

    def __init__(self, error: DeliveryError | None = None) -> None:
        self.error, self.rows = error, list[OutboxRow]()

    def deliver(self, row: OutboxRow, ports: object, now: object) -> None:
        self.rows.append(row)
        if self.error:
            raise self.error


@pytest.fixture
def console(make_town: Callable[..., Town]) -> Console:
    return Console(make_town(email=True))


@pytest.fixture
def ada(console: Console) -> StaffRow:
    return console.town.officer("Ada", "de-koln-bk")


def deliver(console: Console, **ways: Scripted) -> None:
    transports = {"telegram": Scripted(), "email": Scripted(), "webhook": Scripted()} | ways
    while deliver_next(console.ports, transports):
        pass


def reads(browser: Browser, path: str) -> str:
    return unescape(browser.reads(path))


def test_the_case_says_to_whom_by_which_way_and_when(console: Console, ada: StaffRow) -> None:
    browser = console.browser_of(ada)
    case = console.case()
    path = f"/console/cases/{case.id}"
    assert "<bdi>Ada</bdi>, Telegram: waiting to be delivered" in reads(browser, path)
    console.town.clock.forward(seconds=3)
    deliver(console)
    html = reads(browser, path)
    assert "<bdi>Ada</bdi>, Telegram: delivered 11/23/26" in html
    assert str(ada.telegram_chat) not in html, "no number"


def test_the_case_says_why_not_and_what_was_tried_instead(console: Console, ada: StaffRow) -> None:
    browser = console.browser_of(ada)
    case = console.case()
    deliver(console, telegram=Scripted(BLOCKED))
    html = reads(browser, f"/console/cases/{case.id}")
    assert "Alert to Ada by Telegram did not arrive: the receiver has blocked the bot" in html
    assert "Tried instead: E-mail" in html
    assert "<bdi>Ada</bdi>, Telegram: could not be delivered" in html
    assert "<bdi>Ada</bdi>, E-mail: delivered" in html
    assert "4711" not in html, "what Telegram said is not for the case"


def test_a_desks_way_is_named_by_the_desk(console: Console, ada: StaffRow) -> None:
    with console.ports.database.write() as uow:
        uow.desks.put("de-koln-bk", telegram_group="-100777")
    case = console.case()
    html = reads(console.browser_of(ada), f"/console/cases/{case.id}")
    assert ", Telegram group: waiting to be delivered" in html
    assert "-100777" not in html


def test_people_and_desk_page_say_who_refuses_since_when(console: Console, ada: StaffRow) -> None:
    with console.ports.database.write() as uow:
        uow.desks.put("de-koln-bk", email="desk@koln.test")
    console.case()
    refused = DeliveryError("550", retryable=False, code="mailbox_refused", bounced=True)
    browser = console.coordinator()
    assert "refused" not in reads(browser, "/console/people")
    deliver(console, telegram=Scripted(BLOCKED), email=Scripted(refused))
    people = reads(browser, "/console/people")
    assert "Telegram has refused messages to this person since 11/23/26" in people
    assert "ask them to start the bot again" in people
    assert "cannot be reached" in people
    assert "The mail server has refused this address since" in reads(browser, "/console/desks/de-koln-bk")


def test_a_coordinator_tests_the_ways_of_a_person_and_the_bounce_is_forgotten(console: Console, ada: StaffRow) -> None:
    console.case()
    deliver(console, telegram=Scripted(BLOCKED))
    browser = console.coordinator()
    done = browser.submit(browser.get("/console/people"), f"/console/people/{ada.id}/test")
    assert done.headers["location"] == "/console/people?said=test_sent"
    html = reads(browser, "/console/people")
    assert "Telegram: waiting to be delivered" in html
    hook = Scripted()
    deliver(console, telegram=hook)
    assert [row.address for row in hook.rows] == [ada.telegram_chat]
    html = reads(browser, "/console/people")
    assert "Telegram: delivered" in html
    assert "has refused messages" not in html


def test_a_failed_test_says_why(console: Console, ada: StaffRow) -> None:
    browser = console.coordinator()
    browser.sends(f"/console/people/{ada.id}/test")
    deliver(console, telegram=Scripted(BLOCKED))
    assert "Telegram refuses: 4711 blocked" in reads(browser, "/console/people")


def test_ones_own_page_lists_the_ways_in_order_and_tests_them(console: Console, ada: StaffRow) -> None:
    browser = console.browser_of(ada)
    html = reads(browser, "/console/me/ways")
    assert html.index("<li>Telegram</li>") < html.index("<li>E-mail</li>")
    done = browser.submit(browser.get("/console/me/ways"), "/console/me/ways/test")
    assert done.headers["location"] == "/console/me/ways?said=test_sent"
    deliver(console, telegram=Scripted(BLOCKED))
    html = reads(browser, "/console/me/ways")
    assert "Telegram: could not be delivered" in html
    assert "E-mail: delivered" in html
    assert "<li>Telegram</li>" not in html, "it refuses: it is no way any more"


def test_who_has_no_way_is_told_so(make_town: Callable[..., Town]) -> None:
    console = Console(make_town())
    browser = console.browser_of(console.town.officer("Ada", "de-koln-bk", telegram=None))
    html = reads(browser, "/console/me/ways")
    assert "No alert reaches you outside the console." in html
    refused = browser.sends("/console/me/ways/test")
    assert refused.status_code == 409
    assert "There is no way to send this person a test alert." in refused.text


def test_a_form_that_is_not_ours_sends_nothing(console: Console, ada: StaffRow) -> None:
    browser = console.browser_of(ada)
    assert browser.sends("/console/me/ways/test", form_token="forged").status_code == 409
    coordinator = console.coordinator()
    assert coordinator.sends(f"/console/people/{ada.id}/test", form_token="forged").status_code == 409
    assert browser.sends(f"/console/people/{ada.id}/test").status_code == 403
    assert console.town.outbox() == []


def test_a_desk_group_is_tested_in_the_group(console: Console, ada: StaffRow) -> None:
    with console.ports.database.write() as uow:
        uow.desks.put("de-koln-bk", telegram_group="-100777")
    browser = console.coordinator()
    browser.submit(browser.get("/console/desks/de-koln-bk"), "/console/desks/de-koln-bk/test")
    group = Scripted()
    deliver(console, telegram=group)
    assert [row.address for row in group.rows] == ["-100777"]
    assert "Telegram group: delivered" in reads(browser, "/console/desks/de-koln-bk")
