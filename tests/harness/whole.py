"""Everything that `bot up` starts, as real processes on free ports, with a fake Bot API."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bot.settings import ROOT
from tests.harness.bot_api import FakeBotApi
from tests.harness.servers import free_port

TOKEN = "4242:test-token"
SHARED = ("brain", "search", "rasa")  # trained once in the repository's var/, the same for every town


def http() -> httpx.Client:
    """A client that never goes through a proxy."""
    return httpx.Client(trust_env=False, timeout=30)


@dataclass
class Up:
    """A running `bot up`."""

    folder: Path
    fake: FakeBotApi
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in SHARED:
            (ROOT / "var" / name).mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                (self.folder / name).symlink_to(ROOT / "var" / name)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("HEMSEHRI_")} | {
            "HEMSEHRI_VAR_DIR": str(self.folder),
            "HEMSEHRI_PORT": str(self.port),
            "HEMSEHRI_TELEGRAM_TOKEN": TOKEN,
            "HEMSEHRI_TELEGRAM_BASE_URL": self.fake.url,
        }
        with (self.folder / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", "up"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    def wait_ready(self, *, dialogue: bool, seconds: float = 240) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert self.process is not None
            assert self.process.poll() is None, self.printed
            with suppress(httpx.HTTPError), http() as client:
                ready = client.get(f"{self.url}/health/ready").json()
                if ready["classifier"] and ready["dialogue"] is dialogue:
                    return
            time.sleep(0.3)
        raise AssertionError(f"not ready in {seconds} s: {self.printed}")

    @property
    def printed(self) -> str:
        return (self.folder / "up.log").read_text(encoding="utf-8", errors="replace")

    def children(self, name: str) -> list[int]:
        """Process ids whose command line contains `name` and that belong to this town."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                environment = (entry / "environ").read_bytes()
                if name in command and str(self.folder).encode() in environment:
                    found.append(int(entry.name))
        return found

    def stop(self) -> int:
        """Ctrl-C; returns the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)


class WebCitizen:
    """Somebody at the widget's HTTP interface, listening to the event stream."""

    def __init__(self, url: str, language: str) -> None:
        self._client, self.url, self.language = http(), url, language
        answer = self._client.post(f"{url}/chat/v1/conversations", json={"language": language}).json()
        self.address = f"{url}/chat/v1/conversations/{answer['id']}"
        self.heard: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with (
            suppress(httpx.HTTPError),
            httpx.Client(trust_env=False, timeout=None) as client,
            client.stream("GET", f"{self.address}/events") as stream,
        ):
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    with self._changed:
                        self.heard.append(json.loads(line[5:]))
                        self._changed.notify_all()

    def replies(self) -> list[dict[str, Any]]:
        return [message for message in self.heard if message.get("author") in ("bot", "officer")]

    def writes(self, text: str = "", payload: str = "", seconds: float = 20) -> list[dict[str, Any]]:
        """Write, wait until the town has finished answering, and return what it said."""
        before = len(self.replies())
        body = {"client_message_id": str(uuid.uuid4()), "text": text, "payload": payload, "language": self.language}
        response = self._client.post(f"{self.address}/messages", json=body)
        assert response.status_code == 202, response.text
        with self._changed:
            self._changed.wait_for(lambda: len(self.replies()) > before, seconds)
            count = -1
            while count != len(self.replies()):  # a turn may say several things: wait for a quiet moment
                count = len(self.replies())
                self._changed.wait_for(lambda: len(self.replies()) > count, 0.7)  # noqa: B023
        return self.replies()[before:]


def words(messages: list[dict[str, Any]]) -> str:
    """All texts in one, without the invisible marks that keep numbers readable in Arabic."""
    return re.sub(r"[\u2066-\u2069]", "", "\n".join(message["text"] for message in messages))


@contextmanager
def whole_town(folder: Path) -> Iterator[Up]:
    """`bot up` with everything ready; stopped at the end."""
    with FakeBotApi() as fake:
        town = Up(folder, fake)
        town.start()
        try:
            town.wait_ready(dialogue=True)
            yield town
        finally:
            if town.process is not None and town.process.poll() is None:
                town.stop()
