"""How fast and how light, beside what people would use instead; several rounds, medians.

    make bench [ARGS="--only growth,widget --rounds 3 --quick"]

Prints a table and writes bench/results.json, bench/machine.json, the chart and docs/performance.md's table.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import time
from pathlib import Path

from bench.results import Options, Result, Section, machine, save, table

# In this order: what needs the machine for itself comes first. Each is a module with `measure`.
SECTIONS = (
    "way_through",
    "rasa",
    "intake",
    "understanding_speed",
    "retrieval",
    "languages",
    "growth",
    "connections",
    "dispatch",
    "widget",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help=f"some of: {', '.join(SECTIONS)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="fewer messages; for a look, not for an argument")
    options = parser.parse_args()
    wanted = [name for name in options.only.split(",") if name] or list(SECTIONS)
    unknown = set(wanted) - set(SECTIONS)
    if unknown:
        parser.error(f"no such section: {', '.join(sorted(unknown))}; there are: {', '.join(SECTIONS)}")
    results: list[Result] = []
    notes: list[str] = []
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix="hemsehri-bench-") as folder:
        for name in wanted:
            began = time.monotonic()
            print(f"{name} ...", end=" ", flush=True, file=sys.stderr)
            place = Path(folder) / name
            place.mkdir()
            try:
                results += _section(name)(Options(place, options.rounds, options.quick, notes))
            except Exception as error:  # one section that cannot run must not cost the others' figures
                broken.append(f"{name} could not be measured: {error!r}")
            print(f"{time.monotonic() - began:.0f} s", flush=True, file=sys.stderr)
    print(table(results))
    for sentence in (*notes, *broken):
        print(f"- {sentence}")
    here = machine()
    print(f"{here['processor']}, {here['cores']} cores, {here['memory_gb']} GB, Python {here['python']}")
    if not options.only and not options.quick and not broken:
        save(results, options.rounds)
        importlib.import_module("bench.chart").draw()
        importlib.import_module("bench.page").fill()
    if broken:
        sys.exit(1)


def _section(name: str) -> Section:
    section: Section = importlib.import_module(f"bench.{name}").measure
    return section


if __name__ == "__main__":
    main()
