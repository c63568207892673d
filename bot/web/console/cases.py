"""The queue and the page of one case: accept, reply, note, close."""

from __future__ import annotations

import secrets
from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from bot.domain.cases import CaseError
from bot.services import cases, handing_on, shift_end
from bot.services.duty_chat_story import offer
from bot.services.ready_replies import BLANK
from bot.storage.tables import CaseRow
from bot.web.console.case_view import case_print, other_desks, read_case, summarise
from bot.web.console.forms import Sent
from bot.web.console.pages import Form, HandlesCases, Page, SeesCases
from bot.web.console.queue import (
    LAST_PAGE,
    PAGE_SIZE,
    fingerprint,
    listed,
    note_reading,
    number_in,
    visible_case,
)
from bot.web.console.route import ConsoleRoute
from bot.web.console.talk_view import read_talk, translated_draft

router = APIRouter(prefix="/console", route_class=ConsoleRoute, include_in_schema=False)
MAX_REPLY = 8_000
SNOOZES = ("30", "120", "480", "1440", "10080")  # minutes
_SENTENCES = {
    "already_accepted": "console.accepted_by_other",
    "already_closed": "console.already_closed",
    "accept_first": "console.accept_first",
    "unknown_outcome": "console.choose_outcome",
    "unknown_desk": "console.unknown_desk",
    "same_desk": "console.same_desk",
    "no_snooze_for_life": "console.no_snooze_for_life",
    "write_first": "console.write_first",
    "snooze_too_long": "console.snooze_too_long",
}


@router.get("/cases")
def queue(page: SeesCases, tab: str = "open", number: int = 1) -> Response:
    """The queue: unaccepted first, then by severity and age."""
    closed, number = tab == "closed", min(max(number, 1), LAST_PAGE)
    with page.ports.database.read() as uow:
        found = listed(page, uow, closed, number)
        return page.render(
            "cases.html",
            cases=[summarise(page, uow, row) for row in found.rows],
            closed=closed,
            number=number,
            more=number * PAGE_SIZE < found.total,
            total=found.total,
            available=uow.staff.get(page.staff.id).available,
            pulse=found.pulse,
        )


@router.get("/cases/pulse")
def queue_pulse(page: SeesCases, since: str = "") -> Response:
    """Whether an open queue page is out of date."""
    with page.ports.database.read() as uow:
        now = listed(page, uow, closed=False, number=number_in(since)).pulse
    return JSONResponse({**now, "changed": now["fingerprint"] != since})


@router.get("/cases/{case_id}")
def show(page: SeesCases, case_id: int, older: str = "", ready: str = "") -> Response:
    """One case on one screen; `ready` names a ready reply for the box."""
    return _show(page, case_id, everything=bool(older), ready=ready)


@router.get("/cases/{case_id}/pulse")
def case_pulse(page: SeesCases, case_id: int, since: str = "") -> Response:
    """Whether an open case page is out of date."""
    with page.ports.database.read() as uow:
        case = visible_case(page, uow, case_id)
        now = case_print(uow, case, uow.cases.events(case_id), uow.outbox.for_case(case_id))
    return JSONResponse({"fingerprint": now, "changed": now != since})


@router.post("/cases/{case_id}/accept")
def accept(page: HandlesCases, case_id: int, sent: Form) -> Response:
    """Make this person the owner."""
    if not page.is_ours(sent):
        return _again(page, case_id, sent, page.t("console.form_stale"))
    try:
        with page.ports.database.write() as uow:
            visible_case(page, uow, case_id)
            staff = uow.staff.get(page.staff.id)
            case = cases.accept(uow, page.ports, case_id, staff, page.now)
            offer(uow, page.ports, case, staff, page.now)
    except CaseError as error:
        return _again(page, case_id, sent, _why(page, error))
    return _done(page, case, "accepted_now")


@router.post("/cases/{case_id}/take-over")
def take_over(page: HandlesCases, case_id: int, sent: Form) -> Response:
    """Go on with a colleague's case."""
    if not page.is_ours(sent):
        return _again(page, case_id, sent, page.t("console.form_stale"))
    try:
        with page.ports.database.write() as uow:
            visible_case(page, uow, case_id)
            staff, expected = uow.staff.get(page.staff.id), sent.number("owner") or None
            case = cases.take_over(uow, page.ports, case_id, staff, expected, page.now)
            offer(uow, page.ports, case, staff, page.now)
    except CaseError as error:
        return _again(page, case_id, sent, _why(page, error))
    return _done(page, case, "accepted_now")


@router.post("/cases/{case_id}/transfer")
def transfer(page: HandlesCases, case_id: int, sent: Form) -> Response:
    """Hand the case with its story to another desk."""
    if not page.is_ours(sent):
        return _again(page, case_id, sent, page.t("console.form_stale"))
    try:
        with page.ports.database.write() as uow:
            visible_case(page, uow, case_id)
            staff, note = uow.staff.get(page.staff.id), sent["transfer_note"].strip()[:MAX_REPLY]
            case = handing_on.transfer(uow, page.ports, case_id, staff, sent["desk"], note, page.now)
    except CaseError as error:
        return _again(page, case_id, sent, _why(page, error))
    return _done(page, case, "transferred")


