"""Our light Rasa beside the stock one as people run it: what it needs on disk, until it answers, and in memory.

Ours is started with the commands and the environment of `bot up` (its action server included), the stock one as
`rasa init` and `rasa run` leave it. Ready means: the webhook gave a right reply.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import cpu_seconds, family, megabytes, start, stop
from bench.results import Options, Result, median
from bench.stock_rasa import ENVIRONMENT, StockRasa, stock_model
from bot.clients.rasa import RasaDialogue
from bot.rasa_project import RasaProject
from bot.services.ports import DialogueAway
from bot.settings import ROOT, load_settings
from bot.supervisor import free_port

LIGHT = ROOT / ".venv-rasa"
AIM_MEGABYTES, AIM_SECONDS, AIM_MEMORY = 600, 8, 250
SHARED = ("brain", "search", "rasa")  # trained once in the repository's var/
GREETING: dict[str, object] = {
    "understanding": {
        "language": "de", "label": "greet", "confidence": 0.9, "severity": "normal", "crisis": "none",
        "alternatives": [], "place": None, "weekday": None,
    },
    "case": None, "location": None, "language": "de",
}  # fmt: skip
START_SECONDS = 180.0


@dataclass(frozen=True)
class Started:
    """One start: seconds to the first right reply, and memory after a few more."""

    seconds: float
    megabytes: float
    cpu_seconds: float = 0.0  # of the process that used most, until it was ready


def measure(options: Options) -> Sequence[Result]:
    """Environment, start and memory; rounds in turn."""
    stock_model()  # trained before anything is measured
    ours, stock = [], []
    for number in range(1 if options.quick else options.rounds):
        ours.append(_start_ours(options.folder / f"ours-{number}", full=False))
        stock.append(_start_stock(options.folder / f"stock-{number}"))
    disk, whole = megabytes_on_disk(LIGHT), megabytes_on_disk(ENVIRONMENT)
    seconds, memory = median(one.seconds for one in ours), median(one.megabytes for one in ours)
    for what, figure, aim, unit in (
        ("environment", disk, AIM_MEGABYTES, "MB"),
        ("ready", seconds, AIM_SECONDS, "s"),
        ("memory, with the action server", memory, AIM_MEMORY, "MB"),
    ):
        said = "met" if figure <= aim else "MISSED"
        options.note(f"light Rasa, {what}: {figure:.3g} {unit}, aim ≤ {aim} {unit}: {said}")
    cpu = median(one.cpu_seconds for one in ours)
    options.note(f"light Rasa, ready: {cpu:.1f} s of that is CPU; the rest is waiting for others on the machine")
    if not options.quick:
        same = _start_ours(options.folder / "unmodified", full=True)
        said = f"ready in {same.seconds:.1f} s, {same.megabytes:.0f} MB"
        options.note(f"our project on the unmodified package (FULL_RASA=1): {said}")
    peer = "stock Rasa 3.6.21"
    return (
        Result("Rasa: environment", disk, whole, peer, "MB", "lower", goal=1),
        Result("Rasa: ready", seconds, median(one.seconds for one in stock), peer, "s", "lower", goal=1),
        Result("Rasa: memory", memory, median(one.megabytes for one in stock), peer, "MB", "lower", goal=1),
    )


def megabytes_on_disk(folder: Path) -> float:
    """What the files of an environment take, without what Python compiles by itself."""
    blocks = 0
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        blocks += sum(os.lstat(os.path.join(place, name)).st_blocks for name in files)
    return blocks * 512 / 1e6


def _start_ours(folder: Path, *, full: bool) -> Started:
    with our_rasa(folder, full=full) as (project, processes, seconds):
        cpu = max(cpu_seconds(one.pid) for one in processes)
        dialogue = RasaDialogue(project.url)
        for number in range(20):
            _check(dialogue.turn(f"memory-{number}", "Hallo", GREETING))
        memory = sum(megabytes(pid) for one in processes for pid in family(one.pid))
        return Started(seconds, memory, cpu)


def _start_stock(folder: Path) -> Started:
    with StockRasa(folder) as rasa:
        rasa.messages(20)
        return Started(rasa.ready_seconds, rasa.megabytes)


@contextmanager
def our_rasa(folder: Path, *, full: bool) -> Iterator[tuple[RasaProject, list[subprocess.Popen[bytes]], float]]:
    """Action server and Rasa as `bot up` starts them, once they answer right, and how many seconds that took."""
    folder.mkdir(parents=True)
    for name in SHARED:
        (ROOT / "var" / name).mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(ROOT / "var" / name)
    ports = free_port(0), free_port(0)
    project = RasaProject(load_settings({"HEMSEHRI_VAR_DIR": str(folder)}), *ports)
    project.train()
    project.full = full  # one model for both
    project.python = (ENVIRONMENT if full else LIGHT) / "bin" / "python"
    processes: list[subprocess.Popen[bytes]] = []
    began = time.monotonic()
    try:
        for name, command in project.servers():
            processes.append(start(command, ROOT, project.environment, folder / f"{name}.log"))
        while not _answers(project.url):
            ended = [one.args for one in processes if one.poll() is not None]
            if ended or time.monotonic() > began + START_SECONDS:
                raise RuntimeError(f"our Rasa does not answer; see {folder}: {ended}")
            time.sleep(0.1)
        yield project, processes, time.monotonic() - began
    finally:
        for process in reversed(processes):
            stop(process)


def _answers(url: str) -> bool:
    with contextlib.suppress(DialogueAway):
        _check(RasaDialogue(url).turn("ready", "Hallo", GREETING))  # a new one: it would rest after a failure
        return True
    return False


def _check(directives: list[dict[str, object]]) -> None:
    if [one.get("key") for one in directives] != ["say.greet"]:
        raise RuntimeError(f"a greeting was answered with {directives}")
