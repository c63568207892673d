"""Translators for tests, and a LibreTranslate server; one contract: tests/clients/test_translation.py."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ScriptedTranslator:
    """Answers what `say` makes of the words; remembers what it was asked."""

    def __init__(self, say: Callable[[str], str | None] = lambda words: f"<{words}>") -> None:
        self.say = say
        self.asked: list[tuple[str, str, str]] = []

    def translate(self, text: str, source: str, target: str) -> str | None:
        self.asked.append((text, source, target))
        return self.say(text)


class LibreTranslateServer:
    """`with LibreTranslateServer() as server:`; `answer` is (status, body, seconds of delay) for every call."""

    def __init__(self) -> None:
        self.answer: tuple[int, bytes, float] = (200, b"", 0.0)
        self.bodies: list[dict[str, Any]] = []
        self.paths: list[str] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                fake.paths.append(self.path)
                fake.bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                status, body, delay = fake.answer
                time.sleep(delay)
                words = json.dumps({"translatedText": f"<{fake.bodies[-1]['q']}>"}).encode()
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("location", "/elsewhere")
                self.end_headers()
                self.wfile.write(body or words)

            def log_message(self, *_: object) -> None:
                """Silence."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # callers give up: that is the test
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> LibreTranslateServer:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
