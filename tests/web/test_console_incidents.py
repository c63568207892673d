"""The pages of incidents: who sees which, taking all that wait, and words to everyone."""

from __future__ import annotations

import re

from bot.storage.tables import CaseRow
from tests.web.conftest import KOLN, Browser, Console
from tests.web.test_console_cases import XSS

HAMBURG = {"country": "DE", "name": "Hamburg", "lat": 53.55, "lon": 9.99, "admin1": "DE-HH"}
PAGE = "/console/incidents/1"


def fires(console: Console, count: int = 3, place: dict[str, object] = KOLN, name: str = "c") -> list[CaseRow]:
    return [console.case("fire_or_disaster", f"{name}{number}", place) for number in range(count)]


def say(browser: Browser, **fields: str):
    """Ask for the preview, then send what it shows."""
    preview = browser.submit(browser.get(PAGE), f"{PAGE}/broadcast", **fields)
    assert preview.status_code == 200
    return preview, browser.submit(preview, f"{PAGE}/broadcast", **fields, send="1")


def officers_words(console: Console, case: CaseRow) -> list[str]:
    return [text for author, text in console.said_to(case) if author == "officer"]


def test_the_list_and_the_page_show_how_an_incident_stands(console: Console) -> None:
    browser = console.coordinator()
    assert "No incidents." in browser.reads("/console/incidents")
    cases = fires(console)
    html = browser.reads("/console/incidents")
    for words in ("Incident 1", "Fire or disaster", "Köln, Germany"):
        assert words in html, words
    assert re.search(r'data-label="People">3<', html)
    page = browser.reads(PAGE)
    for case in cases:
        assert f'href="/console/cases/{case.id}"' in page
    case_page = browser.reads(f"/console/cases/{cases[0].id}")
    assert "Part of incident 1. People: 3" in case_page
    assert "Joined incident 1" in case_page
    assert "Alerted with the others of incident 1" in browser.reads(f"/console/cases/{cases[2].id}")


def test_officers_see_the_incidents_and_cases_of_their_desks(console: Console) -> None:
    koln, hamburg = console.officer("Ayşe"), console.officer("Deniz", desk="de-hamburg-bk")
    fires(console)
    assert "Incident 1" in koln.reads("/console/incidents")
    assert "Incident 1" not in hamburg.reads("/console/incidents")
    answer = hamburg.get(PAGE)
    assert answer.status_code == 403
    for form in ("accept", "take-out", "put-in", "merge", "close", "broadcast"):
        sent = hamburg.sends(f"{PAGE}/{form}", case="1", other="1", text_tr="Durum", fallback="tr", send="1")
        assert sent.status_code == 403, form
    assert hamburg.get("/console/incidents/99").status_code == 404


def test_one_click_takes_all_that_wait_at_ones_own_desk(console: Console) -> None:
    browser, cases = console.officer("Ayşe"), fires(console)
    done = browser.submit(browser.get(PAGE), f"{PAGE}/accept")
    assert "are yours" in browser.reads(done.headers["location"])
    assert {console.town.case(case.id).status for case in cases} == {"accepted"}
    assert all("Ayşe" in console.said_to(case)[-1][1] for case in cases)
    refused = browser.sends(f"{PAGE}/accept", desk="de-hamburg-bk")
    assert refused.status_code == 409
    assert "not one of your desks" in refused.text


def test_nothing_is_sent_before_the_preview_and_then_once(console: Console) -> None:
    browser, cases = console.officer("Ayşe"), fires(console)
    words = {"text_tr": "Otobüsler 18'de kalkıyor.", "text_de": "Busse um 18 Uhr.", "fallback": "tr"}
    assert "Take telephone numbers from the directory" in browser.reads(PAGE)
    preview = browser.submit(browser.get(PAGE), f"{PAGE}/broadcast", **words)
    assert "Nothing has been sent yet" in preview.text
    assert re.search(r'data-label="People">3</td>\s*<td[^>]*>German', preview.text)
    assert officers_words(console, cases[0]) == []
    for _ in range(2):  # a double click
        done = browser.submit(preview, f"{PAGE}/broadcast", **words, send="1")
        assert done.status_code == 303
    assert [officers_words(console, case) for case in cases] == [["Busse um 18 Uhr."]] * 3
    html = browser.reads(PAGE)
    assert "People reached: 3" in html
    assert "Ayşe wrote to everyone in incident 1" in browser.reads(f"/console/cases/{cases[0].id}")


