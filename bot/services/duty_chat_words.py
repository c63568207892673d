"""What staff write in their private chat: answers to citizens, notes, and the question which cases there are."""

from __future__ import annotations

from bot.domain.accounts import Role
from bot.domain.desks import COORDINATION
from bot.domain.taxonomy import Severity
from bot.i18n.catalogues import day_and_time, text
from bot.services.access import may_see
from bot.services.alert_ways import kind_name
from bot.services.cases import note, reply_to_citizen
from bot.services.duty_chat_out import button, payload
from bot.services.duty_chat_turn import Talk
from bot.services.where import timezone_of
from bot.storage.tables import CaseRow, OutboxRow

LISTED = 10  # cases in one list: more are the console's
CHOICES = 8


def heard(talk: Talk) -> bool:
    """Do what the words of a member of staff ask for. False if they speak as a citizen like any other."""
    words = talk.incoming.text.strip()
    command, _, rest = words.partition(" ")
    command = command.split("@")[0].split("\n")[0].lower()
    answered = _answered(talk)
    if answered is not None and answered.dedup_key.startswith("message:"):
        return False  # a message of their own conversation: they are citizens, too
    if command == "/cases":
        list_cases(talk)
    elif command == "/note":
        _note(talk, answered, words[len("/note") :].strip() if not words.startswith("/note@") else rest.strip())
    else:
        return _answer(talk, answered, words)
    return True


def _answered(talk: Talk) -> OutboxRow | None:
    """The message of ours that this one replies to."""
    remote_id = talk.incoming.duty.get("reply_to")
    return talk.uow.outbox.by_remote("telegram", talk.incoming.address, str(remote_id)) if remote_id else None


def _answer(talk: Talk, answered: OutboxRow | None, words: str) -> bool:
    """Words for a citizen, if it is clear for which. False if this person has no case and answers none."""
    mine = my_cases(talk)
    if answered is not None and answered.case_id is not None:
        case = talk.uow.cases.get(answered.case_id)
        if talk.is_not_mine(case):
            return True
    elif mine:
        case = mine[0]
    else:
        return False
    if not words or talk.incoming.attachments or talk.incoming.unreadable or talk.incoming.lat is not None:
        talk.say("duty_chat.only_words", case_id=case.id, link=f"{talk.link}/{case.id}")
    elif words.startswith("/"):
        talk.say("duty_chat.commands")
    elif len(mine) > 1 and (answered is None or answered.case_id is None):
        _ask_which(talk, mine, "say")
    else:
        send_words(talk, case, words, talk.inbox_id)
    return True


def send_words(talk: Talk, case: CaseRow, words: str, inbox_id: int) -> None:
    """To the citizen, and a short line that it is on its way. Raises CaseError."""
    reply_to_citizen(talk.uow, case.id, talk.me, words, talk.now, key=f"telegram:{inbox_id}")
    talk.changed.add(case.conversation_id)
    talk.say("duty_chat.sent", case_id=case.id, once=passed_on(inbox_id), case=case.id)


def save_note(talk: Talk, case: CaseRow, words: str, inbox_id: int) -> None:
    """For colleagues only."""
    note(talk.uow, case.id, talk.me, words, talk.now, key=f"telegram:{inbox_id}")
    talk.say("duty_chat.note_saved", case_id=case.id, once=passed_on(inbox_id), case=case.id)


def passed_on(inbox_id: int) -> str:
    """The key of the line that says what became of somebody's words: where it stands, they are used."""
    return f"passed:{inbox_id}"


def _note(talk: Talk, answered: OutboxRow | None, words: str) -> None:
    """Notes may be written on every case that one may see, as in the console."""
    mine = my_cases(talk)
    if not words:
        talk.say("duty_chat.note_how")
    elif answered is not None and answered.case_id is not None:
        case = talk.uow.cases.get(answered.case_id)
        if may_see(talk.uow, talk.ports, talk.me, case):
            save_note(talk, case, words, talk.inbox_id)
        else:
            talk.say("console.other_desk")
    elif len(mine) > 1:
        _ask_which(talk, mine, "note")
    elif mine:
        save_note(talk, mine[0], words, talk.inbox_id)
    else:
        talk.say("duty_chat.no_case")


def _ask_which(talk: Talk, mine: list[CaseRow], verb: str) -> None:
    """The words stay in the inbox row until a button says whose they are."""
    buttons = [
        {"title": f"{text('duty_chat.case', talk.language, case=case.id)}: {kind_name(case.label, talk.language)}",
         "payload": payload(verb, case.id, talk.inbox_id)}
        for case in mine[:CHOICES]
    ]  # fmt: skip
    talk.say("duty_chat.which", buttons=buttons)


def list_cases(talk: Talk) -> None:
    """My open cases and those that wait at my desks, each with its button."""
    mine, waiting = my_cases(talk), talk.uow.cases.waiting_at(_my_desks(talk), LISTED + 1)
    if not mine and not waiting:
        talk.say("duty_chat.none")
        return
    for key, found, shown, verb in (
        ("duty_chat.mine", mine, "duty_chat.case", "story"),
        ("duty_chat.waiting", waiting, "duty_chat.accept", "accept"),
    ):
        if not found:
            continue
        lines = [_listed(talk, case) for case in found[:LISTED]]
        lines += [text("duty_chat.more", talk.language, link=talk.link)] if len(found) > LISTED else []
        buttons = [button(shown, talk.language, payload(verb, case.id), case=case.id) for case in found[:LISTED]]
        talk.say_lines([text(key, talk.language), *lines], buttons)


def _listed(talk: Talk, case: CaseRow) -> str:
    """A case in one line, without a word of the citizen's."""
    since = day_and_time(case.opened_at, talk.language, timezone_of(talk.uow, talk.ports, case))
    severity = text(f"severity.{Severity(case.severity)}", talk.language)
    kind = kind_name(case.label, talk.language)
    return text("duty_chat.listed", talk.language, case=case.id, kind=kind, severity=severity, time=since)


def my_cases(talk: Talk) -> list[CaseRow]:
    """The accepted cases of this person, most severe first."""
    return talk.uow.cases.owned_by(talk.me.id)


def _my_desks(talk: Talk) -> list[str]:
    desks = talk.uow.desks.of_staff(talk.me.id)
    return [*desks, COORDINATION] if talk.me.role == Role.COORDINATOR else desks
