"""Writing a message down before anything else happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import structlog
from sqlalchemy.exc import DataError, SQLAlchemyError

from bot.domain.spelling import printable
from bot.services.alert_failures import heard_from
from bot.services.incoming import Incoming
from bot.services.ports import Ports
from bot.storage.inbox import REST, URGENT
from bot.storage.tables import ConversationRow, InboxRow
from bot.storage.unit_of_work import UnitOfWork

log = structlog.get_logger()


class NotStored(Exception):  # noqa: N818 - a state of the world, not a mistake
    """Neither the database nor the disk took the message."""


class Taken(NamedTuple):
    """A row claimed for its handler, and its conversation as it was then, if it had begun."""

    row: InboxRow
    conversation: ConversationRow | None


class Stored(NamedTuple):
    """What became of a message: `state` is 'stored', 'repeat' or 'spooled'; `lane` how urgent it sounds."""

    state: str
    lane: int
    taken: Taken | None = None


class _Row(NamedTuple):
    """What the commit made of a message: no id if it was there already."""

    id: int | None
    taken: Taken | None


def store(ports: Ports, incoming: Incoming) -> Stored:
    """Write the message down durably. Raises NotStored."""
    writing = _Writing.begin(ports, incoming)
    try:
        return writing.stored(writing.row.result())
    except SQLAlchemyError:
        return writing.spooled()


async def store_soon(ports: Ports, incoming: Incoming, *, take: bool = False) -> Stored:
    """`store` for a server's event loop: nobody's thread waits for the disk. Raises NotStored.

    `take`: claim it in the same commit, for a handler who has nothing else to do.
    """
    writing = _Writing.begin(ports, incoming, take=take)
    try:
        return writing.stored(await asyncio.shield(asyncio.wrap_future(writing.row)))
    except SQLAlchemyError:
        return await asyncio.to_thread(writing.spooled)


@dataclass(frozen=True)
class _Writing:
    """A message on its way to the disk, together with those that arrive at the same moment."""

    ports: Ports
    body: dict[str, Any]
    lane: int
    row: Future[_Row]

    @classmethod
    def begin(cls, ports: Ports, incoming: Incoming, *, take: bool = False) -> Self:
        body = {key: printable(value) if isinstance(value, str) else value
                for key, value in incoming.to_dict().items()}  # fmt: skip
        lane, step = _into_the_inbox(ports, incoming, body, take=take)
        return cls(ports, body, lane, ports.database.write_together(step))

    def stored(self, row: _Row) -> Stored:
        if row.id is None:
            return Stored("repeat", self.lane)
        self.ports.wakeup.notify("inbox")
        return Stored("stored", self.lane, row.taken)

    def spooled(self) -> Stored:
        try:
            self.ports.spool.write(self.body)
        except OSError as error:
            raise NotStored("neither the database nor the disk takes messages") from error
        return Stored("spooled", self.lane)


def _into_the_inbox(
    ports: Ports, incoming: Incoming, body: dict[str, Any], *, take: bool = False
) -> tuple[int, Callable[[UnitOfWork], _Row]]:
    """The lane, and what writes the message."""
    lane = URGENT if _sounds_urgent(ports, incoming) else REST

    def step(uow: UnitOfWork) -> _Row:
        heard_from(uow, incoming.channel, incoming.address)
        key, now = incoming.conversation_key, ports.clock()
        row_id = uow.inbox.add(incoming.channel, incoming.external_id, key, body, now, lane)
        row = uow.inbox.claim_new(row_id, now) if take and row_id is not None else None
        return _Row(row_id, Taken(row, uow.conversations.by_key(key)) if row else None)

    return lane, step


def _sounds_urgent(ports: Ports, incoming: Incoming) -> bool:
    """A first, quick ear: only for the order in which messages are answered when many arrive at once."""
    try:
        return incoming.payload == "/emergency" or ports.understander.sounds_urgent(incoming.text)
    except Exception:
        log.exception("first_ear_broke")
        return False


def replay_spool(ports: Ports) -> int:
    """Move spooled messages into the inbox. Returns how many; stops quietly while the database is away."""
    moved = 0
    for path, body in ports.spool.entries():
        try:
            _, step = _into_the_inbox(ports, Incoming.from_dict(body), body)
            ports.database.write_together(step).result()
        except (TypeError, DataError) as error:
            log.error("spooled_message_set_aside", file=path.name, error=repr(error)[:200])
            ports.spool.set_aside(path)  # a poisoned entry must not hold the others up
            continue
        except SQLAlchemyError:
            return moved
        ports.spool.done(path)  # after the commit: a crash here replays, and the inbox drops repeats
        moved += 1
    if moved:
        ports.wakeup.notify("inbox")
    return moved
