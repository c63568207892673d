"""A widget as the HTTP interface sees it: it writes, insists, and reads its stream of events."""

from __future__ import annotations

import itertools
import json
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

_ids = itertools.count(1)


def client(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, trust_env=False, timeout=20)


@dataclass
class Widget:
    """One open chat."""

    url: str
    language: str = "tr"
    started: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.http = client(self.url)
        self.started = self.http.post("/chat/v1/conversations", json={"language": self.language}).json()
        self.path = f"/chat/v1/conversations/{self.started['id']}"

    def sends(self, text: str = "", client_message_id: str = "", **fields: Any) -> httpx.Response:
        body = {"client_message_id": client_message_id or f"m{next(_ids)}", "text": text, **fields}
        return self.http.post(f"{self.path}/messages", json=body)

    def lines(self, **query: int) -> list[dict[str, Any]]:
        page: list[dict[str, Any]] = self.http.get(f"{self.path}/messages", params=query).json()["messages"]
        return page

    def writes(self, text: str = "", **fields: Any) -> list[dict[str, Any]]:
        """Send, wait for an answer to it, and give what came back."""
        before = len(self.lines())
        assert self.sends(text, **fields).json()["state"] == "stored"
        until = time.monotonic() + 20
        while len(self.lines()) < before + 2:
            assert time.monotonic() < until, f"no answer to {text!r}"
            time.sleep(0.05)
        time.sleep(0.3)  # more than one line may belong to it
        return [line for line in self.lines()[before:] if line["author"] != "citizen"]


class Stream:
    """The events of a conversation, read on a thread until closed."""

    def __init__(self, widget: Widget, last_event_id: str = "", after: int = 0) -> None:
        self.events: list[tuple[str, str, dict[str, Any]]] = []  # kind, id, data
        self._changed = threading.Condition()
        self._http = client(widget.url)
        headers = {"last-event-id": last_event_id} if last_event_id else {}
        request = self._http.build_request("GET", f"{widget.path}/events", params={"after": after}, headers=headers)
        self.response = self._http.send(request, stream=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        kind, event_id = "", ""
        with suppress(httpx.HTTPError, httpx.StreamError, AttributeError, OSError):
            for line in self.response.iter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind, event_id = value, ""
                elif name == "id":
                    event_id = value
                elif name == "data":
                    with self._changed:
                        self.events.append((kind, event_id, json.loads(value)))
                        self._changed.notify_all()

    def messages(self) -> list[dict[str, Any]]:
        return [data for kind, _, data in list(self.events) if kind == "message"]

    def states(self) -> list[dict[str, Any]]:
        return [data for kind, _, data in list(self.events) if kind == "state"]

    @property
    def last_id(self) -> str:
        return [event_id for kind, event_id, _ in self.events if kind == "message"][-1]

    def wait(self, true: Any, seconds: float = 20) -> None:
        with self._changed:
            assert self._changed.wait_for(true, seconds), f"only got {self.events}"

    def close(self) -> None:
        self.response.close()
        self._http.close()
