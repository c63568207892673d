"""The queue and the page of one case, as officers use them."""

from __future__ import annotations

import re
import threading

import pytest

from bot.domain.cases import EventKind
from bot.services import cases
from bot.storage.tables import CaseRow
from tests.web.conftest import Browser, Console

XSS = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def accept(browser: Browser, case: CaseRow):
    page = browser.get(f"/console/cases/{case.id}")
    return browser.submit(page, f"/console/cases/{case.id}/accept")


def reply(browser: Browser, case: CaseRow, body: str):
    page = browser.get(f"/console/cases/{case.id}")
    return browser.submit(page, f"/console/cases/{case.id}/reply", body=body)


def test_the_queue_shows_the_worst_first_and_who_waits(console: Console) -> None:
    browser = console.coordinator()
    console.case("passport_lost_travel", "a")
    accepted = console.case("medical_emergency", "b")
    console.case("medical_emergency", "c")
    accept(browser, accepted)
    html = browser.reads("/console/cases")
    assert re.findall(r'href="/console/cases/(\d+)"', html) == ["3", "1", "2"]
    for words in ("Medical emergency", "danger to life", "Köln, Germany", "German", "nobody yet"):
        assert words in html
    assert "Consulate General of Türkiye in Köln" in html or "coordination team" in html


def test_the_queue_is_paged_and_closed_cases_have_their_own_list(console: Console) -> None:
    browser = console.coordinator()
    all_cases = [console.case(citizen=f"c{n}") for n in range(52)]
    first = browser.reads("/console/cases")
    assert len(re.findall(r'<th scope="row"', first)) == 50
    assert 'rel="next"' in first
    assert len(re.findall(r'<th scope="row"', browser.reads("/console/cases?number=2"))) == 2
    accept(browser, all_cases[0])
    browser.sends(f"/console/cases/{all_cases[0].id}/close", outcome="referred")
    assert "referred to another body" in browser.reads("/console/cases?tab=closed")


def test_a_page_knows_when_it_is_out_of_date(console: Console) -> None:
    browser = console.coordinator()
    print_now = browser.get("/console/cases/pulse").json()["fingerprint"]
    assert not browser.get(f"/console/cases/pulse?since={print_now}").json()["changed"]
    case = console.case()
    pulse = browser.get(f"/console/cases/pulse?since={print_now}").json()
    assert pulse["changed"]
    assert pulse["waiting"] == 1
    address = f"/console/cases/{case.id}/pulse"
    print_now = browser.get(address).json()["fingerprint"]
    assert print_now in browser.reads(f"/console/cases/{case.id}")
    with console.ports.database.write() as uow:
        talk = uow.conversations.get(case.conversation_id)
        uow.conversations.say(talk, "citizen", "Hallo?", console.ports.clock())
    assert browser.get(f"{address}?since={print_now}").json()["changed"]


def test_one_screen_tells_the_whole_story(console: Console) -> None:
    browser = console.officer("Ayşe")
    case = console.case()
    html = browser.reads(f"/console/cases/{case.id}")
    for words in (
        "Arrest or detention",
        "Sie haben meinen Bruder mitgenommen",
        "https://www.openstreetmap.org/?mlat=50.93750",
        "Consulate General of Türkiye in Köln",
        "Why this desk",
        "answers now",
        "Case opened",
        "Times in Europe/Berlin",
        "10:00",  # 09:00 UTC at the desk
    ):
        assert words in html, words


def test_accepting_makes_the_bot_silent_and_tells_the_citizen(console: Console) -> None:
    browser = console.officer("Ayşe")
    case = console.case()
    assert console.mode(case) == "bot"
    done = accept(browser, case)
    assert "The case is yours" in browser.reads(done.headers["location"])
    assert console.mode(case) == "human"
    author, words = console.said_to(case)[-1]
    assert author == "bot"
    assert "Ayşe" in words


