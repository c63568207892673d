"""Wakes open web connections when something new was written, in this process or in another."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from starlette.concurrency import run_in_threadpool

from bot.clients.wakeup import MemoryWakeup
from bot.services.ports import Ports

LOOK_EVERY = 0.3  # seconds between looks for messages written by other processes


class Hub:
    """One event per listening connection. Everything here runs on the server's event loop."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
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
        for event in self._listeners.get(topic, ()):
            event.set()

    def stop(self) -> None:
        """The server is told to stop: every open stream ends at once instead of holding it up."""
        self.stopping = True
        for topic in list(self._listeners):
            self._from_any_thread(topic)

    def listen(self, topic: str) -> asyncio.Event:
        """An event that is set whenever the topic is notified. Give it back with `forget`."""
        event = asyncio.Event()
        self._listeners[topic].add(event)
        return event

    def forget(self, topic: str, event: asyncio.Event) -> None:
        """Stop listening."""
        self._listeners[topic].discard(event)
        if not self._listeners[topic]:
            del self._listeners[topic]

    async def watch_other_processes(self) -> None:
        """Without Redis the database itself tells what the worker wrote: one cheap look, often."""
        newest = await run_in_threadpool(self._newest, None)
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self._listeners:
                newest = await run_in_threadpool(self._newest, newest)

    def _newest(self, since: int | None) -> int | None:
        try:
            with self._ports.database.read() as uow:
                newest, conversations = uow.conversations.written_since(since)
        except Exception:  # the database is away: connections stay open and wait
            return since
        for conversation_id in conversations:
            self._from_any_thread(f"conversation:{conversation_id}")
        return newest
