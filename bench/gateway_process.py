"""A gateway process of its own on a free port and a fresh database, warm before it is measured."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.settings import ROOT, Settings, load_settings
from tests.harness.servers import free_port

TEXT = "Pasaportum çalındı, yardım edin"  # answered with a card, whatever else is away
PATIENCE = 60.0


@dataclass(frozen=True)
class Gateway:
    """Where it is."""

    pid: int
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def resident_kb(self) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("VmRSS"))

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def gateway(folder: Path, prepare: Callable[[Settings], None] = lambda _settings: None) -> Iterator[Gateway]:
    """Start one with production settings; `prepare` may fill its database before."""
    folder.mkdir()
    for name in ("brain", "search"):
        (folder / name).symlink_to(ROOT / "var" / name)
    port = free_port()
    ours = {"HEMSEHRI_VAR_DIR": str(folder), "HEMSEHRI_PORT": str(port)}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HEMSEHRI_")}
    prepare(load_settings(ours))
    with (folder / "gateway.log").open("wb") as log:
        command = [sys.executable, "-m", "bot.cli", "gateway"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment | ours, stdout=log, stderr=log)
    try:
        found = Gateway(process.pid, port)
        _wait_until_warm(found)
        yield found
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_warm(one: Gateway) -> None:
    """Until everything is loaded, the classifier too, and one message has gone the whole way."""
    until = time.monotonic() + PATIENCE
    with httpx.Client(trust_env=False, base_url=one.url, timeout=30) as client:
        ready = False
        while not ready:
            with suppress(httpx.HTTPError):
                ready = bool(client.get("/health/ready").json()["classifier"])
            _pause(until)
        address = f"/chat/v1/conversations/{client.post('/chat/v1/conversations', json={}).json()['id']}"
        client.post(f"{address}/messages", json={"client_message_id": "warm", "text": TEXT}).raise_for_status()
        while len(client.get(f"{address}/messages").json()["messages"]) < 2:
            _pause(until)


def _pause(until: float) -> None:
    if time.monotonic() > until:
        raise RuntimeError("the gateway did not get ready")
    time.sleep(0.1)
