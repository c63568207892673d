"""Rasa's own environment, model and servers, as `bot up` and the Makefile need them."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

import requests

from bot.settings import ROOT, Settings

INPUTS = (
    "config.yml",
    "domain.yml",
    "requirements/rasa-light.txt",
    "data/taxonomy.yml",
    "data/nlu/*/*.yml",
    "data/rules/*.yml",
    "data/stories/*.yml",
    "bot/understanding/*.py",
)
TRAINED_FROM = ("data/nlu", "data/rules", "data/stories")  # data/ holds content and facts too


class RasaProject:
    """Installs, trains and starts Rasa; every step does nothing when its inputs are unchanged."""

    def __init__(self, settings: Settings, port: int, actions_port: int) -> None:
        self.settings = settings
        self.port, self.actions_port = port, actions_port
        self.full = bool(os.environ.get("FULL_RASA"))  # the whole package instead of the light one
        self.python = ROOT / (".venv-rasa-full" if self.full else ".venv-rasa") / "bin" / "python"
        self._running: subprocess.Popen[bytes] | None = None
        self._cancelled = threading.Event()

    @property
    def rasa(self) -> list[str]:
        """Rasa's command line: the launcher of the light one, or the package itself."""
        return [str(self.python), "-m", "rasa" if self.full else "actions.light_rasa"]

    @property
    def url(self) -> str:
        """Loopback only: Rasa's REST webhook is open whatever its token says."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What Rasa and the action server are told. No database credentials."""
        return {
            "RASA_TELEMETRY_ENABLED": "false",
            "HEMSEHRI_VAR_DIR": str(self.settings.var),
            "HEMSEHRI_GATEWAY_URL": f"http://127.0.0.1:{self.settings.port}",
            "HEMSEHRI_INTERNAL_TOKEN": self.settings.internal_token,
            "HEMSEHRI_ACTIONS_PORT": str(self.actions_port),
            "HEMSEHRI_ACTIONS_URL": f"http://127.0.0.1:{self.actions_port}/webhook",
            "HEMSEHRI_DATABASE_URL": "",
            "HEMSEHRI_SMTP_URL": "",
            "PYTHONWARNINGS": "ignore",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        }

    def fingerprint(self) -> str:
        """Changes when anything that the model is made from does."""
        digest = hashlib.sha256()
        for path in sorted(path for pattern in INPUTS for path in ROOT.glob(pattern)):
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()[:16]

    @property
    def model(self) -> Path:
        """The model that belongs to the inputs as they are now."""
        return self.settings.var / "rasa" / f"model-{self.fingerprint()}.tar.gz"

    def install(self) -> None:
        """The locked environment, by the same make target a person would use."""
        self.run_step(["make", "--silent", "full-rasa-environment" if self.full else "rasa-environment"])

    def train(self) -> None:
        """Train, unless the model for these inputs is there."""
        if self.model.exists():
            return
        command = [*self.rasa, "train", "--data", *TRAINED_FROM]
        # RulePolicy checks the rules while it trains; to look for twins among 60,000 examples would double the time.
        command += ["--domain", "domain.yml", "--config", "config.yml", "--skip-validation"]
        command += ["--out", str(self.model.parent), "--fixed-model-name", self.model.name[:-7]]
        self.run_step(command)
        if not self.model.exists():
            raise RuntimeError(f"training left no model; see {self.log}")

    @property
    def log(self) -> Path:
        """What installing and training printed."""
        return self.settings.var / "logs" / "rasa-setup.log"

    def run_step(self, command: list[str]) -> None:
        """Run one command to its end. Raises CalledProcessError, or RuntimeError after `cancel`."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._running = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        status = self._running.wait()
        self._running = None
        if self._cancelled.is_set():
            raise RuntimeError("stopped")
        if status:
            raise RuntimeError(f"'{' '.join(command[:4])}' failed; see {self.log}")

    def cancel(self) -> None:
        """End the step that runs."""
        self._cancelled.set()
        running = self._running
        if running is not None:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGTERM)

    def servers(self) -> list[tuple[str, list[str]]]:
        """(name, command) of the two servers, both on the loopback address."""
        python = str(self.python)
        rasa = [*self.rasa, "run", "-i", "127.0.0.1", "-p", str(self.port)]
        rasa += ["--model", str(self.model), "--endpoints", "endpoints.yml"]
        rasa += ["--credentials", "credentials.yml", "--enable-api"]
        return [("actions", [python, "-m", "actions.server"]), ("rasa", rasa)]

    def is_ready(self) -> bool:
        """Whether a model answers: /status gives 409 until one is loaded. As bot/clients/rasa.py, without all of it."""
        with suppress(requests.RequestException), requests.Session() as session:
            session.trust_env = False  # loopback must not go through a proxy
            return session.get(f"{self.url}/status", timeout=2).ok
        return False
