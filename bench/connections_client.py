"""Thousands of widgets' event streams in one process, light enough to share the machine with what it measures."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Sequence
from typing import Any

AT_ONCE = 64  # connections being opened at the same time
_DATA = re.compile(rb"^data: (.*)$", re.MULTILINE)


class Stream(asyncio.Protocol):
    """One open event stream: counts what arrives, keeps nothing but the unfinished event."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._rest = b""
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard: asyncio.Queue[tuple[float, dict[str, Any]]] | None = None  # only where somebody listens
        self.messages = self.comments = 0
        self.lost = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(f"GET {self._path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        *events, self._rest = (self._rest + data).split(b"\n\n")
        for event in events:
            self._take(event)

    def _take(self, event: bytes) -> None:
        if b": still here" in event:
            self.comments += 1
        elif b"event: message" in event:
            self.messages += 1
            if self.heard is not None and (found := _DATA.search(event)):
                self.heard.put_nowait((time.perf_counter(), json.loads(found[1])))
        elif b"event: state" in event and not self.open.done():
            self.open.set_result(None)  # the server has looked up the conversation and told all it knows

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if not self.open.done():
            self.open.set_exception(exc or ConnectionError("the server closed the stream"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


async def open_streams(port: int, paths: Sequence[str]) -> list[Stream]:
    """All of them, each told its conversation's state before this returns."""
    loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)

    async def one(path: str) -> Stream:
        async with gate:
            _, stream = await loop.create_connection(lambda: Stream(path), "127.0.0.1", port)
            await asyncio.wait_for(stream.open, 60)
            return stream

    return list(await asyncio.gather(*(one(path) for path in paths)))
