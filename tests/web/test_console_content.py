"""Editing answers in the console: live at once, never lost, always reversible."""

from __future__ import annotations

import re
from html import unescape

import pytest

from bot.services import answers
from tests.web.conftest import Browser, Console

ADDRESS = "/console/content/appointment/de"
XSS = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
MINE = {
    "title": "Termin beim Generalkonsulat",
    "body": "Buchen Sie den Termin im Internet.",
    "questions": "Wie bekomme ich einen Termin?\n\nQuietschgelbe Gummiente beantragen\n",
}


def publish(browser: Browser, page=None, **changes: str):
    page = page or browser.get(ADDRESS)
    return browser.submit(page, ADDRESS, **(MINE | {"action": "publish"} | changes))


def live(console: Console, language: str = "de") -> str:
    found = answers.answer(console.ports, "appointment", language)
    assert found is not None
    return found.text


def test_the_table_marks_what_is_missing(console: Console) -> None:
    with console.ports.database.write() as uow:
        row = uow.content.article("appointment", "tr")
        assert row is not None
        uow.session.delete(row)
    html = console.coordinator().reads("/console/content")
    assert re.search(r'href="/console/content/appointment/tr" class="missing"', html)
    assert 'href="/console/content/appointment/de" aria-label' in html


def test_an_edit_is_live_in_answer_and_search_at_once(console: Console) -> None:
    browser = console.coordinator()
    done = publish(browser)
    assert "It is live now" in browser.reads(done.headers["location"])
    assert live(console).startswith("Buchen Sie den Termin im Internet.")
    found = answers.search(console.ports, "Quietschgelbe Gummiente beantragen", "de")
    assert found.text == live(console)


def test_the_preview_is_what_the_citizen_gets(console: Console) -> None:
    browser = console.coordinator()
    page = publish(browser, action="preview")
    assert page.status_code == 200
    assert "not published yet" in page.text
    shown = re.search(r'<div class="bubble".*?<p class="text"[^>]*>(.*?)</p>', page.text, re.DOTALL)
    assert shown
    assert MINE["body"] not in live(console)
    publish(browser, page)
    assert unescape(shown[1]) == live(console)


def test_of_two_editors_the_second_is_told_and_loses_nothing(console: Console) -> None:
    first, second = console.coordinator("Ayşe"), console.coordinator("Burak")
    page = second.get(ADDRESS)
    publish(first, body="Der Text von Ayşe.")
    answer = publish(second, page, body="Der Text von Burak.")
    assert answer.status_code == 409
    assert "Ayşe has published another version" in answer.text
    assert "Der Text von Ayşe." in answer.text
    assert re.search(r"<textarea[^>]*>Der Text von Burak\.</textarea>", answer.text)
    assert "Der Text von Ayşe." in live(console)
    assert publish(second, answer, body="Der Text von beiden.").status_code == 303
    assert "Der Text von beiden." in live(console)


def test_previewing_does_not_hide_a_conflict(console: Console) -> None:
    first, second = console.coordinator("Ayşe"), console.coordinator("Burak")
    page = second.get(ADDRESS)
    publish(first)
    preview = publish(second, page, action="preview", body="Burak")
    assert publish(second, preview, body="Burak").status_code == 409


def test_an_earlier_version_comes_back_with_one_click(console: Console) -> None:
    browser, before = console.coordinator(), live(console)
    publish(browser)
    page = browser.get(ADDRESS)
    assert "Coordinator" in page.text
    done = browser.submit(page, f"{ADDRESS}/restore", number="1")
    assert "The earlier version is live again." in browser.reads(done.headers["location"])
    assert live(console) == before
    with console.ports.database.read() as uow:
        assert [row.version for row in uow.content.versions("appointment", "de")] == [3, 2, 1]
    assert browser.submit(page, f"{ADDRESS}/restore", number="1").status_code == 409
    assert browser.sends(f"{ADDRESS}/restore", number="77", version="3").status_code == 404


def test_another_language_stands_beside(console: Console) -> None:
    browser = console.coordinator()
    with console.ports.database.read() as uow:
        turkish = uow.content.article("appointment", "tr")
        assert turkish is not None
    assert turkish.title in browser.reads(f"{ADDRESS}?beside=tr")
    assert browser.get(f"{ADDRESS}?beside=xx").status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": " "}, "An answer needs a title and a text."),
        ({"body": ""}, "An answer needs a title and a text."),
        ({"body": "x" * 20_001}, "This text is too long."),
        ({"form_token": "old"}, "This page was open for too long"),
    ],
)
def test_what_cannot_be_published_is_still_there(console: Console, changes: dict[str, str], words: str) -> None:
    answer = publish(console.coordinator(), **changes)
    assert answer.status_code == 409
    assert words in answer.text
    assert "Quietschgelbe Gummiente" in answer.text
    assert "Gummiente" not in live(console)


@pytest.mark.parametrize("path", ["/console/content/nonsense/de", "/console/content/appointment/xx"])
def test_there_is_no_page_for_what_we_do_not_have(console: Console, path: str) -> None:
    browser = console.coordinator()
    assert browser.get(path).status_code == 404
    assert browser.sends(path, **MINE, action="publish").status_code == 404


def test_answers_are_only_ever_text(console: Console) -> None:
    browser = console.coordinator(XSS)
    publish(browser, title=XSS, body=XSS, questions=XSS)
    with console.ports.database.write() as uow:
        sources = [{"url": f"javascript:{XSS}", "says": XSS}]
        facts = {"channel": XSS, "services": [], "sources": sources, "seen": ""}
        uow.content.put_facts("appointment", facts)
    for path in (ADDRESS, "/console/content", "/console/content/appointment/tr?beside=de"):
        html = browser.reads(path)
        assert "<script>alert" not in html
        assert "<img" not in html
        assert 'href="javascript:' not in html
