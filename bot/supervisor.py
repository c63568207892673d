"""`bot up`: the whole service on one machine. The gateway first; Rasa joins when it is installed and trained."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from bot.rasa_project import RasaProject
from bot.settings import ROOT, Settings

STOP_SECONDS = 10.0
GET_READY_SECONDS = 3.0  # for a classifier that is trained; the first time it is not
RESTART_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before the n-th restart in a row
STABLE_AFTER = 60.0  # seconds a program must run for its failures to be forgiven


@dataclass
class Program:
    """One child process that is kept running."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    next_start: float = 0.0

    def start(self, log: Path) -> None:
        """Start in a session of its own, so that Ctrl-C reaches only us and we stop children in order."""
        log.mkdir(parents=True, exist_ok=True)
        with (log / f"{self.name}.log").open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started = time.monotonic()

    def stop(self) -> None:
        """SIGTERM to the whole group, then SIGKILL to what is left of it."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


@dataclass
class Supervisor:
    """Starts programs, restarts what dies, stops everything in reverse order."""

    settings: Settings
    programs: list[Program] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, program: Program) -> None:
        """Start a program and keep it running."""
        with self._lock:
            if not self.stopping.is_set():
                program.start(self.logs)
                self.programs.append(program)

    @property
    def logs(self) -> Path:
        """One log file per program."""
        return self.settings.var / "logs"

    def watch(self) -> None:
        """Until told to stop: restart what has died, with growing pauses."""
        while not self.stopping.wait(0.3):
            with self._lock:
                for program in self.programs:
                    self._look_at(program)

    def _look_at(self, program: Program) -> None:
        now = time.monotonic()
        if program.process is not None and program.process.poll() is not None:
            if now - program.started > STABLE_AFTER:
                program.failures = 0
            pause = RESTART_PAUSES[min(program.failures, len(RESTART_PAUSES) - 1)]
            program.failures += 1
            program.next_start = now + pause
            program.process = None
            say(f"{program.name} has stopped; it starts again in {pause:g} s ({self.logs / program.name}.log)")
        elif program.process is None and program.started and now >= program.next_start:
            program.start(self.logs)

    def stop_all(self) -> None:
        """Stop in reverse order: what depends on others first."""
        self.stopping.set()
        with self._lock:
            for program in reversed(self.programs):
                program.stop()


def say(line: str) -> None:
    """One line to the person at the terminal."""
    print(line, flush=True)


def free_port(wanted: int) -> int:
    """The wanted port of the loopback address, or any other if somebody has it."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise RuntimeError("there is no free port on the loopback address")


def run(settings: Settings) -> int:
    """Everything, until Ctrl-C or SIGTERM. Returns the exit status."""
    supervisor = Supervisor(settings)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: supervisor.stopping.set())
    if _somebody_listens(settings):
        say(f"Port {settings.port} is taken: is Hemşehri running already? Set HEMSEHRI_PORT to another one.")
        return 1
    began = time.monotonic()
    rasa = RasaProject(settings, free_port(5005), free_port(5055))
    bot = [sys.executable, "-m", "bot.cli"]
    environment = {
        "HEMSEHRI_VAR_DIR": str(settings.var),
        "HEMSEHRI_RASA_URL": settings.rasa_url or rasa.url,
    }
    supervisor.add(Program("gateway", [*bot, "gateway"], environment))  # it prepares the database first
    if not _wait_for(f"http://127.0.0.1:{settings.port}/health/live", 60, supervisor.stopping):
        say(f"The gateway does not answer. Its log: {supervisor.logs / 'gateway.log'}")
        supervisor.stop_all()
        return 1
    seconds = time.monotonic() - began
    # Whoever writes now has waited for the start already: the others do not take the processor from the gateway.
    _wait_for(
        f"http://127.0.0.1:{settings.port}/health/ready", GET_READY_SECONDS, supervisor.stopping, '"classifier":true'
    )
    supervisor.add(Program("worker", [*bot, "worker"], environment))
    _introduce(settings, seconds, _first_sign_in(bot, environment))
    helper = threading.Thread(target=_bring_up_rasa, args=(supervisor, rasa, bot), daemon=True)
    if settings.rasa_url is None:
        helper.start()
    try:
        supervisor.watch()
    finally:
        say("Stopping ...")
        rasa.cancel()
        supervisor.stop_all()
        say("Stopped.")
    return 0


