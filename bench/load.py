"""A light load generator: it shares two cores with what it measures, so it must hardly need any itself.

One blocking socket and one thread per client, requests encoded beforehand, answers read with a dozen lines instead of
an HTTP library: some 0.05 ms of CPU per request, 0.2 ms on a crowded machine. Every answer is checked.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlsplit

from bench.results import percentile

KEPT_ALIVE = 3.0  # seconds: servers hang up on who is silent for five
TURNS = 5  # messages of one conversation, before the client is somebody else


@dataclass(frozen=True)
class Shot:
    """One request, as bytes, and what its answer must contain."""

    request: bytes
    expected: bytes = b""


@dataclass
class Load:
    """What came of it. Only right answers count; `wrong` holds the first few others."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0  # of the generator itself
    milliseconds: list[float] = field(default_factory=list)  # of each right answer
    wrong: list[bytes] = field(default_factory=list)
    wrong_count: int = 0

    @property
    def answered(self) -> int:
        """Right answers."""
        return len(self.milliseconds)

    @property
    def per_second(self) -> float:
        """Right answers per second."""
        return self.answered / self.seconds

    @property
    def own_cpu(self) -> float:
        """Milliseconds of CPU per request that the generator took from what it measures."""
        return 1000 * self.cpu_seconds / max(1, self.answered + self.wrong_count)

    def at(self, share: float) -> float:
        """The latency in ms below which `share` (0 to 1) of the answers came."""
        return percentile(self.milliseconds, share)

    def checked(self, allowed_wrong: float = 0.0) -> Load:
        """Itself, or RuntimeError if nothing was answered or more than that share of the answers was wrong."""
        asked = self.answered + self.wrong_count
        if not self.answered or self.wrong_count > allowed_wrong * asked:
            first = self.wrong[0][:300].decode(errors="replace") if self.wrong else "no answer at all"
            raise RuntimeError(f"{self.wrong_count} of {asked} answers were wrong, the first: {first}")
        return self


class Line:
    """One keep-alive connection; reconnects when the other side has closed it."""

    def __init__(self, url: str, timeout: float = 60) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self._closing = False
        self._used = 0.0

    def send(self, request: bytes) -> bytes:
        """The whole answer, status line and headers included. Raises OSError."""
        if self._socket is None or self._closing or time.monotonic() - self._used > KEPT_ALIVE:
            self.close()
            self._socket = socket.create_connection(self._address, self._timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        answer = self._socket.recv(65536)
        self._used = time.monotonic()
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        head = answer[:end].lower()
        self._closing = b"connection: close" in head
        start = head.find(b"content-length:")
        if start < 0:
            if head[9:12] == b"204":
                return answer
            raise RuntimeError(f"an answer without a content-length: {head[:200]!r}")
        stop = head.find(b"\r", start)
        length = end + 4 + int(head[start + 15 : stop if stop > 0 else end])
        while len(answer) < length:
            answer += self._more()
        return answer

    def _more(self) -> bytes:
        assert self._socket is not None
        received = self._socket.recv(65536)
        if not received:
            self._closing = True
            raise ConnectionError("closed in the middle of an answer")
        return received

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._closing = None, False


class Stream:
    """A connection that listens to server-sent events."""

    def __init__(self, url: str, timeout: float = 60) -> None:
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 80), timeout)
        self._socket.sendall(encoded(url, b"", "GET", {"Accept": "text/event-stream"}))
        self._heard = self._socket.recv(65536)
        if b" 200 " not in self._heard[:20]:
            raise RuntimeError(f"no stream: {self._heard[:200]!r}")

    def wait_for(self, mark: bytes, words: bytes, seconds: float) -> None:
        """Until an event with this mark has come; it must contain the words. Raises RuntimeError or OSError."""
        self._socket.settimeout(seconds)
        while True:
            *events, rest = self._heard.split(b"\n\n")
            for event in events:
                if mark in event and words in event:
                    self._heard = rest
                    return
            if len(self._heard) > 200_000:
                raise RuntimeError(f"another answer than {words!r}: {self._heard[-300:]!r}")
            received = self._socket.recv(65536)
            if not received:
                raise ConnectionError("the stream ended")
            self._heard += received

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def encoded(url: str, body: object, method: str = "POST", headers: dict[str, str] | None = None) -> bytes:
    """A request ready to be sent. `body` becomes JSON unless it is bytes already."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines += [f"Content-Length: {len(content)}", "", ""]
    return "\r\n".join(lines).encode() + content


def rest_shots(url: str, messages: Sequence[tuple[str, str]], client: int, first: int = 0) -> Iterator[Shot]:
    """Messages for Rasa's REST channel, round and round: (text, ASCII words the reply must contain)."""
    turn = first
    while True:
        text, expected = messages[(turn + client * 7) % len(messages)]
        body = {"sender": f"load-{client}-{first}-{turn // TURNS}", "message": text}
        yield Shot(encoded(f"{url}/webhooks/rest/webhook", body), expected.encode())
        turn += 1


def drive(url: str, clients: Sequence[Iterator[Shot]], seconds: float = 60, most: int | None = None) -> Load:
    """Each client sends its next request when the last is answered, for so long or until `most` each."""
    load, lock, begin = Load(), threading.Lock(), threading.Barrier(len(clients) + 1)
    # encoded before the clock runs; more only if a client needs more than it was thought to
    ready = [list(islice(client, min(most or 500, 500))) for client in clients]

    def work(stock: list[Shot], shots: Iterator[Shot]) -> None:
        line, took, wrong = Line(url), [], []
        begin.wait()
        cpu, sent, until = time.thread_time(), 0, time.perf_counter() + seconds
        while (most is None or sent < most) and (began := time.perf_counter()) < until:
            shot = stock[sent] if sent < len(stock) else next(shots, None)
            if shot is None:
                break
            sent += 1
            try:
                answer = line.send(shot.request)
            except OSError as error:
                line.close()
                wrong.append(repr(error).encode())
                continue
            if answer[9:10] == b"2" and shot.expected in answer:
                took.append(1000 * (time.perf_counter() - began))
            else:
                wrong.append(answer)
        line.close()
        with lock:
            load.cpu_seconds += time.thread_time() - cpu
            load.milliseconds += took
            load.wrong_count += len(wrong)
            load.wrong += wrong[:3]

    threads = [threading.Thread(target=work, args=pair, daemon=True) for pair in zip(ready, clients, strict=True)]
    for thread in threads:
        thread.start()
    begin.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - began
    return load


Shots = Callable[[str, Sequence[tuple[str, str]], int, int], Iterator[Shot]]


def throughput(
    url: str, messages: Sequence[tuple[str, str]], clients: int, seconds: float, shots: Shots = rest_shots
) -> Load:
    """So many conversations at once, for so long. Another `shots` makes requests for another interface."""
    first = time.time_ns() // 1_000_000 % 10_000_000 * TURNS  # new conversations each time it is called
    return drive(url, [shots(url, messages, client, first) for client in range(clients)], seconds)


def latency(url: str, messages: Sequence[tuple[str, str]], n: int, shots: Shots = rest_shots) -> Load:
    """One client, n messages, one after the other."""
    first = time.time_ns() // 1_000_000 % 10_000_000 * TURNS
    return drive(url, [shots(url, messages, 0, first)], 600, n)