@router.post("/cases/{case_id}/snooze")
def snooze(page: HandlesCases, case_id: int, sent: Form) -> Response:
    """Let the case rest for a while."""
    if not page.is_ours(sent):
        return _again(page, case_id, sent, page.t("console.form_stale"))
    minutes = int(sent["minutes"]) if sent["minutes"] in SNOOZES else 0
    try:
        with page.ports.database.write() as uow:
            visible_case(page, uow, case_id)
            staff, until = uow.staff.get(page.staff.id), page.now + timedelta(minutes=minutes)
            case = handing_on.snooze(uow, case_id, staff, until, page.now)
    except CaseError as error:
        return _again(page, case_id, sent, _why(page, error))
    return _done(page, case, "snoozed")


@router.post("/cases/{case_id}/reply")
def reply(page: HandlesCases, case_id: int, sent: Form) -> Response:
    """Write to the citizen."""
    body = sent["body"].strip()
    problem = _problem(page, sent, body, "console.empty_reply")
    if problem:
        return _again(page, case_id, sent, problem)
    if sent["action"] == "translate":
        return _translated(page, case_id, sent)
    if BLANK in body:
        return _again(page, case_id, sent, page.t("console.blank_left", blank=BLANK))
    original = sent["original"].strip()[:MAX_REPLY]
    try:
        with page.ports.database.write() as uow:
            case = visible_case(page, uow, case_id)
            staff = uow.staff.get(page.staff.id)
            cases.reply_to_citizen(uow, case_id, staff, body, page.now, key=_key(sent, body), original=original)
    except CaseError as error:
        return _again(page, case_id, sent, _why(page, error))
    return _done(page, case, "reply_sent")


@router.post("/cases/{case_id}/note")
def note(page: HandlesCases, case_id: int, sent: Form) -> Response:
    """Write something down that the citizen never sees."""
    body = sent["note"].strip()
    problem = _problem(page, sent, body, "console.empty_note")
    if problem:
        return _again(page, case_id, sent, problem)
    with page.ports.database.write() as uow:
        case = visible_case(page, uow, case_id)
        staff = uow.staff.get(page.staff.id)
        cases.note(uow, case_id, staff, body, page.now, key=_key(sent, body))
    return _done(page, case, "note_saved")


@router.post("/cases/{case_id}/close")
def close(page: HandlesCases, case_id: int, sent: Form) -> Response:
    """End the case; the computer may speak again."""
    if not page.is_ours(sent):
        return _again(page, case_id, sent, page.t("console.form_stale"))
    try:
        with page.ports.database.write() as uow:
            case = visible_case(page, uow, case_id)
            staff = uow.staff.get(page.staff.id)
            cases.close(uow, page.ports, case_id, staff, sent["outcome"], page.now)
    except CaseError as error:
        if error.code == "already_closed" and case.owner_id == page.staff.id:
            return _done(page, case, "case_closed")  # a double click: already done
        return _again(page, case_id, sent, _why(page, error))
    return _done(page, case, "case_closed")


def _translated(page: Page, case_id: int, sent: Sent) -> Response:
    """The officer's words in the citizen's language, to be looked at and then sent by a second press."""
    with page.ports.database.read() as uow:
        case = visible_case(page, uow, case_id)
    typed = translated_draft(page, case, sent)
    return (
        _again(page, case_id, sent, page.t("console.no_translation"))
        if typed is None
        else _show(page, case_id, typed=typed)
    )


def _key(sent: Sent, body: str) -> str:
    """One key per form and text: a second click is the same, another text after 'back' is not."""
    return fingerprint((sent["key"], body)) if sent["key"] else ""


def _problem(page: Page, sent: Sent, body: str, empty: str) -> str:
    """Why a text cannot be taken, or nothing."""
    if not page.is_ours(sent):
        return page.t("console.form_stale")
    if not body:
        return page.t(empty)
    return page.t("console.too_long") if len(body) > MAX_REPLY else ""


def _why(page: Page, error: CaseError) -> str:
    return page.t(_SENTENCES[error.code], **error.args_for_text)


def _done(page: Page, case: CaseRow, said: str) -> Response:
    """After the commit: wake the citizen's open page and the delivery, then show the case."""
    page.ports.wakeup.notify(f"conversation:{case.conversation_id}")
    page.ports.wakeup.notify("outbox")
    return page.go(f"/console/cases/{case.id}", said)


def _again(page: Page, case_id: int, sent: Sent, error: str) -> Response:
    """The page with a sentence about what did not work, and everything that was typed."""
    return _show(page, case_id, status=409, error=error, typed=sent.fields)


def _show(
    page: Page,
    case_id: int,
    *,
    status: int = 200,
    error: str = "",
    typed: dict[str, str] | None = None,
    everything: bool = False,
    ready: str = "",
) -> Response:
    with page.ports.database.read() as uow:
        case = visible_case(page, uow, case_id)
        seen = read_case(page, uow, case, everything=everything)
        desks = other_desks(page, uow, case)
        talk = read_talk(page, uow, case, seen.messages, ready)
        off_duty = case.owner_id == page.staff.id and shift_end.may_stay(uow, page.ports, case, page.now)
    note_reading(page, case_id)
    typed = typed or {}
    return page.render(
        "case.html",
        status,
        case=case,
        seen=seen,
        talk=talk,
        mine=case.owner_id == page.staff.id,
        off_duty=off_duty,
        outcomes=cases.OUTCOMES,
        desks=desks,
        snoozes=SNOOZES,
        error=error,
        typed=typed,
        # The same key as before after an error: if the first click did arrive, the second changes nothing.
        keys={name: typed.get("key") or secrets.token_urlsafe(12) for name in ("reply", "note")},
    )
