"""Growth: what one decision, one search, one sweep and one page cost when there is a hundred or a thousand times more.

Ours is the time at the large size; the peer is what the aim allows: so many times the time at the small size.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench import growth_queue, growth_router, growth_search, growth_sweep
from bench.results import Options, Result


def measure(options: Options) -> Sequence[Result]:
    """Router, search, the worker's looks, the console's queue."""
    parts = (growth_router, growth_search, growth_sweep, growth_queue)
    return [result for part in parts for result in part.measure(options)]
