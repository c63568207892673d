"""The chart of the README: how many times ahead, or behind, on a log scale; reads bench/results.json."""

from __future__ import annotations

import json
import math
import re
from io import StringIO
from pathlib import Path

from bench.results import RESULTS
from bot.settings import ROOT

CHART = ROOT / "docs" / "performance.svg"
# Blue and orange are told apart with any colour vision; the bar's side of the line says the same without colour.
AHEAD, BEHIND, LINE = "#3b82c4", "#d97706", "#7f8790"
LETTERS, ON_LIGHT, ON_DARK = "#010203", "#4d5a63", "#b9c2ca"  # the first is only a mark for what CSS colours
STYLE = (
    f"<style>text {{ fill: {ON_LIGHT} }} @media (prefers-color-scheme: dark) {{ text {{ fill: {ON_DARK} }} }}</style>"
)


def draw(results: Path = RESULTS, chart: Path = CHART) -> None:
    """Write docs/performance.svg from the newest results."""
    rows = json.loads(results.read_text(encoding="utf-8"))
    chart.write_text(svg(rows), encoding="utf-8")


def svg(rows: list[dict[str, object]]) -> str:
    """One bar for each comparison, as text that the reader's own font shows, on a transparent ground."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "hemsehri", "font.family": "sans-serif"}):
        figure, axes = plt.subplots(figsize=(10, 0.6 + 0.3 * max(len(rows), 1)))
        ratios = [_drawable(row["ratio"]) for row in rows]
        places = range(len(rows), 0, -1)
        colours = [AHEAD if ratio >= 1 else BEHIND for ratio in ratios]
        axes.barh(list(places), [ratio - 1 for ratio in ratios], left=1, height=0.62, color=colours)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}×")
        axes.xaxis.set_minor_formatter(lambda *_: "")
        low, high = min([1.0, *ratios]), max([1.0, *ratios])
        axes.set_xlim(low / 2, high * 4)
        axes.margins(y=0.01)
        axes.axvline(1, color=LINE, linewidth=1)
        for ratio, place in zip(ratios, places, strict=True):
            side, shift = ("left", 4) if ratio >= 1 else ("right", -4)
            where = {"xytext": (shift, 0), "textcoords": "offset points"}
            words = f"{ratio:.3g}×"
            axes.annotate(words, (ratio, place), va="center", ha=side, color=LETTERS, fontsize=9, **where)
        names = [f"{row['name']}  ·  {row['peer_name']}" for row in rows]
        axes.set_yticks(list(places), names, color=LETTERS, fontsize=9)
        axes.set_xlabel("times ahead of the peer named after the dot (log scale; right of 1: ahead)", color=LETTERS)
        axes.tick_params(axis="x", which="both", colors=LETTERS)
        axes.tick_params(axis="y", length=0)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(LINE)
        written = StringIO()
        figure.savefig(
            written, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None, "Creator": None}
        )
        plt.close(figure)
    return _for_everybody(written.getvalue(), len(rows))


def _drawable(ratio: object) -> float:
    """Nothing at all, or infinitely much, has no place on a log scale."""
    value = float(str(ratio))
    return min(max(value, 1e-3), 1e4) if math.isfinite(value) else 1e4


def _for_everybody(drawing: str, count: int) -> str:
    """A name for who cannot see it, no font of ours, lighter letters on a dark page."""
    drawing = re.sub(rf"fill: {LETTERS};? ?", "", drawing)
    title = f"<title>How far Hemşehri is ahead: {count} comparisons</title>"
    return re.sub(r"(<svg [^>]*>)", lambda found: found[1] + title + STYLE, drawing, count=1)
