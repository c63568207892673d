"""Writing a message down before anything else happens to it."""

from __future__ import annotations

from typing import Any, NamedTuple

import structlog
from sqlalchemy.exc import DataError, SQLAlchemyError

from bot.domain.spelling import printable
from bot.services.alert_failures import heard_from
from bot.services.incoming import Incoming
from bot.services.ports import Ports
from bot.storage.inbox import REST, URGENT

log = structlog.get_logger()
PATIENCE = 3.0  # seconds; a frightened person must not wait longer for the database: then the spool takes it


class NotStored(Exception):  # noqa: N818 - a state of the world, not a mistake
    """Neither the database nor the disk took the message."""


class Stored(NamedTuple):
    """What became of a message: `state` is 'stored', 'repeat' or 'spooled'; `lane` how urgent it sounds."""

    state: str
    lane: int


def store(ports: Ports, incoming: Incoming) -> Stored:
    """Write the message down durably. Raises NotStored."""
    lane = URGENT if _sounds_urgent(ports, incoming) else REST
    body = {key: printable(value) if isinstance(value, str) else value
            for key, value in incoming.to_dict().items()}  # fmt: skip
    try:
        row_id = _into_the_inbox(ports, incoming, body, lane)
    except SQLAlchemyError:
        try:
            ports.spool.write(body)
        except OSError as error:
            raise NotStored("neither the database nor the disk takes messages") from error
        return Stored("spooled", lane)
    if row_id is None:
        return Stored("repeat", lane)
    ports.wakeup.notify("inbox")
    return Stored("stored", lane)


def _into_the_inbox(ports: Ports, incoming: Incoming, body: dict[str, Any], lane: int) -> int | None:
    """The row's id, or None if the message was there already."""
    with ports.database.write(patience=PATIENCE) as uow:
        key = incoming.conversation_key
        heard_from(uow, incoming.channel, incoming.address)
        return uow.inbox.add(incoming.channel, incoming.external_id, key, body, ports.clock(), lane)


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
            incoming = Incoming.from_dict(body)
            _into_the_inbox(ports, incoming, body, URGENT if _sounds_urgent(ports, incoming) else REST)
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
