"""A person's words to everyone in an incident: in each one's language, once per conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.cases import CaseError, EventKind
from bot.domain.desks import COORDINATION
from bot.i18n.catalogues import LANGUAGES, language_name, text
from bot.services.ports import Ports
from bot.services.replies import Reply, send
from bot.services.routing import desk_name
from bot.storage.tables import CaseRow
from bot.storage.tables_cases import BroadcastRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork

FRESH = timedelta(hours=24)  # who joins later still hears words this old; a day after, they are wrong more often
AT_ONCE = 25  # receivers per commit: citizens who write meanwhile must not wait
LATELY_CLOSED_TOO = "+closed"  # how the key of a broadcast ends that also goes to cases closed in the last 24 hours


@dataclass(frozen=True)
class Planned:
    """What a broadcast would do for one language: how many people speak it, and in which language they would read."""

    language: str
    people: int
    reads: str


def plan(uow: UnitOfWork, incident_id: int, texts: Mapping[str, str], closed_too: bool, now: datetime) -> list[Planned]:
    """Who would read what, most people first."""
    found = uow.broadcasts.receivers(incident_id, now - FRESH if closed_too else None)
    rows = [Planned(language, people, _version(texts, language)) for language, people in found.items()]
    return sorted(rows, key=lambda row: (-row.people, row.language))


def in_order(texts: Mapping[str, str], fallback: str) -> dict[str, str]:
    """The texts that were written, the one for all other languages first. Raises CaseError if there is none."""
    written = {code: texts[code].strip() for code in LANGUAGES if texts.get(code, "").strip()}
    if not written:
        raise CaseError("no_words")
    if fallback not in written:
        raise CaseError("no_fallback")
    return {fallback: written[fallback]} | written


def broadcast(
    ports: Ports, incident_id: int, staff_id: int, texts: dict[str, str], key: str, now: datetime, *, closed_too: bool
) -> BroadcastRow:
    """Say something to everyone in an open incident; once per `key`. The first language is for all others.

    The words are kept first and then spread in small commits: `finish` goes on if this process dies.
    Raises CaseError.
    """
    with ports.database.write() as uow:
        if uow.incidents.get(incident_id).state != "open":
            raise CaseError("incident_closed")
        kept_key = key + (LATELY_CLOSED_TOO if closed_too else "")
        row, _ = uow.broadcasts.say(incident_id, staff_id, texts, kept_key, now)
    spread(ports, row.id)
    with ports.database.read() as uow:
        return uow.broadcasts.get(row.id)


def finish(ports: Ports) -> bool:
    """Whether somebody still had to hear the newest words of their incident, because they joined or we had stopped."""
    since = ports.clock() - FRESH
    with ports.database.read() as uow:
        newest = uow.broadcasts.newest(since)
    return sum(spread(ports, broadcast_id) for broadcast_id in newest) > 0


def spread(ports: Ports, broadcast_id: int) -> int:
    """Send a broadcast to everybody who has not got it. Returns to how many."""
    reached = 0
    while True:
        with ports.database.write() as uow:
            row, now = uow.broadcasts.get(broadcast_id), ports.clock()
            closed_since = row.at - FRESH if row.key.endswith(LATELY_CLOSED_TOO) else None
            waiting = uow.broadcasts.unreached(row, closed_since, AT_ONCE)
            told = [case for case in waiting if _tell(uow, ports, row, case, now)]
        for case in told:
            ports.wakeup.notify(f"conversation:{case.conversation_id}")
        if told:
            ports.wakeup.notify("outbox")
        reached += len(told)
        if len(waiting) < AT_ONCE:
            return reached


def tell_newcomer(uow: UnitOfWork, ports: Ports, case: CaseRow, now: datetime) -> None:
    """Who has just joined an incident hears what was last said to everyone, if that was within a day."""
    if case.incident_id is None or uow.incidents.get(case.incident_id).state != "open":
        return
    newest = next(iter(uow.broadcasts.of(case.incident_id)), None)
    if newest is not None and now - newest.at < FRESH:
        _tell(uow, ports, newest, case, now)


def _tell(uow: UnitOfWork, ports: Ports, row: BroadcastRow, case: CaseRow, now: datetime) -> bool:
    """To one person, unless they have got it. It is a human's word, so it also goes to who talks with a person.

    It is no answer to them either: the owner's clock runs on.
    """
    if uow.broadcasts.has_got(case.conversation_id, row.id):
        return False
    conversation, staff = uow.conversations.get(case.conversation_id), uow.staff.get(row.staff_id)
    language, reads = conversation.language, _version(row.texts, conversation.language)
    words = str(row.texts[reads])
    if reads != language:
        words = text("broadcast.in_language", language, language=language_name(reads, language)) + "\n" + words
    desk_id = sender_desk(uow, staff, row.incident_id)
    desk = desk_name(uow, ports.knowledge.directory, desk_id, language)
    name = f"{first_name(staff)} ({desk})"
    send(uow, conversation, Reply(words), now, author="officer", name=name, case_id=case.id)
    data = {"incident": row.incident_id, "broadcast": row.id, "name": staff.name, "desk": desk_id, "language": reads}
    uow.cases.record(case.id, EventKind.BROADCAST, f"staff:{staff.id}", data, now)
    uow.broadcasts.reached_one_more(row.id)
    return True


def _version(texts: Mapping[str, str], language: str) -> str:
    """The language in which somebody reads a broadcast: their own, else the first one."""
    return language if language in texts else next(iter(texts))


def sender_desk(uow: UnitOfWork, staff: StaffRow, incident_id: int) -> str:
    """For which desk somebody speaks to an incident: their own that has cases of it, else the coordinators'."""
    mine = uow.desks.of_staff(staff.id)
    involved = [desk for desk in uow.incidents.desks(incident_id) if desk in mine]
    return next(iter([*involved, *mine]), COORDINATION)


def first_name(staff: StaffRow) -> str:
    """What a citizen is told of a name."""
    return next(iter(staff.name.split()), staff.name)