def _somebody_listens(settings: Settings) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", settings.port)) == 0


def _first_sign_in(bot: list[str], environment: dict[str, str]) -> str:
    """The first coordinator's link, '' if nobody needs one. By another program: it takes half the application to make
    one, and this process, which only looks after others, would keep it in memory for months."""
    command = [*bot, "sign-in-link"]
    made = subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False)
    return made.stdout.strip()


def _introduce(settings: Settings, seconds: float, link: str) -> None:
    say(f"\nHemşehri answers after {seconds:.1f} s.")
    say(f"  For citizens:  {settings.public_url}/")
    say(f"  Console:       {settings.public_url}/console/")
    say(f"  Interfaces:    {settings.public_url}/openapi.json")
    if link:
        say(f"  First coordinator, one-time sign-in (works once, for seven days):\n    {link}")
    if settings.telegram_token is None:
        say("  Telegram:      off (set HEMSEHRI_TELEGRAM_TOKEN)")
    say("Ctrl-C stops everything.\n")


def _bring_up_rasa(supervisor: Supervisor, rasa: RasaProject, bot: list[str]) -> None:
    """In the background, with a progress bar: classifier, Rasa's environment, its model, its servers."""
    began = time.monotonic()
    steps: list[tuple[str, Callable[[], None]]] = [
        ("training the classifier", lambda: rasa.run_step([*bot, "train"])),
        ("installing Rasa", rasa.install),
        ("training Rasa", rasa.train),
        ("starting Rasa", lambda: _start_rasa(supervisor, rasa)),
    ]
    bar = ProgressBar([name for name, _ in steps])
    try:
        for _, step in steps:
            bar.begin_next()
            step()
            if supervisor.stopping.is_set():
                return
    except (subprocess.CalledProcessError, OSError, RuntimeError) as error:
        bar.close()
        say(f"Rasa is not available: {error}\nThe gateway goes on without it (menu, content, crisis).")
        return
    bar.close()
    say(f"Rasa answers after {time.monotonic() - began:.0f} s.")


def _start_rasa(supervisor: Supervisor, rasa: RasaProject) -> None:
    for name, command in rasa.servers():
        supervisor.add(Program(name, command, rasa.environment))
    while not supervisor.stopping.wait(0.5):
        if rasa.is_ready():
            return


class ProgressBar:
    """A bar on a terminal, plain lines elsewhere. Steps, not guesses of percent."""

    def __init__(self, steps: list[str]) -> None:
        self._steps, self._at = steps, -1
        self._lock, self._closed = threading.Lock(), threading.Event()
        self._began = time.monotonic()
        self._live = sys.stdout.isatty()
        if self._live:
            threading.Thread(target=self._draw_on, daemon=True).start()

    def begin_next(self) -> None:
        """The step before is done."""
        self._at += 1
        self._began = time.monotonic()
        if not self._live:
            say(f"[{self._at}/{len(self._steps)}] {self._steps[self._at]} ...")

    def _draw_on(self) -> None:
        while not self._closed.wait(0.5):
            done = "█" * self._at * 5 + "░" * (len(self._steps) - self._at) * 5
            name = self._steps[max(self._at, 0)]
            print(f"\r{done} {name} {time.monotonic() - self._began:4.0f} s ", end="", flush=True)

    def close(self) -> None:
        """Leave the line."""
        self._closed.set()
        if self._live:
            print("\r" + " " * 70 + "\r", end="", flush=True)


def _wait_for(url: str, seconds: float, stopping: threading.Event, words: str = "") -> bool:
    session = requests.Session()
    session.trust_env = False
    until = time.monotonic() + seconds
    while time.monotonic() < until and not stopping.wait(0.1):
        with suppress(requests.RequestException):
            answer = session.get(url, timeout=2)
            if answer.ok and words in answer.text:
                return True
    return False
