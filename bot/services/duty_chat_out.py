"""What staff get in Telegram: messages in parts that can each be answered, buttons, and answers to a pressed one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.cases import CaseStatus
from bot.domain.parts import parts_of
from bot.i18n.catalogues import text
from bot.storage.tables import CaseRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork

DUTY = "duty:"  # begins what a button for staff sends
CALLBACK = "callback"  # in an outbox row's body: the pressed button that it answers
PART = 3500  # characters of one message, with room for what Telegram counts double
LONGEST_ANSWER = 200  # characters, Telegram's limit for the answer to a button
Buttons = Sequence[dict[str, str]]


def payload(verb: str, case_id: int, *more: object) -> str:
    """What a button sends, such as 'duty:done:12:helped'."""
    return DUTY + ":".join([verb, str(case_id), *map(str, more)])


def button(key: str, language: str, pressed: str, /, **words: object) -> dict[str, str]:
    """A button with its words from the catalogue."""
    return {"title": text(key, language, **words), "payload": pressed}


def tell(
    uow: UnitOfWork, chat: str, words: str, language: str, now: datetime, *,
    key: str, case_id: int | None = None, buttons: Buttons = (),
) -> None:  # fmt: skip
    """Queue a message to a chat, once per `key`. Each part is a row of its own: whichever is answered is found."""
    parts = parts_of(words, PART)
    for number, part in enumerate(parts, start=1):
        body: dict[str, object] = {"text": part, "language": language}
        if number == len(parts) and buttons:
            body["buttons"] = list(buttons)
        part_key = key if number == 1 else f"{key}:{number}"
        uow.outbox.add("telegram", chat, body, now, dedup_key=part_key, case_id=case_id)


def answer_button(uow: UnitOfWork, query: str, words: str, now: datetime) -> None:
    """Queue the answer to a pressed button: a sentence in front of the chat, or only the end of its spinner."""
    short = words if len(words) <= LONGEST_ANSWER else words[: LONGEST_ANSWER - 1] + "…"
    address = f"button:{query}"  # a queue of its own: whoever has pressed is looking at it
    uow.outbox.add("telegram", address, {CALLBACK: query, "text": short}, now, dedup_key=address, first=True)


def ways_in(uow: UnitOfWork, case: CaseRow, staff: StaffRow | None, language: str = "") -> list[dict[str, str]]:
    """The button by which a person (None: a group) comes to a case as it is now: accept, take over, or answer."""
    language = language or (staff.language if staff else "tr")
    if case.status == CaseStatus.OPEN:
        return [button("console.accept", language, payload("accept", case.id))]
    if case.status != CaseStatus.ACCEPTED or case.owner_id is None:
        return []
    if staff is not None and case.owner_id == staff.id:
        return [button("duty_chat.answer_here", language, payload("story", case.id))]
    name = uow.staff.get(case.owner_id).name
    return [button("console.take_over", language, payload("take", case.id, case.owner_id), name=name)]
