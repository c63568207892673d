"""The table of docs/performance.md, written anew from bench/results.json."""

from __future__ import annotations

import json
from pathlib import Path

from bench.results import MACHINE, RESULTS
from bot.settings import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- results: `make bench` writes what is between these lines -->\n", "<!-- end of results -->\n"


def fill(results: Path = RESULTS, machine: Path = MACHINE, page: Path = PAGE) -> None:
    """Replace what is between the two marks. Raises ValueError if the page has none."""
    before, found, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise ValueError(f"{page} has no place for the results")
    rows, here = (json.loads(path.read_text(encoding="utf-8")) for path in (results, machine))
    page.write_text(before + BEGIN + table(rows, here) + END + after, encoding="utf-8")


def table(rows: list[dict[str, object]], here: dict[str, object]) -> str:
    """Markdown: one line for each comparison, then what it was measured on."""
    lines = [
        "",
        "| what | ours | peer | unit | times ahead | the peer is |",
        "| --- | ---: | ---: | --- | ---: | --- |",
    ]
    for row in rows:
        cells = (row["name"], row["ours"], row["peer"], row["unit"], row["ratio"], row["peer_name"])
        lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    lines += ["", f"{here['processor']}, {here['cores']} cores, {here['memory_gb']} GB, {here['system']}, Python"
              f" {here['python']}; medians of {here['rounds']} rounds.", ""]  # fmt: skip
    return "\n".join(lines) + "\n"
