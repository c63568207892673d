"""The load generator against a tiny server: what it counts, and that it notices a wrong answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.load import Line, encoded, latency, throughput

MESSAGES = [("günaydın", "one"), ("goodbye", "two")]
ANSWERS = dict(MESSAGES)


class _Parrot(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.senders.append(message["sender"])  # type: ignore[attr-defined]
        body = json.dumps([{"text": ANSWERS.get(message["message"], "?")}]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if message["message"] == "goodbye":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def parrot() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Parrot)
    server.senders = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _url(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def test_every_message_is_answered_and_counted(parrot: ThreadingHTTPServer) -> None:
    load = latency(_url(parrot), MESSAGES, 11).checked()
    assert load.answered == 11
    assert load.at(0.5) <= load.at(0.99)
    assert len(set(parrot.senders)) == 3  # type: ignore[attr-defined]  # a conversation has five messages


def test_several_clients_are_several_conversations(parrot: ThreadingHTTPServer) -> None:
    load = throughput(_url(parrot), MESSAGES, clients=3, seconds=0.3).checked()
    assert len(parrot.senders) == load.answered  # type: ignore[attr-defined]
    assert {sender.split("-")[1] for sender in parrot.senders} == {"0", "1", "2"}  # type: ignore[attr-defined]


def test_a_wrong_answer_is_not_counted_but_told(parrot: ThreadingHTTPServer) -> None:
    load = latency(_url(parrot), [*MESSAGES, ("hm", "three")], 6)
    assert (load.answered, load.wrong_count) == (4, 2)
    with pytest.raises(RuntimeError, match="2 of 6 answers were wrong"):
        load.checked()


def test_nobody_there_is_an_error_too() -> None:
    with pytest.raises(RuntimeError, match="were wrong"):
        latency("http://127.0.0.1:9", MESSAGES, 2).checked()


def test_an_answer_in_pieces_is_put_together(parrot: ThreadingHTTPServer) -> None:
    line = Line(_url(parrot))
    answer = line.send(encoded(_url(parrot), {"sender": "x", "message": "günaydın"}))
    line.close()
    assert answer.endswith(b'[{"text": "one"}]')
