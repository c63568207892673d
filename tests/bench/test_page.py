"""The table in docs/performance.md is the one that was measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import page

ROW = {"name": "a", "ours": 2.0, "peer": 1.0, "peer_name": "b", "unit": "s", "ratio": 0.5, "better": "lower"}
HERE = {"processor": "p", "cores": 2, "memory_gb": 4, "system": "s", "python": "3", "rounds": 3}


def test_only_what_is_between_the_marks_is_replaced(tmp_path: Path) -> None:
    results, machine, text = (tmp_path / name for name in ("results.json", "machine.json", "page.md"))
    results.write_text(json.dumps([ROW]))
    machine.write_text(json.dumps(HERE))
    text.write_text(f"before\n{page.BEGIN}old\n{page.END}after\n")
    for _ in range(2):
        page.fill(results, machine, text)
    written = text.read_text()
    assert written.startswith("before\n")
    assert written.endswith("after\n")
    assert "old" not in written
    assert written.count("| a | 2.0 | 1.0 | s | 0.5 | b |") == 1


def test_a_page_without_a_place_for_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("nothing")
    with pytest.raises(ValueError, match="no place"):
        page.fill(page=tmp_path / "page.md")


def test_the_page_shows_the_newest_results() -> None:
    rows, here = (json.loads(path.read_text()) for path in (page.RESULTS, page.MACHINE))
    assert page.table(rows, here) in page.PAGE.read_text()
