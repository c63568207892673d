"""The chart is made from results alone and can be read by everybody."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.chart import draw

pytest.importorskip("matplotlib", reason="the bench's own requirements are not installed: make bench installs them")
ROWS = [
    {"name": "faster", "peer_name": "somebody", "ratio": 12.5},
    {"name": "slower & heavier", "peer_name": "somebody", "ratio": 0.25},
    {"name": "free", "peer_name": "the aim", "ratio": float("inf")},
]


def test_every_comparison_is_named_with_its_peer_and_its_ratio(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(json.dumps(ROWS))
    draw(tmp_path / "results.json", tmp_path / "chart.svg")
    drawn = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    words = " ".join(ElementTree.fromstring(drawn).itertext())
    for part in ("faster  ·  somebody", "slower & heavier", "12.5×", "0.25×"):
        assert part in words
    assert "prefers-color-scheme: dark" in drawn
    assert len(drawn) < 100_000
