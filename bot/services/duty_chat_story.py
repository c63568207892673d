"""The story of a case in its owner's private chat, and what the citizen writes from then on."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.cases import EventKind
from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import clock_time, day_and_time, language_name, text
from bot.services.alert_ways import kind_name
from bot.services.alert_ways import tell as tell_person
from bot.services.duty_chat_out import button, payload, tell
from bot.services.ports import Ports
from bot.services.where import map_link, place_of, timezone_of
from bot.storage.tables import CaseRow, MessageRow, OutboxRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork

IN_THE_STORY = 2_400  # characters of the newest messages: one screen or two
IN_THE_CONVERSATION = 12_000
AT_MOST = 60  # messages
ONE_DAY = timedelta(hours=12)  # within it the time of day says enough
DETAILS = ("place", "safe", "contact")


def send_story(uow: UnitOfWork, ports: Ports, case: CaseRow, staff: StaffRow, now: datetime) -> bool:
    """The whole story with the buttons to go on. False if this chat has it already and nothing has changed since."""
    last_seq = uow.conversations.get(case.conversation_id).last_seq
    key = f"{_begins(case, staff)}{last_seq}:{case.status}:{case.accepted_at}"
    if not staff.telegram_chat or uow.outbox.has(key):
        return False
    language = staff.language
    words = "\n".join([*_facts(uow, ports, case, language, now), "", *_lines(uow, ports, case, language, now)])
    words += "\n\n" + text("duty_chat.how", language)
    buttons = [
        button("duty_chat.show", language, payload("talk", case.id)),
        button("console.transfer", language, payload("transfer", case.id)),
        button("console.close", language, payload("close", case.id)),
    ]
    tell(uow, staff.telegram_chat, words, language, now, key=key, case_id=case.id, buttons=buttons)
    _note_reading(uow, case, staff, now)
    return True


def send_conversation(uow: UnitOfWork, ports: Ports, case: CaseRow, staff: StaffRow, now: datetime) -> bool:
    """The conversation as far as a chat can show it. False if it stands there already."""
    last_seq = uow.conversations.get(case.conversation_id).last_seq
    key = f"talk:{case.id}:{staff.id}:{staff.telegram_chat}:{last_seq}"
    if not staff.telegram_chat or uow.outbox.has(key):
        return False
    lines = _lines(uow, ports, case, staff.language, now, IN_THE_CONVERSATION)
    head = _headline(case, staff.language)
    tell(uow, staff.telegram_chat, "\n".join([head, *lines]), staff.language, now, key=key, case_id=case.id)
    _note_reading(uow, case, staff, now)
    return True


def offer(uow: UnitOfWork, ports: Ports, case: CaseRow, staff: StaffRow, now: datetime) -> None:
    """Accepted at the console: the owner's chat offers to go on there, and says nothing of the citizen unasked."""
    if not staff.telegram_chat or not ports.telegram or case.owner_id != staff.id:
        return
    words = text("duty_chat.also_here", staff.language, case=case.id)
    here = button("duty_chat.answer_here", staff.language, payload("story", case.id))
    key = f"offer:{case.id}:{staff.id}:{case.accepted_at}"
    tell(uow, staff.telegram_chat, words, staff.language, now, key=key, case_id=case.id, buttons=[here])


def pass_on(uow: UnitOfWork, ports: Ports, case: CaseRow, staff: StaffRow, message_id: int, now: datetime) -> bool:
    """What the citizen has just written, to an owner who has opened the story in Telegram.

    False: they have not, or may not sign in any more.
    """
    message = uow.session.get(MessageRow, message_id)
    chat = staff.telegram_chat
    if message is None or not staff.active or not chat or not ports.telegram:
        return False
    if uow.outbox.newest("telegram", chat, _begins(case, staff)) is None:
        return False
    language = staff.language
    time = _time(message.at, language, timezone_of(uow, ports, case), now)
    content = _content(message, language, _file_link(uow, ports, case, message))
    words = text("duty_chat.wrote", language, case=case.id, time=time) + "\n" + content
    tell(uow, chat, words, language, now, key=f"wrote:{message_id}", case_id=case.id)
    return True


def not_delivered(uow: UnitOfWork, ports: Ports, row: OutboxRow, now: datetime) -> None:
    """An officer's words will never arrive: whoever has the case hears of it, once per row."""
    number = row.dedup_key.removeprefix("message:")
    message = uow.session.get(MessageRow, int(number)) if number.isdecimal() else None
    case = uow.cases.get(row.case_id) if row.case_id is not None else None
    if message is None or message.author != "officer" or case is None or case.owner_id is None:
        return
    owner = uow.staff.get(case.owner_id)
    link = f"{ports.console_url}/cases/{case.id}"
    words = text("duty_chat.not_delivered", owner.language, case=case.id, link=link)
    tell_person(uow, ports, owner, case, words, f"undelivered:{row.id}", now)


