"""An installation of real processes in a folder of its own, that can be killed and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx

from bot.settings import ROOT
from tests.harness.bot_api import TOKEN
from tests.harness.servers import free_port
from tests.harness.town import SHARED_VAR

SECRET = "a-secret-for-tests"


class Installation:
    """Gateway and worker on SQLite, without Rasa. The trained classifier and the search cache are shared."""

    def __init__(self, folder: Path, telegram_url: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("brain", "search"):
            (folder / name).symlink_to(SHARED_VAR / name)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "HEMSEHRI_VAR_DIR": str(folder),
            "HEMSEHRI_PORT": str(self.port),
            "HEMSEHRI_TELEGRAM_TOKEN": TOKEN,
            "HEMSEHRI_TELEGRAM_BASE_URL": telegram_url,
            "HEMSEHRI_TELEGRAM_WEBHOOK_SECRET": SECRET,
        }
        self.pids: dict[str, int] = {}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HEMSEHRI_")}
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.harness.forking"],
            cwd=ROOT, env=inherited, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._answer() == "ready"

    def _answer(self) -> str:
        assert self._parent.stdout is not None
        return self._parent.stdout.readline().strip()

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def start(self, command: str, name: str = "") -> None:
        """Start 'gateway' or 'worker', under a name of its own where there are several."""
        name = name or command
        order = {"command": command, "environment": self.environment, "log": str(self._log(name))}
        assert self._parent.stdin is not None
        print(json.dumps(order), file=self._parent.stdin, flush=True)
        self.pids[name] = int(self._answer())

    def kill(self, name: str) -> None:
        """kill -9: no goodbye."""
        with suppress(ProcessLookupError):
            os.kill(self.pids.pop(name), signal.SIGKILL)

    def wait_until_live(self, seconds: float = 60) -> None:
        """Until the gateway answers."""
        until = time.monotonic() + seconds
        with httpx.Client(trust_env=False) as client:
            while time.monotonic() < until:
                with suppress(httpx.HTTPError):
                    if client.get(f"{self.url}/health/live", timeout=2).status_code == 200:
                        return
                time.sleep(0.02)
        raise AssertionError(f"the gateway does not answer:\n{self._log('gateway').read_text()[-2000:]}")

    def close(self) -> None:
        """Kill everything."""
        for name in list(self.pids):
            self.kill(name)
        assert self._parent.stdin is not None
        self._parent.stdin.close()
        self._parent.wait(timeout=10)
