"""The setup in the console: small forms with their history, and files that are shown before they are applied."""

from __future__ import annotations

import re
from html import unescape

from httpx import Response

from bot.domain.taxonomy import Severity
from bot.services import setup
from tests.harness.facts import TAXONOMY
from tests.web.conftest import Browser, Console

HOME = "/console/setup"
CLOCKS = b"clocks: [{severity: life, acknowledge_within: 1m, escalate_every: 1m}]\n"


def uploads(browser: Browser, name: str, content: bytes, **fields: str) -> Response:
    data = {"form_token": browser.token} | fields
    return browser.post(f"{HOME}/import", data=data, files={"file": (name, content)})


def policy(console: Console, key: str) -> object:
    with console.ports.database.read() as uow:
        return uow.policies.get(key)


def test_a_chain_is_changed_shown_with_its_history_and_taken_back(console: Console) -> None:
    browser = console.coordinator("Deniz")
    done = browser.sends(f"{HOME}/chains/accident", desks="consulate, ir-tahran-be , home_city", action="save")
    assert (done.status_code, done.headers["location"]) == (303, f"{HOME}?said=saved#chain-accident")
    assert console.ports.knowledge.taxonomy.desks_for("accident") == ("consulate", "ir-tahran-be", "home_city")
    html = unescape(browser.reads(HOME))
    assert "Deniz" in html
    assert "as shipped → consulate ir-tahran-be home_city" in html
    assert browser.sends(f"{HOME}/chains/accident", desks="whatever", action="back").status_code == 303
    assert policy(console, "chain:accident") is None
    assert console.ports.knowledge.taxonomy == TAXONOMY
    assert "consulate ir-tahran-be home_city → as shipped" in unescape(browser.reads(HOME))


def test_a_rule_that_cannot_be_is_told_and_what_was_typed_is_kept(console: Console) -> None:
    browser = console.coordinator()
    answer = browser.sends(f"{HOME}/chains/accident", desks="consulate home-nowhere", action="save")
    assert answer.status_code == 409
    assert "There is no desk “home-nowhere”." in answer.text
    assert 'value="consulate home-nowhere"' in answer.text
    fields = {"acknowledge_within": "1h", "escalate_every": "2m", "action": "save"}
    answer = browser.sends(f"{HOME}/clocks/life", **fields)
    assert answer.status_code == 409
    assert "with danger to life at most 5 minutes" in answer.text
    assert 'value="1h"' in answer.text
    assert browser.sends(f"{HOME}/chains/weather", desks="consulate").status_code == 404
    assert browser.sends(f"{HOME}/clocks/mild", **fields).status_code == 404


def test_a_clock_is_changed_and_saving_the_shipped_one_is_no_own_rule(console: Console) -> None:
    browser = console.coordinator()
    browser.sends(f"{HOME}/clocks/life", acknowledge_within="1m", escalate_every="60 m", action="save")
    assert policy(console, "clock:life") is None, "sixty minutes are too long"
    browser.sends(f"{HOME}/clocks/life", acknowledge_within="1m", escalate_every="3m", action="save")
    assert policy(console, "clock:life") == {"acknowledge_within": "1m", "escalate_every": "3m"}
    browser.sends(f"{HOME}/clocks/life", acknowledge_within="2m", escalate_every="2m", action="save")
    assert policy(console, "clock:life") is None
    assert console.ports.knowledge.taxonomy.severities[Severity.LIFE] == TAXONOMY.severities[Severity.LIFE]


def test_an_officer_sees_what_the_rule_says_and_gets_403_for_the_rest(console: Console) -> None:
    officer, coordinator = console.officer("Ayse", "nl-rotterdam-bk"), console.coordinator()
    case = f"/console/cases/{console.case().id}"
    assert officer.get("/console/content").status_code == 403
    refused = officer.get(case).status_code
    assert refused in (403, 404)
    coordinator.sends(f"{HOME}/permissions/officer", read_content="1", see_all_desks="1", action="save")
    assert officer.get("/console/content").status_code == 200
    page = officer.get("/console/content/appointment/tr")
    assert page.status_code == 200
    assert 'value="publish"' not in page.text
    assert officer.sends("/console/content/appointment/tr", action="publish", title="T").status_code == 403
    assert officer.get(case).status_code == 200
    coordinator.sends(f"{HOME}/permissions/officer", action="back")
    assert officer.get("/console/content").status_code == 403
    assert officer.get(case).status_code == refused


