"""Where a desk's alerts go, and whether they arrive: its mailbox, its webhook, and the test alert."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.services.delivery import DeliveryError, deliver_next
from bot.storage.tables_staff import DeskRow
from tests.harness.town import Town
from tests.web.conftest import Browser, Console

ADDRESS = "/console/desks/de-koln-bk"
FIELDS = {"hours": "", "timezone": "Europe/Berlin", "active": "1", "webhook_url": ""}
SEND = f'action="{ADDRESS}/test"'


@pytest.fixture
def console(make_town: Callable[..., Town]) -> Console:
    """A console of an installation with a mail server."""
    made = Console(make_town(email=True))
    made.town.officer("Ayse", "de-koln-bk", telegram=None)
    return made


def the_desk(console: Console) -> DeskRow:
    with console.ports.database.read() as uow:
        row = uow.desks.row("de-koln-bk")
        assert row is not None
        return row


def saves(browser: Browser, **changes: str):
    return browser.submit(browser.get(ADDRESS), ADDRESS, **(FIELDS | changes))


def test_an_address_is_set_shown_and_cleared(console: Console) -> None:
    browser = console.coordinator()
    assert saves(browser, email=" desk@koln.test ").status_code == 303
    assert the_desk(console).email == "desk@koln.test"
    assert 'name="email" value="desk@koln.test"' in browser.reads(ADDRESS)
    saves(browser, email="")
    assert the_desk(console).email is None


BAD = [
    "koln", "desk@koln", "a@b.test, c@d.test", "desk@koln.test\r\nBcc: a@b.test", "Desk <desk@koln.test>",
    "köln@koln.test", f"{'a' * 250}@koln.test",
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_address_is_told_and_not_stored(console: Console, bad: str) -> None:
    answer = saves(console.coordinator(), email=bad)
    assert (answer.status_code, the_desk(console).email) == (409, None)
    assert "This is not an e-mail address." in answer.text


def test_without_a_mail_server_the_page_says_that_nothing_is_sent(make_town: Callable[..., Town]) -> None:
    console = Console(make_town())
    console.town.officer("Ayse", "de-koln-bk")
    browser = console.coordinator()
    saves(browser, email="desk@koln.test")
    html = browser.reads(ADDRESS)
    assert "E-mail is not set up in this installation" in html
    assert SEND not in html
    refused = browser.sends(f"{ADDRESS}/test")
    assert refused.status_code == 409
    assert "neither a webhook nor an e-mail address" in refused.text
    assert console.town.outbox() == []


def test_the_list_of_people_says_who_can_be_reached_by_the_mailbox(console: Console) -> None:
    browser = console.coordinator()
    with console.ports.database.write() as uow:  # an address that is none: only the desk's can reach her
        (ayse,) = (row for row in uow.staff.everyone() if row.name == "Ayse")
        ayse.email = "ayse"
    before = browser.reads("/console/people").count("cannot be reached")
    saves(browser, email="desk@koln.test")
    assert browser.reads("/console/people").count("cannot be reached") < before


class Scripted:
    """A way out that works, or says why not."""

    def __init__(self, error: DeliveryError | None = None) -> None:
        self.error, self.bodies = error, []

    def deliver(self, row, ports, now) -> None:
        self.bodies.append(row.body)
        if self.error:
            raise self.error


def test_a_test_alert_goes_by_every_way_and_its_fate_is_shown(console: Console) -> None:
    browser = console.coordinator()
    assert SEND not in browser.reads(ADDRESS), "nothing to test yet"
    saves(browser, email="desk@koln.test", webhook_url="https://partner.test/hook")
    done = browser.submit(browser.get(ADDRESS), f"{ADDRESS}/test")
    assert done.headers["location"] == f"{ADDRESS}?said=test_sent"
    html = browser.reads(done.headers["location"])
    assert "The test alert is on its way." in html
    assert "Webhook: waiting to be delivered" in html
    assert "E-mail: waiting to be delivered" in html
    hook, mail = Scripted(DeliveryError("the receiver answered 404", retryable=False)), Scripted()
    while deliver_next(console.ports, {"webhook": hook, "email": mail}):
        pass
    html = browser.reads(ADDRESS)
    assert "Webhook: could not be delivered" in html
    assert "the receiver answered 404" in html
    assert "E-mail: delivered" in html
    (posted,), (mailed,) = hook.bodies, mail.bodies
    assert (posted["type"], posted["data"]["test"]) == ("test.alert", True)
    assert mailed["text"] == text_of_the_test(console)


def text_of_the_test(console: Console) -> str:
    from bot.i18n.catalogues import text
    from bot.services.routing import desk_name

    with console.ports.database.read() as uow:
        name = desk_name(uow, console.ports.knowledge.directory, "de-koln-bk", "tr")
    return text("alert.test", "tr", desk=name)


def test_a_newer_test_takes_the_place_of_the_older_and_both_are_in_the_audit_trail(console: Console) -> None:
    browser = console.coordinator()
    saves(browser, email="desk@koln.test")
    browser.sends(f"{ADDRESS}/test")
    failing = Scripted(DeliveryError("550", retryable=False))
    while deliver_next(console.ports, {"email": failing}):
        pass
    console.town.clock.forward(seconds=5)
    browser.sends(f"{ADDRESS}/test")
    html = browser.reads(ADDRESS)
    assert "E-mail: waiting to be delivered" in html
    assert "could not be delivered" not in html
    with console.ports.database.read() as uow:
        noted = [(row.subject, row.detail) for row in uow.audit.newest() if row.action == "test_alert"]
    assert noted == [("desk:de-koln-bk", {"ways": ["email"]})] * 2


def test_a_test_of_a_desk_that_is_not_there_is_a_page(console: Console) -> None:
    assert console.coordinator().sends("/console/desks/xx-nowhere/test").status_code == 404
