"""The console's side of a conversation: files, languages, translations, ready replies."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from bot.domain.files import TooBig
from bot.services.ports import FileAway
from bot.services.ready_replies import BLANK
from bot.storage.tables import CaseRow, MessageRow
from bot.storage.tables_cases import AttachmentRow
from tests.harness.translators import ScriptedTranslator
from tests.web.conftest import Browser, Console

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"


@pytest.fixture(autouse=True)
def _a_desk_that_answers(console: Console) -> None:
    """Cases of Köln go to Köln."""
    console.town.officer("Burak", "de-koln-bk")


class KeptFiles:
    """Files in memory, by remote id; an exception instead of bytes is raised."""

    def __init__(self, **contents: bytes | Exception) -> None:
        self.contents = contents

    def read(self, attachment: AttachmentRow) -> bytes:
        found = self.contents[attachment.remote_id or ""]
        if isinstance(found, Exception):
            raise found
        return found


def sends_a_file(console: Console, case: CaseRow, remote_id: str = "f", **fields: Any) -> int:
    """The citizen sends a file; its id."""
    now = console.ports.clock()
    with console.ports.database.write() as uow:
        talk = uow.conversations.get(case.conversation_id)
        message = uow.conversations.say(talk, "citizen", "", now, extra={"unreadable": "attachment"})
        values = {"kind": "photo", "remote_id": remote_id} | fields
        return uow.attachments.add(message.id, "telegram", now, **values).id


def accepted(console: Console, name: str = "Ayse", **options: Any) -> tuple[Browser, CaseRow]:
    case = console.case()
    browser = console.officer(name, **options)
    browser.sends(f"/console/cases/{case.id}/accept")
    return browser, case


def words_of(console: Console, case: CaseRow) -> list[MessageRow]:
    with console.ports.database.read() as uow:
        return uow.conversations.after(case.conversation_id, 0)


# --- files -------------------------------------------------------------------------------------------------
KINDS = [
    ("a picture is shown", JPEG, "image/jpeg", "inline"),
    ("a document is downloaded", b"%PDF-1.7", "application/pdf", "attachment"),
    ("a page that calls itself a picture is downloaded and runs nothing", b"<script>x</script>",
     "application/octet-stream", "attachment"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "media", "way"), [row[1:] for row in KINDS], ids=[row[0] for row in KINDS])
def test_a_file_is_served_by_its_bytes_in_a_sandbox(console: Console, content: bytes, media: str, way: str) -> None:
    console.ports.files = KeptFiles(f=content)
    case = console.case()
    number = sends_a_file(console, case, mime="image/png", name='"><script>.png')
    answer = console.officer("Ayse").get(f"/console/cases/{case.id}/attachments/{number}")
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == media
    assert answer.headers["content-disposition"].startswith(f'{way}; filename="photo-{number}.')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"


def test_the_page_shows_the_picture_and_says_what_it_may_hold(console: Console) -> None:
    case = console.case()
    number = sends_a_file(console, case, name="<b>pass</b>.jpg")
    page = console.officer("Ayse").reads(f"/console/cases/{case.id}")
    assert f'<img src="/console/cases/{case.id}/attachments/{number}"' in page
    assert "it may hold the place and time" in page
    assert "&lt;b&gt;pass" in page
    assert "<b>pass" not in page


def test_a_file_is_only_for_those_who_may_see_its_own_case(console: Console) -> None:
    console.ports.files = KeptFiles(f=JPEG)
    case, other = console.case(), console.case(citizen="other")
    number = sends_a_file(console, case)
    officer = console.officer("Ayse")
    assert officer.get(f"/console/cases/{other.id}/attachments/{number}").status_code == 404
    assert officer.get(f"/console/cases/{case.id}/attachments/999").status_code == 404
    elsewhere = console.officer("Emine", "de-berlin-be")
    assert elsewhere.get(f"/console/cases/{case.id}/attachments/{number}").status_code == 403


@pytest.mark.parametrize(
    ("why", "status", "sentence"),
    [(FileAway("gone"), 503, "cannot be fetched"), (TooBig(), 413, "too big")],
    ids=["away", "too big"],
)
def test_a_file_that_cannot_be_had_is_a_page_that_says_so(
    console: Console, why: Exception, status: int, sentence: str
) -> None:
    console.ports.files = KeptFiles(f=why)
    case = console.case()
    answer = console.officer("Ayse").get(f"/console/cases/{case.id}/attachments/{sends_a_file(console, case)}")
    assert answer.status_code == status
    assert sentence in answer.text


# --- ready replies ----------------------------------------------------------------------------------------------
def test_a_ready_reply_stands_in_the_box_in_the_citizens_language_and_beside_it_in_the_officers(
    console: Console,
) -> None:
    browser, case = accepted(console)
    page = unescape(browser.reads(f"/console/cases/{case.id}?ready=first_words"))
    box = page.split('<textarea id="reply"')[1].split("</textarea>")[0]
    assert "Ich bin Ayse, Consulate" not in box
    assert "Ich bin Ayse, Generalkonsulat" in box
    beside = page.split("data-ready-own")[1].split("</p>")[0]
    assert "I am Ayse, Consulate General" in beside
    assert "data-ready-own hidden" in browser.reads(f"/console/cases/{case.id}?ready=nonsense")


def test_what_was_typed_is_not_replaced_by_a_ready_reply(console: Console) -> None:
    browser, case = accepted(console)
    answer = browser.sends(f"/console/cases/{case.id}/reply?ready=safe_now", body="Mein Text", form_token="old")
    assert answer.status_code == 409
    assert ">Mein Text</textarea>" in answer.text


def test_a_reply_with_a_blank_in_it_is_not_sent(console: Console) -> None:
    browser, case = accepted(console)
    page = browser.get(f"/console/cases/{case.id}?ready=asking_consulate")
    answer = browser.submit(page, f"/console/cases/{case.id}/reply", body=f"bis {BLANK} Uhr")
    assert answer.status_code == 409
    assert "There is still a blank to fill in" in answer.text
    assert f"bis {BLANK} Uhr" in answer.text
    assert browser.submit(page, f"/console/cases/{case.id}/reply", body="bis 18 Uhr").status_code == 303
    assert console.said_to(case)[-1] == ("officer", "bis 18 Uhr")


def test_a_coordinator_changes_a_ready_reply_and_officers_get_it(console: Console) -> None:
    nur = console.coordinator("Nur")
    page = nur.get("/console/replies/safe_now")
    fields = {f"text_{code}": f"neu {code}" for code in ("de", "en")}
    done = nur.submit(page, "/console/replies/safe_now", **fields, position="1", active="1")
    assert done.headers["location"] == "/console/replies/safe_now?said=reply_saved"
    assert 'lang="en">missing</span>' in nur.reads("/console/replies/safe_now"), "four languages are marked"
    browser, case = accepted(console)
    assert 'data-text="neu de" data-own="neu en"' in browser.reads(f"/console/cases/{case.id}")
    again = nur.submit(page, "/console/replies/safe_now", **fields, position="1", active="1")
    assert again.status_code == 409
    assert "Nur" in again.text


def test_a_reply_that_is_switched_off_is_offered_no_more(console: Console) -> None:
    nur = console.coordinator("Nur")
    page = nur.get("/console/replies/safe_now")
    nur.submit(page, "/console/replies/safe_now", text_de="Sicher?", position="1")
    browser, case = accepted(console)
    assert 'value="safe_now"' not in browser.reads(f"/console/cases/{case.id}")
    assert "switched off" in nur.reads("/console/replies")


def test_a_new_reply_in_one_language_is_offered_to_all_and_says_which_language_it_has(console: Console) -> None:
    nur = console.coordinator("Nur")
    made = nur.submit(
        nur.get("/console/replies"), "/console/replies", key="Umzug", text_tr="Yeni", position="5", active="1"
    )
    assert made.headers["location"] == "/console/replies/umzug?said=reply_saved"
    browser, case = accepted(console)
    assert "Yeni (only in Turkish)" in browser.reads(f"/console/cases/{case.id}")


def test_a_new_reply_that_cannot_be_kept_keeps_what_was_typed(console: Console) -> None:
    nur = console.coordinator("Nur")
    refused = nur.submit(nur.get("/console/replies"), "/console/replies", key="safe_now", text_tr="Yeni", position="5")
    assert refused.status_code == 409
    assert "already" in refused.text
    assert ">Yeni</textarea>" in refused.text


# --- languages -----------------------------------------------------------------------------------------------------
def test_words_in_a_language_that_the_officer_does_not_read_are_marked(console: Console) -> None:
    case = console.case()
    officer = console.town.officer("Ayse", "de-koln-bk")
    browser = console.browser_of(officer)
    assert "written in German" in browser.reads(f"/console/cases/{case.id}")
    with console.ports.database.write() as uow:
        uow.staff.get(officer.id).languages = ["de"]
    assert "written in" not in browser.reads(f"/console/cases/{case.id}"), "she speaks it"


def test_without_a_service_nothing_offers_a_translation(console: Console) -> None:
    browser, case = accepted(console)
    page = browser.reads(f"/console/cases/{case.id}")
    assert "/translate" not in page
    assert 'value="translate"' not in page


def test_a_message_is_translated_when_somebody_asks_and_the_original_stays(console: Console) -> None:
    translator = ScriptedTranslator(lambda words: f"[en] {words}")
    console.ports.translator = translator
    case = console.case(said="Pass 7 in Köln weg")
    browser = console.officer("Ayse")
    page = browser.get(f"/console/cases/{case.id}")
    assert translator.asked == [], "never by itself"
    (message,) = (row for row in words_of(console, case) if row.author == "citizen")
    action = f"/console/cases/{case.id}/messages/{message.id}/translate"
    assert browser.submit(page, action).headers["location"].endswith("said=translation_done")
    assert translator.asked == [("Pass [[0]] in [[1]] weg", "de", "en")]
    shown = browser.reads(f"/console/cases/{case.id}")
    assert "[en] Pass 7 in Köln weg" in shown
    assert "Translation (by machine)" in shown
    assert ">Pass 7 in Köln weg</p>" in shown
    assert words_of(console, case)[0].text == "Pass 7 in Köln weg"


@pytest.mark.parametrize("answer", [None, "the number is lost", "8 [[0]] [[1]]"])
def test_a_bad_translation_is_not_shown_and_said_so(console: Console, answer: str | None) -> None:
    console.ports.translator = ScriptedTranslator(lambda _: answer)
    case = console.case(said="Pass 7 in Köln weg")
    message = words_of(console, case)[0]
    told = console.officer("Ayse").sends(f"/console/cases/{case.id}/messages/{message.id}/translate")
    assert told.headers["location"].endswith("said=no_translation")
    assert "translations" not in words_of(console, case)[0].extra


def test_only_messages_of_the_case_are_translated(console: Console) -> None:
    console.ports.translator = ScriptedTranslator()
    case, other = console.case(), console.case(citizen="other")
    foreign = words_of(console, other)[0]
    browser = console.officer("Ayse")
    assert browser.sends(f"/console/cases/{case.id}/messages/{foreign.id}/translate").status_code == 404


def test_a_draft_is_translated_looked_at_and_then_sent_and_both_are_kept(console: Console) -> None:
    console.ports.translator = ScriptedTranslator(lambda words: words.replace("I come at", "Ich komme um"))
    browser, case = accepted(console)
    before = console.said_to(case)
    page = browser.get(f"/console/cases/{case.id}")
    looked = browser.submit(page, f"/console/cases/{case.id}/reply", body="I come at 10:30", action="translate")
    assert looked.status_code == 200
    assert ">Ich komme um 10:30</textarea>" in looked.text
    assert ">I come at 10:30</textarea>" in looked.text
    assert "Look at the translation before you send it" in looked.text
    assert console.said_to(case) == before, "nothing was sent yet"
    sent = browser.submit(
        looked, f"/console/cases/{case.id}/reply", body="Ich komme um 10:30", original="I come at 10:30"
    )
    assert sent.status_code == 303
    last = words_of(console, case)[-1]
    assert (last.text, last.extra["original"]) == ("Ich komme um 10:30", "I come at 10:30")
    assert "I come at 10:30" in browser.reads(f"/console/cases/{case.id}")


def test_a_draft_without_a_translation_comes_back_as_it_was_typed(console: Console) -> None:
    console.ports.translator = ScriptedTranslator(lambda _: None)
    browser, case = accepted(console)
    page = browser.get(f"/console/cases/{case.id}")
    looked = browser.submit(page, f"/console/cases/{case.id}/reply", body="I come", action="translate")
    assert looked.status_code == 409
    assert ">I come</textarea>" in looked.text
    assert "There is no translation" in looked.text