def test_coordinators_cannot_lock_themselves_out(console: Console) -> None:
    browser = console.coordinator()
    assert browser.sends(f"{HOME}/permissions/coordinator", action="save").status_code == 303
    html = browser.reads(HOME)
    assert browser.get("/console/content").status_code == 403, "this one can be taken away"
    assert re.search(r'name="manage_people" value="1" checked disabled', html)
    answer = browser.sends(f"{HOME}/permissions/officer", edit_content="1", action="save")
    assert answer.status_code == 409
    assert "The permission “edit_content” needs “read_content” too." in answer.text


def test_a_file_is_shown_and_then_applied(console: Console) -> None:
    browser = console.coordinator()
    shown = uploads(browser, "rules.yml", CLOCKS)
    assert shown.status_code == 200
    assert "2m" in shown.text
    assert policy(console, "clock:life") is None, "nothing is stored yet"
    done = browser.submit(shown, f"{HOME}/apply")
    assert done.status_code == 200
    assert "Applied." in done.text
    assert policy(console, "clock:life") == {"acknowledge_within": "1m", "escalate_every": "1m"}
    again = uploads(browser, "rules.yml", CLOCKS)
    assert "The file changes nothing." in again.text
    assert f'action="{HOME}/apply"' not in again.text


def test_if_the_setup_changed_meanwhile_the_new_difference_is_shown_and_nothing_is_applied(console: Console) -> None:
    browser = console.coordinator()
    shown = uploads(browser, "rules.yml", CLOCKS)
    console.town.officer("Fatma", "de-koln-bk")
    answer = browser.submit(shown, f"{HOME}/apply")
    assert answer.status_code == 409
    assert "The setup has changed meanwhile." in answer.text
    assert policy(console, "clock:life") is None
    assert browser.submit(answer, f"{HOME}/apply").status_code == 200
    assert policy(console, "clock:life") is not None


def test_a_file_that_was_exchanged_behind_the_page_is_not_applied(console: Console) -> None:
    browser = console.coordinator()
    shown = uploads(browser, "rules.yml", CLOCKS)
    seal = re.search(r'name="shown" value="([^"]+)"', shown.text)
    assert seal
    for content in ("Y2hhaW5zOiBbXQ==", "not base64!", ""):
        answer = browser.sends(f"{HOME}/apply", name="rules.yml", content=content, shown=seal[1])
        assert answer.status_code == 409, content
    assert browser.sends(f"{HOME}/apply", name="rules.yml", content="", shown="").status_code == 409
    assert policy(console, "clock:life") is None


def test_mistakes_are_listed_and_cannot_be_applied(console: Console) -> None:
    browser = console.coordinator()
    answer = uploads(browser, "<b>.csv", b"id;kind;timezone\nde-koln-bk;bakery;Mars\n")
    assert answer.status_code == 409
    html = unescape(answer.text)
    assert "<b>.csv, line 2, kind: “bakery” is no kind of desk" in html
    assert "line 2, timezone" in html
    assert "<b>.csv" not in answer.text, "a file's name is escaped"
    assert f'action="{HOME}/apply"' not in answer.text


def test_no_file_a_foreign_form_and_a_broken_body_are_told(console: Console) -> None:
    browser = console.coordinator()
    assert "Choose a file." in browser.sends(f"{HOME}/import").text
    assert uploads(browser, "rules.yml", CLOCKS, form_token="").status_code == 409
    headers = {"content-type": "multipart/form-data; boundary=x"}
    for body in (
        b"",
        b"--x",
        b"--x\r\n\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n',
    ):
        assert browser.post(f"{HOME}/import", content=body, headers=headers).status_code == 409
    assert uploads(browser, "big.csv", b"id,kind\n" * 60_000).status_code == 413


def test_an_export_holds_everything_and_changes_nothing(console: Console) -> None:
    browser = console.coordinator()
    console.town.officer("Ayse", "de-koln-bk")
    whole = browser.get(f"{HOME}/export")
    assert whole.headers["content-disposition"] == 'attachment; filename="setup.yml"'
    assert "The file changes nothing." in uploads(browser, "setup.yml", whole.content).text
    desks = browser.get(f"{HOME}/export/desks")
    assert desks.content.startswith("\ufeffid,kind,name".encode())
    assert "The file changes nothing." in uploads(browser, "desks.csv", desks.content).text
    assert browser.get(f"{HOME}/export/secrets").status_code == 404
    with console.ports.database.read() as uow:
        assert setup.state(uow, TAXONOMY)["members"] == {("de-koln-bk", "ayse@town.test"): {}}
