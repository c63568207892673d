"""A person's page about notifications in their browsers: what it takes, what it shows, and that a test is proved."""

from __future__ import annotations

import pytest

from bot.clients.web_push import public_key
from bot.domain.push import encoded
from bot.services.delivery import DeliveryError, deliver_next
from bot.services.push import MOST_BROWSERS
from bot.storage.tables_alerts import PushSubscriptionRow
from bot.web.server import SECURITY_HEADERS
from tests.web.conftest import Browser, Console

HOME = "/console/me/alerts"
KEYS = {"p256dh": encoded(b"\x04" + b"p" * 64), "auth": encoded(b"s" * 16)}
MOZILLA = "https://updates.push.services.mozilla.com/wpush/v2/abc"


def turns_on(browser: Browser, endpoint: str = MOZILLA, **changes: str):
    return browser.submit(browser.get(HOME), f"{HOME}/browsers", endpoint=endpoint, **(KEYS | changes))


def rows(console: Console, staff_id: int = 1) -> list[PushSubscriptionRow]:
    with console.ports.database.read() as uow:
        return uow.push_subscriptions.of(staff_id)


def test_the_service_worker_is_a_script_for_the_console_that_nobody_keeps(console: Console) -> None:
    answer = console.stranger().get("/console/sw.js")
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/javascript")
    assert answer.headers["service-worker-allowed"] == "/console/"
    assert answer.headers["cache-control"] in ("no-cache", "no-store")
    assert "showNotification" in answer.text
    rules = dict(rule.strip().split(" ", 1) for rule in SECURITY_HEADERS["content-security-policy"].split(";"))
    worker = rules.get("worker-src", rules.get("child-src", rules["script-src"]))
    assert worker == "'self'", "the browser may start it"


def test_the_page_gives_the_key_of_this_installation_and_leads_there_from_every_page(console: Console) -> None:
    browser = console.officer("Ayse")
    key = public_key(console.town.settings.vapid_key)
    html = browser.reads(HOME)
    assert f'data-push="{key}"' in html
    assert console.town.settings.vapid_key not in html
    assert "No browser is turned on." in html
    assert f'href="{HOME}"' in browser.reads("/console/cases")


def test_a_browser_is_turned_on_listed_and_removed(console: Console) -> None:
    browser = console.officer("Ayse")
    assert turns_on(browser).headers["location"] == f"{HOME}?said=push_turned_on"
    (row,) = rows(console)
    assert (row.endpoint, row.p256dh, row.auth) == (MOZILLA, KEYS["p256dh"], KEYS["auth"])
    html = browser.reads(HOME)
    assert "Firefox" in html
    assert f'data-endpoint="{MOZILLA}"' in html
    done = browser.submit(browser.get(HOME), f"{HOME}/browsers/{row.id}/remove")
    assert done.headers["location"] == f"{HOME}?said=push_removed"
    assert "This browser gets no more notifications." in browser.reads(done.headers["location"])
    assert rows(console) == []


BAD = [
    ("not encrypted", "http://push.test/x", {}),
    ("inside our own network", "https://127.0.0.1:5432/x", {}),
    ("no address", "", {}),
    ("no key", MOZILLA, {"p256dh": ""}),
    ("a key of another kind", MOZILLA, {"p256dh": encoded(b"k" * 32)}),
    ("no secret", MOZILLA, {"auth": "!"}),
]


