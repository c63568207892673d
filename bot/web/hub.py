"""Wakes open web connections when something new was written, in this process or in another.

Thousands of silent connections must cost next to nothing: none of them asks the database by itself. One look tells for
all of them what other processes wrote, and now and then one look compares all of them with what is stored.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import batched
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from bot.clients.wakeup import MemoryWakeup
from bot.services.ports import Ports
from bot.storage.tables import ConversationRow

LOOK_EVERY = 0.3  # seconds between looks for messages written by other processes
COMPARE_EVERY = 15.0  # seconds between looks for whoever missed something all the same
AT_ONCE = 500  # conversations in one question to the database
# Threads that read for the streams, apart from those that take messages: thousands of widgets that come back after a
# restart must not keep a cry for help waiting, nor the answer to one.
OPENING, TELLING = 2, 4

Told = tuple[int, str, str]  # a conversation's last line, its language, who speaks in it
Result = TypeVar("Result")


class Listener(asyncio.Event):
    """One open connection: set when there may be something new. `told` is what its citizen knows, once anything."""

    told: Told | None = None


class Hub:
    """One listener per open connection. Everything here runs on the server's event loop."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening, self._telling = CapacityLimiter(OPENING), CapacityLimiter(TELLING)
        self.stopping = False

    def start(self) -> None:
        """Begin to hear the wake-ups of this process's threads."""
        self._loop = asyncio.get_running_loop()
        if isinstance(self._ports.wakeup, MemoryWakeup):
            self._ports.wakeup.on_notify = self._from_any_thread

    def _from_any_thread(self, topic: str) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, topic)

    def _wake(self, topic: str) -> None:
        for listener in self._listeners.get(topic, ()):
            listener.set()

    def stop(self) -> None:
        """The server is told to stop: every open stream ends at once instead of holding it up."""
        self.stopping = True
        for topic in list(self._listeners):
            self._from_any_thread(topic)

    def listen(self, topic: str) -> Listener:
        """An event that is set whenever the topic is notified. Give it back with `forget`."""
        listener = Listener()
        self._listeners[topic].add(listener)
        return listener

    def forget(self, topic: str, listener: Listener) -> None:
        """Stop listening."""
        self._listeners[topic].discard(listener)
        if not self._listeners[topic]:
            del self._listeners[topic]

    async def read(self, listener: Listener, look: Callable[[], Result]) -> Result:
        """Read from the database for a stream, in a thread; who is already talking does not wait for the newcomers."""
        limiter = self._opening if listener.told is None else self._telling
        return await anyio.to_thread.run_sync(look, limiter=limiter)

    async def watch_other_processes(self) -> None:
        """Without Redis the database itself tells what the worker wrote: one cheap look, often."""
        newest = await run_in_threadpool(self._newest, None)
        compared = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self._listeners:
                newest = await run_in_threadpool(self._newest, newest)
            if time.monotonic() - compared >= COMPARE_EVERY:
                await run_in_threadpool(partial(self._compare, self._told_by_topic()))
                compared = time.monotonic()

    def _newest(self, since: int | None) -> int | None:
        try:
            with self._ports.database.read() as uow:
                newest, conversations = uow.conversations.written_since(since)
                ids = sorted(conversations)
                keys = [
                    key
                    for some in batched(ids, AT_ONCE, strict=False)
                    for key in uow.session.scalars(select(ConversationRow.key).where(ConversationRow.id.in_(some)))
                ]
        except Exception:  # the database is away: connections stay open and wait
            return since
        for topic in (*(f"conversation:{number}" for number in ids), *(f"start:{key}" for key in keys)):
            self._from_any_thread(topic)
        return newest

    def _told_by_topic(self) -> dict[str, list[Told | None]]:
        return {topic: [listener.told for listener in listeners] for topic, listeners in self._listeners.items()}

    def _compare(self, told: dict[str, list[Told | None]]) -> None:
        """Wake whose conversation is further than they were told: a wake-up got lost, or came before its commit."""
        try:
            for topic, stored in self._stored(list(told)):
                if any(
                    known is None or known[0] < stored[0] or known[1:] != stored[1:] for known in told.get(topic, ())
                ):
                    self._from_any_thread(topic)
        except Exception:  # the database is away: the next look will do
            return

    def _stored(self, topics: Sequence[str]) -> Iterator[tuple[str, Told]]:
        """What the database holds of the topics that have begun."""
        numbers = [int(topic.removeprefix("conversation:")) for topic in topics if topic.startswith("conversation:")]
        keys = [topic.removeprefix("start:") for topic in topics if topic.startswith("start:")]
        row = ConversationRow
        with self._ports.database.read() as uow:
            for condition in (
                *(row.id.in_(some) for some in batched(numbers, AT_ONCE, strict=False)),
                *(row.key.in_(some) for some in batched(keys, AT_ONCE, strict=False)),
            ):
                query = select(row.id, row.key, row.last_seq, row.language, row.mode).where(condition)
                for number, key, last_seq, language, mode in uow.session.execute(query):
                    for topic in (f"conversation:{number}", f"start:{key}"):
                        yield topic, (last_seq, language, mode)
