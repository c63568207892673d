"""1,000 escalations while workers are killed with -9 at random moments: nothing lost, one owner each, how late.

    .venv/bin/python -m bench.escalations [--cases 1000] [--kills 60] [--rate 8]

Real worker processes on SQLite and a fake Bot API on loopback; cases fall due two seconds after they were opened.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from tests.harness.escalations import WORKERS, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--rate", type=float, default=8.0, help="cases a second")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder) / "installation", options.cases, options.kills, options.rate)
    if options.json:
        print(json.dumps(outcome.to_dict()))
        return
    print(f"{outcome.cases} escalations, {outcome.kills} kills among {WORKERS} workers")
    for name, value in outcome.to_dict().items():
        print(f"  {name.replace('_', ' '):18} {value}")


if __name__ == "__main__":
    main()
