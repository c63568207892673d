"""The same work at two sizes in turn, and what an aim allows."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from typing import Any

from bench.results import Options, Result, median

# One piece of work; raises if its outcome is not right. With steps before it that do not count it says itself how
# many milliseconds it took.
Work = Callable[[], Any]


def grown(
    name: str, limit: float, small: tuple[str, Sequence[Work]], large: tuple[str, Sequence[Work]], options: Options
) -> Result:
    """Milliseconds of one piece of work at the large size, beside `limit` times that at the small one.

    `small`, `large`: how the size is called, and what is done there, one after the other. Once unmeasured, then
    rounds in turn.
    """
    took: dict[str, list[float]] = {small[0]: [], large[0]: []}
    for counted in (False, *[True] * (1 if options.quick else options.rounds)):
        for size, works in (small, large):
            gc.collect()  # one size's litter must not be swept up in the other's time
            times = [_milliseconds(work) for work in works]
            if counted:
                took[size].append(median(times))
    before, after = median(took[small[0]]), median(took[large[0]])
    options.note(
        f"{name}: {before:.3g} ms with {small[0]}, {after:.3g} ms with {large[0]}: {after / before:.2f} times."
    )
    peer = f"{limit:g} x the time with {small[0]}"
    return Result(f"{name}, {large[0]}", after, limit * before, peer, "ms", "lower")


def _milliseconds(work: Work) -> float:
    began = time.perf_counter()
    told = work()
    return told if isinstance(told, float) else (time.perf_counter() - began) * 1000
