"""Rasa and its action server as real processes on free ports, beside a small gateway that only knows places."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import requests

from bot.rasa_project import RasaProject
from bot.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(os.environ.get("HEMSEHRI_RASA_PYTHON", ROOT / ".venv-rasa" / "bin" / "python"))
TOKEN = "only-for-this-test"
# As the supervisor starts it. The API, because only /model/parse tells whether a model is loaded.
LIGHT = (str(PYTHON), "-m", "actions.light_rasa")
FULL_PYTHON = ROOT / ".venv-rasa-full" / "bin" / "python"
FULL = (str(FULL_PYTHON), "-m", "rasa")  # the package as it was released
RUN = ("run", "-i", "127.0.0.1", "--enable-api", "--endpoints", "endpoints.yml",
        "--credentials", "credentials.yml")  # fmt: skip

KOELN = {"name": "Köln", "country": "DE", "lat": 50.933, "lon": 6.95, "admin1": "DE-NW", "admin2": None}
ESSEN = {"name": "Essen", "country": "DE", "lat": 51.457, "lon": 7.012, "admin1": "DE-NW", "admin2": None}
LYON = {"name": "Lyon", "country": "FR", "lat": 45.748, "lon": 4.847, "admin1": "FR-ARA", "admin2": None}
MAIN = {"name": "Frankfurt am Main", "country": "DE", "lat": 50.116, "lon": 8.684, "admin1": "DE-HE", "admin2": None}
ODER = {"name": "Frankfurt (Oder)", "country": "DE", "lat": 52.347, "lon": 14.55, "admin1": "DE-BB", "admin2": None}
PLACES = {"köln": KOELN, "essen": ESSEN, "lyon": LYON, "كولونيا": KOELN, "am main": MAIN}


class FakeGateway(ThreadingHTTPServer):
    """Answers GET /internal/v1/places as the gateway does; `broken` makes it answer 500."""

    broken = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Places)
        self.asked: list[dict[str, str]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Places(BaseHTTPRequestHandler):
    server: FakeGateway

    def do_GET(self) -> None:
        address = urlparse(self.path)
        query = {key: values[0] for key, values in parse_qs(address.query).items()}
        self.server.asked.append(query)
        allowed = self.headers.get("Authorization") == f"Bearer {TOKEN}" and address.path == "/internal/v1/places"
        status = 500 if self.server.broken else 200 if allowed else 403
        body = json.dumps({"mentions": mentions(query.get("text", ""))}).encode() if status == 200 else b"{}"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def mentions(text: str) -> list[dict[str, Any]]:
    """What the gazetteer would say, for the few places of these tests."""
    lowered = text.lower()
    found = [{**place, "text": name, "ambiguous": False, "candidates": [place]}
             for name, place in PLACES.items() if name in lowered]  # fmt: skip
    if not found and "frankfurt" in lowered:
        found = [{**MAIN, "text": "Frankfurt", "ambiguous": True, "candidates": [MAIN, ODER]}]
    return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(var: Path) -> dict[str, str]:
    """What every process of these tests gets."""
    return os.environ | {
        "HEMSEHRI_VAR_DIR": str(var),
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_CACHE_DIRECTORY": str(var / "rasa-cache"),
        "PYTHONWARNINGS": "ignore",
        "PYTHONPATH": str(ROOT),
    }


def trained() -> Path:
    """The model that `bot up` would start, trained once in the repository's var/ for all tests."""
    project = RasaProject(load_settings({"HEMSEHRI_VAR_DIR": str(ROOT / "var")}), 0, 0)
    project.train()
    return project.model


@contextmanager
def process(*command: str, env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a process group of its own, so that nothing of it is left behind."""
    with log.open("ab") as out:
        running = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out,
                                   start_new_session=True)  # fmt: skip
    try:
        yield running
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait(15)


def wait_for(url: str, running: subprocess.Popen[bytes], log: Path, body: dict[str, Any] | None = None) -> None:
    """Until a server answers 200. Raises AssertionError with its log if it ends or takes two minutes."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and running.poll() is None:
        try:
            answer = requests.post(url, json=body, timeout=5) if body else requests.get(url, timeout=5)
            if answer.ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.25)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace")[-4000:])


class Servers:
    """The running pair, and a way to talk to it."""

    def __init__(self, url: str, actions_url: str, gateway: FakeGateway, processes: dict[str, int]) -> None:
        self.url = url
        self.actions_url = actions_url
        self.gateway = gateway
        self.processes = processes  # process ids by name

    def send(self, sender: str, text: str, metadata: dict[str, Any] | None) -> list[dict[str, Any]]:
        """One message as the gateway sends it; the directives that come back."""
        body = {"sender": sender, "message": text} | ({"metadata": metadata} if metadata else {})
        answer = requests.post(f"{self.url}/webhooks/rest/webhook", json=body, timeout=30)
        answer.raise_for_status()
        said = answer.json()
        assert all("custom" in item for item in said), f"a sentence instead of a directive: {said}"
        return [item["custom"] for item in said]


@contextmanager
def servers(var: Path, model: Path, rasa_command: tuple[str, ...] = LIGHT) -> Iterator[Servers]:
    """Gateway, action server and Rasa (the light one, or FULL); all gone at the end."""
    gateway = FakeGateway()
    rasa_port, actions_port = free_port(), free_port()
    env = environment(var) | {
        "HEMSEHRI_GATEWAY_URL": gateway.url,
        "HEMSEHRI_INTERNAL_TOKEN": TOKEN,
        "HEMSEHRI_ACTIONS_PORT": str(actions_port),
        "HEMSEHRI_ACTIONS_URL": f"http://127.0.0.1:{actions_port}/webhook",
    }
    actions_log, rasa_log = var / "actions.log", var / "rasa.log"
    url, actions_url = f"http://127.0.0.1:{rasa_port}", f"http://127.0.0.1:{actions_port}"
    with (
        process(str(PYTHON), "-m", "actions.server", env=env, log=actions_log) as actions,
        process(*rasa_command, *RUN, "-p", str(rasa_port), "--model", str(model), env=env, log=rasa_log) as rasa,
    ):
        wait_for(f"{actions_url}/health", actions, actions_log)
        wait_for(f"{url}/model/parse", rasa, rasa_log, {"text": "/greet"})
        yield Servers(url, actions_url, gateway, {"rasa": rasa.pid, "actions": actions.pid})
    gateway.shutdown()