@pytest.mark.parametrize(("endpoint", "changes"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_what_is_no_subscription_is_told_and_not_stored(
    console: Console, endpoint: str, changes: dict[str, str]
) -> None:
    answer = turns_on(console.officer("Ayse"), endpoint, **changes)
    assert (answer.status_code, rows(console)) == (409, [])
    assert "cannot be used. Turn notifications on again." in answer.text


def test_nobody_collects_browsers_without_end(console: Console) -> None:
    browser = console.officer("Ayse")
    for number in range(MOST_BROWSERS):
        assert turns_on(browser, f"{MOZILLA}{number}").status_code == 303
    assert "These are too many browsers." in turns_on(browser).text
    assert turns_on(browser, f"{MOZILLA}0").status_code == 303, "the same one again is none more"
    assert len(rows(console)) == MOST_BROWSERS


@pytest.mark.parametrize("action", ["test", "remove"])
def test_the_browser_of_somebody_else_is_out_of_reach(console: Console, action: str) -> None:
    turns_on(console.officer("Ayse"))
    (row,) = rows(console)
    zeki = console.officer("Zeki")
    assert zeki.sends(f"{HOME}/browsers/{row.id}/{action}").status_code == 404
    assert (len(rows(console)), console.town.outbox()) == (1, [])


class Scripted:
    """A way out that works, or says why not."""

    def __init__(self, error: DeliveryError | None = None) -> None:
        self.error, self.messages = error, []

    def deliver(self, row, ports, now) -> None:
        if self.error:
            raise self.error
        self.messages.append(row.body["message"])


def sends_a_test(console: Console, browser: Browser, way: Scripted) -> None:
    (row,) = rows(console)
    done = browser.submit(browser.get(HOME), f"{HOME}/browsers/{row.id}/test")
    assert done.headers["location"] == f"{HOME}?said=push_test_queued"
    assert ": on its way." in browser.reads(HOME)
    while deliver_next(console.ports, {"push": way}):
        pass


def test_a_test_has_arrived_when_the_browser_gives_its_secret_back_and_not_before(console: Console) -> None:
    browser, way = console.officer("Ayse"), Scripted()
    turns_on(browser)
    sends_a_test(console, browser, way)
    (message,) = way.messages
    assert "the browser has not confirmed it yet" in browser.reads(HOME)
    assert browser.post(f"{HOME}/arrived", data={"nonce": "guessed"}).status_code == 409
    assert browser.post(f"{HOME}/arrived", data={"nonce": ""}).status_code == 409
    assert browser.post(f"{HOME}/arrived").status_code == 409
    zeki = console.officer("Zeki")
    assert zeki.post(f"{HOME}/arrived", data={"nonce": message["nonce"]}).status_code == 409
    assert "the browser has not confirmed it yet" in browser.reads(HOME)
    print_before = browser.get(f"{HOME}/pulse").json()["fingerprint"]
    console.town.clock.forward(seconds=2)
    for _ in range(2):
        assert browser.post(f"{HOME}/arrived", data={"nonce": message["nonce"]}).status_code == 204
    assert browser.get(f"{HOME}/pulse", params={"since": print_before}).json()["changed"]
    html = browser.reads(HOME)
    assert ": arrived at " in html
    assert "has not confirmed it yet" not in html
    with console.ports.database.read() as uow:
        noted = [entry.action for entry in uow.audit.newest() if entry.action.startswith("push_")]
    assert noted == ["push_arrived", "push_test", "push_on"], "reported twice, arrived once"


def test_a_newer_test_is_not_proved_by_the_older_one(console: Console) -> None:
    browser, way = console.officer("Ayse"), Scripted()
    turns_on(browser)
    sends_a_test(console, browser, way)
    browser.post(f"{HOME}/arrived", data={"nonce": way.messages[0]["nonce"]})
    console.town.clock.forward(minutes=5)
    sends_a_test(console, browser, way)
    html = browser.reads(HOME)
    assert "has not confirmed it yet" in html
    assert "Last test that arrived: " in html
    assert browser.post(f"{HOME}/arrived", data={"nonce": way.messages[0]["nonce"]}).status_code == 409


def test_a_test_that_cannot_be_delivered_says_why(console: Console) -> None:
    browser = console.officer("Ayse")
    turns_on(browser)
    sends_a_test(console, browser, Scripted(DeliveryError("the push service answered 403", retryable=False)))
    html = browser.reads(HOME)
    assert "could not be delivered" in html
    assert "the push service answered 403" in html


def test_the_case_shows_that_it_was_told_by_a_notification(console: Console) -> None:
    browser = console.browser_of(console.town.officer("Ayse", "de-koln-bk", telegram=None))
    turns_on(browser)
    case = console.case()
    assert [row.channel for row in console.town.outbox()] == ["push"]
    assert "Browser notification" in browser.reads(f"/console/cases/{case.id}")


def test_after_signing_in_again_the_page_is_there(console: Console) -> None:
    stranger = console.stranger()
    answer = stranger.sends(f"{HOME}/browsers/7/test")
    assert answer.status_code == 401
    assert f'name="next" value="{HOME}"' in answer.text


def test_the_queue_says_what_to_do_when_the_browser_blocks_sound(console: Console) -> None:
    html = console.officer("Ayse").reads("/console/cases")
    assert '<script src="/static/sound.js" defer></script>' in html
    assert "blocks the sound for new cases until you click once" in html
    assert "Allow sound" in html