def test_of_two_officers_who_accept_at_once_one_gets_the_case(console: Console) -> None:
    browsers = [console.officer("Ayşe"), console.officer("Burak")]
    case = console.case()
    ready, answers = threading.Barrier(2), []

    def click(browser: Browser) -> None:
        ready.wait()
        answers.append(browser.sends(f"/console/cases/{case.id}/accept"))

    threads = [threading.Thread(target=click, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    loser = next(answer for answer in answers if answer.status_code == 409)
    assert re.search("(Ayşe|Burak) has accepted this case already", loser.text)
    accepted = [e for e in console.town.events(case.id) if e.kind == EventKind.ACCEPTED]
    assert len(accepted) == 1


def test_a_reply_reaches_the_conversation_and_wakes_it(console: Console) -> None:
    browser = console.officer("Ayşe")
    case = console.case(channel="telegram")
    accept(browser, case)
    woken: list[str] = []
    console.ports.wakeup.on_notify = woken.append
    done = reply(browser, case, "Ich rufe die Polizei an.\r\nBitte warten Sie.")
    assert "Reply sent." in browser.reads(done.headers["location"])
    assert console.said_to(case)[-1] == ("officer", "Ich rufe die Polizei an.\nBitte warten Sie.")
    assert woken == [f"conversation:{case.conversation_id}", "outbox"]
    assert "waiting to be delivered" in browser.reads(f"/console/cases/{case.id}")
    texts = [row.body["text"] for row in console.town.outbox() if row.channel == "telegram"]
    assert sum("Ich rufe die Polizei an." in text for text in texts) == 1


def test_a_double_click_sends_once_and_another_text_is_another_reply(console: Console) -> None:
    browser = console.officer("Ayşe")
    case = console.case()
    accept(browser, case)
    page, action = browser.get(f"/console/cases/{case.id}"), f"/console/cases/{case.id}/reply"
    for body in ("Guten Tag", "Guten Tag", "Noch etwas"):
        assert browser.submit(page, action, body=body).status_code == 303
    said = [text for author, text in console.said_to(case) if author == "officer"]
    assert said == ["Guten Tag", "Noch etwas"]
    note = f"/console/cases/{case.id}/note"
    for _ in range(2):
        browser.submit(page, note, note="Bruder heißt Ali")
    assert sum(e.kind == EventKind.NOTE for e in console.town.events(case.id)) == 1
    for _ in range(2):
        done = browser.submit(page, f"/console/cases/{case.id}/close", outcome="helped")
        assert done.status_code == 303


@pytest.mark.parametrize("taken_by", ["nobody", "another"])
def test_a_reply_that_cannot_be_sent_is_still_there(console: Console, taken_by: str) -> None:
    browser, other = console.officer("Ayşe"), console.officer("Burak")
    case = console.case()
    if taken_by == "another":
        accept(other, case)
    answer = browser.sends(f"/console/cases/{case.id}/reply", body="Ich komme sofort", key="k")
    assert answer.status_code == 409
    expected = "Accept the case before you reply." if taken_by == "nobody" else "Burak has accepted"
    assert expected in answer.text
    assert re.search(r"<textarea[^>]*>Ich komme sofort</textarea>", answer.text)
    assert ("officer", "Ich komme sofort") not in console.said_to(case)


def test_an_empty_reply_is_not_sent(console: Console) -> None:
    browser = console.officer("Ayşe")
    case = console.case()
    accept(browser, case)
    assert "Write something before you send." in reply(browser, case, "  \n ").text
    assert browser.sends(f"/console/cases/{case.id}/note", note="").status_code == 409


def test_a_stale_form_keeps_what_was_typed(console: Console) -> None:
    browser = console.officer("Ayşe")
    case = console.case()
    accept(browser, case)
    answer = browser.sends(f"/console/cases/{case.id}/reply", body="Lange getippt", form_token="old")
    assert answer.status_code == 409
    assert "This page was open for too long" in answer.text
    again = browser.submit(answer, f"/console/cases/{case.id}/reply", body="Lange getippt")
    assert again.status_code == 303
    assert console.said_to(case)[-1] == ("officer", "Lange getippt")


def test_a_note_never_reaches_the_citizen(console: Console) -> None:
    browser = console.officer("Ayşe")
    case = console.case()
    page = browser.get(f"/console/cases/{case.id}")
    browser.submit(page, f"/console/cases/{case.id}/note", note="Vorsicht, Presse")
    assert "Vorsicht, Presse" in browser.reads(f"/console/cases/{case.id}")
    assert all("Presse" not in text for _, text in console.said_to(case))


def test_closing_gives_the_conversation_back(console: Console) -> None:
    browser = console.officer("Ayşe")
    case = console.case()
    accept(browser, case)
    page = browser.get(f"/console/cases/{case.id}")
    wrong = browser.submit(page, f"/console/cases/{case.id}/close", outcome="")
    assert "Choose an outcome." in wrong.text
    done = browser.submit(page, f"/console/cases/{case.id}/close", outcome="helped")
    html = browser.reads(done.headers["location"])
    assert "helped" in html
    assert console.mode(case) == "bot"
    assert "closed" in browser.sends(f"/console/cases/{case.id}/reply", body="Noch da?").text


def test_an_officer_sees_only_cases_of_their_desks_and_their_own(console: Console) -> None:
    koln, berlin = console.officer("Ayşe"), console.officer("Burak", desk="de-hamburg-bk")
    case = console.case()
    assert f"/console/cases/{case.id}" in koln.reads("/console/cases")
    assert f"/console/cases/{case.id}" not in berlin.reads("/console/cases")
    for path in ("", "/pulse"):
        answer = berlin.get(f"/console/cases/{case.id}{path}")
        assert answer.status_code == 403
        assert "Bruder" not in answer.text
    assert "another desk" in berlin.get(f"/console/cases/{case.id}").text
    typed = {"body": "typed in vain", "note": "", "outcome": "helped"}
    for form in ("accept", "reply", "note", "close"):
        answer = berlin.sends(f"/console/cases/{case.id}/{form}", **typed)
        assert answer.status_code == 403, form
        assert form == "accept" or "typed in vain" in answer.text
    accept(koln, case)
    with console.ports.database.write() as uow:
        uow.cases.get(case.id).desk_id = "de-hamburg-bk"
    assert koln.get(f"/console/cases/{case.id}").status_code == 200  # still the owner


def test_who_reads_a_case_is_written_down(console: Console) -> None:
    browser = console.officer("Ayşe")
    case = console.case()

    def readings() -> int:
        with console.ports.database.read() as uow:
            return sum(row.action == "read" and row.subject == f"case:{case.id}" for row in uow.audit.newest())

    for expected, minutes in ((1, 1), (1, 10), (2, 0)):
        browser.reads(f"/console/cases/{case.id}")
        assert readings() == expected
        console.town.clock.forward(minutes=minutes)


def test_what_citizens_and_colleagues_write_is_only_ever_text(console: Console) -> None:
    browser = console.coordinator(XSS)
    place = {"country": "DE", "name": XSS, "lat": 1.0, "lon": 2.0}
    case = console.case(location=place, said=XSS)
    with console.ports.database.write() as uow:
        talk = uow.conversations.get(case.conversation_id)
        extra = {"buttons": [{"title": XSS, "payload": XSS}], "unreadable": XSS}
        uow.conversations.say(talk, "bot", XSS, console.ports.clock(), language=XSS, extra=extra)
        uow.cases.record(case.id, EventKind.DETAIL, "citizen", {"slot": XSS, "value": XSS}, case.opened_at)
        uow.outbox.add("telegram", "1", {}, case.opened_at, dedup_key="x", case_id=case.id)
        for row in uow.outbox.for_case(case.id):
            row.state, row.error = "failed", XSS
    accept(browser, case)
    reply(browser, case, XSS)
    browser.sends(f"/console/cases/{case.id}/note", note=XSS)
    pages = [browser.reads(f"/console/cases/{case.id}"), browser.reads("/console/cases")]
    pages.append(browser.sends(f"/console/cases/{case.id}/reply", body=XSS, form_token="old").text)
    pages.append(browser.reads(f"/console/cases/{case.id}?said={XSS}"))
    for html in pages:
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "&lt;script&gt;" in html


def test_a_long_conversation_stays_a_small_page(console: Console) -> None:
    browser = console.officer("Ayşe")
    case = console.case(said="Anfang")
    with console.ports.database.write() as uow:
        talk = uow.conversations.get(case.conversation_id)
        for number in range(120):
            uow.conversations.say(talk, "citizen", f"{number} " + "ü" * 900, console.ports.clock())
    html = browser.reads(f"/console/cases/{case.id}")
    assert "Show the older messages" in html
    assert "119 üüü" in html
    assert "Anfang" not in html
    assert "Anfang" in browser.get(f"/console/cases/{case.id}?older=1").text


@pytest.mark.parametrize("language", ["tr", "de", "nl", "fr", "en", "ar"])
def test_every_page_renders_in_every_language(console: Console, language: str) -> None:
    browser = console.coordinator(language=language)
    case = console.case()
    accept(browser, case)
    desk = "/console/desks/coordination"
    for path in ("/console/cases", f"/console/cases/{case.id}", "/console/content",
                 "/console/content/appointment/tr", "/console/people", desk):  # fmt: skip
        assert f'<html lang="{language}"' in browser.reads(path)


def test_the_service_counts_a_key_once(console: Console) -> None:
    case, staff = console.case(), console.town.coordinator()
    console.town.accept(case.id, staff)
    for key in ("a", "a", "b", "", ""):
        with console.ports.database.write() as uow:
            cases.reply_to_citizen(uow, case.id, staff, "Hallo", console.ports.clock(), key=key)
    assert sum(author == "officer" for author, _ in console.said_to(case)) == 4