def test_a_broadcast_that_cannot_be_sent_keeps_what_was_typed(console: Console) -> None:
    browser = console.officer("Ayşe")
    cases = fires(console)
    for fields, why in (
        ({"text_tr": "  "}, "at least one language"),
        ({"text_tr": "Durum", "fallback": "de"}, "choose one in which"),
        ({"text_tr": "ü" * 3_001, "fallback": "tr"}, "too long"),
        ({"text_tr": "Durum", "fallback": "tr", "form_token": "old"}, "open for too long"),
    ):
        answer = browser.sends(f"{PAGE}/broadcast", **fields, send="1")
        assert answer.status_code == 409, why
        assert why in answer.text
        assert fields["text_tr"].strip() in answer.text
    assert officers_words(console, cases[0]) == []


def test_people_mend_what_the_rules_got_wrong(console: Console) -> None:
    browser, cases = console.coordinator(), fires(console)
    out = browser.sends(f"{PAGE}/take-out", case=str(cases[0].id))
    assert "on its own again" in browser.reads(out.headers["location"])
    assert console.town.case(cases[0].id).incident_id is None
    assert "took it out of incident 1" in browser.reads(f"/console/cases/{cases[0].id}")
    again = browser.sends(f"{PAGE}/put-in", case=str(cases[0].id))
    assert again.status_code == 303
    assert console.town.case(cases[0].id).incident_id == 1
    for number, why in (("999", "no such case"), ("", "no such case"), ("x", "no such case")):
        refused = browser.sends(f"{PAGE}/put-in", case=number)
        assert (refused.status_code, why in refused.text) == (409, True), number
    fires(console, 2, HAMBURG, "h")
    assert "Choose another incident." in browser.sends(f"{PAGE}/merge", other="1").text
    merged = browser.submit(browser.get(PAGE), f"{PAGE}/merge", other="2")
    assert "one incident now" in browser.reads(merged.headers["location"])
    assert "Incident 2" in browser.reads("/console/incidents?tab=closed")
    closed = browser.submit(browser.get(PAGE), f"{PAGE}/close")
    assert "The incident is closed" in browser.reads(closed.headers["location"])
    assert "Send to everyone" not in browser.reads(PAGE)
    late = browser.sends(f"{PAGE}/broadcast", text_tr="Durum", fallback="tr", send="1", key="k")
    assert "This incident is closed" in late.text
    assert {console.town.case(case.id).status for case in cases} == {"open"}


def test_what_people_write_is_only_ever_text(console: Console) -> None:
    browser = console.coordinator(XSS)
    fires(console, place=KOLN | {"name": XSS})
    say(browser, text_de=XSS, fallback="de")
    answers = [browser.reads(PAGE), browser.reads("/console/incidents")]
    answers.append(browser.sends(f"{PAGE}/broadcast", text_tr=XSS, fallback="de").text)
    for html in answers:
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "&lt;script&gt;" in html


def test_the_pages_are_there_in_arabic_too(console: Console) -> None:
    browser = console.coordinator(language="ar")
    fires(console)
    for path in (PAGE, "/console/incidents"):
        assert '<html lang="ar" dir="rtl"' in browser.reads(path)


def test_a_drills_incident_is_opened_by_its_link_and_stands_in_no_list(console: Console) -> None:
    browser = console.coordinator()
    fires(console)
    with console.ports.database.write() as uow:
        uow.incidents.get(1).drill = True
    assert "Incident 1" not in browser.reads("/console/incidents")
    assert "Drill" in browser.reads(PAGE)