def _begins(case: CaseRow, staff: StaffRow) -> str:
    return f"story:{case.id}:{staff.id}:{staff.telegram_chat}:"  # another phone has not got it yet


def _headline(case: CaseRow, language: str) -> str:
    severity = text(f"severity.{Severity(case.severity)}", language)
    return text("duty_chat.story", language, case=case.id, kind=kind_name(case.label, language), severity=severity)


def _facts(uow: UnitOfWork, ports: Ports, case: CaseRow, language: str, now: datetime) -> list[str]:
    """Kind, place, language, since when, and what the intake has asked."""
    zone = timezone_of(uow, ports, case)
    location = case.location or {}
    place = place_of(case.location, language) or text("console.place_unknown", language)
    conversation = uow.conversations.get(case.conversation_id)
    lines = [
        _headline(case, language),
        text("duty_chat.opened", language, time=_time(case.opened_at, language, zone, now), zone=zone),
        text("duty_chat.place", language, place=place),
        map_link(location.get("lat"), location.get("lon")),
        text("duty_chat.language", language, language=language_name(case.language, language)),
        text("duty_chat.from_telegram" if conversation.channel == "telegram" else "duty_chat.from_web", language),
    ]
    return [line for line in lines if line] + _details(uow, case, language)


def _details(uow: UnitOfWork, case: CaseRow, language: str) -> list[str]:
    """The newest answer to each question of the intake."""
    answers = {event.data.get("slot"): event.data.get("value") for event in uow.cases.events(case.id)
               if event.kind == EventKind.DETAIL}  # fmt: skip
    spoken = {"yes": text("button.yes", language), "no": text("button.no", language)}
    return [
        text(f"duty_chat.detail.{slot}", language, value=spoken.get(str(answers[slot]), str(answers[slot])))
        for slot in DETAILS
        if answers.get(slot)
    ]


def _lines(
    uow: UnitOfWork, ports: Ports, case: CaseRow, language: str, now: datetime, room: int = IN_THE_STORY
) -> list[str]:
    """The newest messages that fit, oldest first, each with its time; where older ones are, if there are any."""
    conversation = uow.conversations.get(case.conversation_id)
    first = max(0, conversation.last_seq - AT_MOST)
    zone, kept = timezone_of(uow, ports, case), list[str]()
    messages = uow.conversations.after(conversation.id, first, AT_MOST)
    for message in reversed(messages):
        content = _content(message, language, _file_link(uow, ports, case, message))
        line = f"{_time(message.at, language, zone, now)} {_author(message, language)}: {content}"
        room -= len(line)
        if room < 0 and kept:
            break
        kept.append(line)
    if len(kept) < conversation.last_seq:
        kept.append(text("duty_chat.older", language, link=f"{ports.console_url}/cases/{case.id}?older=1"))
    return kept[::-1]


def _author(message: MessageRow, language: str) -> str:
    if message.author == "officer":
        return message.name
    return text("console.citizen" if message.author == "citizen" else "console.computer", language)


def _file_link(uow: UnitOfWork, ports: Ports, case: CaseRow, message: MessageRow) -> str:
    """Where the files of a message are shown; empty if it has none."""
    return f"{ports.console_url}/cases/{case.id}" if uow.attachments.of_messages([message.id]) else ""


def _content(message: MessageRow, language: str, file_link: str) -> str:
    """A message's words; a place as a link to a map; where its files are; of anything else that it was sent."""
    location, unreadable = message.extra.get("location"), message.extra.get("unreadable")
    found = [message.text] if message.text else []
    if location:
        found.append(map_link(location["lat"], location["lon"]))
    if file_link:
        found.append(text("duty_chat.files", language, link=file_link))
    elif unreadable:
        found.append(text("console.not_readable", language, what=unreadable))
    return "\n".join(found) or text("duty_chat.pressed", language)


def _time(moment: datetime, language: str, zone: str, now: datetime) -> str:
    return clock_time(moment, language, zone) if now - moment < ONE_DAY else day_and_time(moment, language, zone)


def _note_reading(uow: UnitOfWork, case: CaseRow, staff: StaffRow, now: datetime) -> None:
    uow.audit.record(staff.id, "read", f"case:{case.id}", now, where="telegram")
