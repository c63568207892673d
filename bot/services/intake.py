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
from bot.storage.unit_of_work import UnitOfWork

log = structlog.get_logger()


class NotStored(Exception):  # noqa: N818 - a state of the world, not a mistake
    """Neither the database nor the disk took the message."""


class Stored(NamedTuple):
    """What became of a message: `state` is 'stored', 'repeat' or 'spooled'; `lane` how urgent it sounds."""

    state: str
    lane: int


def store(ports: Ports, incoming: Incoming) -> Stored:
    """Write the message down durably. Raises NotStored."""
    writing = _Writing.begin(ports, incoming)
    try:
        return writing.stored(writing.row_id.result())
    except SQLAlchemyError:
        return writing.spooled()


async def store_soon(ports: Ports, incoming: Incoming) -> Stored:
    """`store` for a server's event loop: nobody's thread waits for the disk. Raises NotStored."""
    writing = _Writing.begin(ports, incoming)
    try:
        return writing.stored(await asyncio.shield(asyncio.wrap_future(writing.row_id)))
    except SQLAlchemyError:
        return await asyncio.to_thread(writing.spooled)


@dataclass(frozen=True)
class _Writing:
    """A message on its way to the disk, together with those that arrive at the same moment."""

    ports: Ports
    body: dict[str, Any]
    lane: int
    row_id: Future[int | None]

    @classmethod
    def begin(cls, ports: Ports, incoming: Incoming) -> Self:
        body = {key: printable(value) if isinstance(value, str) else value
                for key, value in incoming.to_dict().items()}  # fmt: skip
        lane, step = _into_the_inbox(ports, incoming, body)
        return cls(ports, body, lane, ports.database.write_together(step))

    def stored(self, row_id: int | None) -> Stored:
        if row_id is None:
            return Stored("repeat", self.lane)
        self.ports.wakeup.notify("inbox")
        return Stored("stored", self.lane)

    def spooled(self) -> Stored:
        try:
            self.ports.spool.write(self.body)
        except OSError as error:
            raise NotStored("neither the database nor the disk takes messages") from error
        return Stored("spooled", self.lane)


def _into_the_inbox(
    ports: Ports, incoming: Incoming, body: dict[str, Any]
) -> tuple[int, Callable[[UnitOfWork], int | None]]:
    """The lane, and what writes the message: it returns the row's id, or None if the message was there already."""
    lane = URGENT if _sounds_urgent(ports, incoming) else REST

    def step(uow: UnitOfWork) -> int | None:
        heard_from(uow, incoming.channel, incoming.address)
        key = incoming.conversation_key
        return uow.inbox.add(incoming.channel, incoming.external_id, key, body, ports.clock(), lane)

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
