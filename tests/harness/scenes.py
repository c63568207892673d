"""Scenes with several coroutines, played in a thread of their own.

A browser of the browser tests keeps an event loop running in the main thread, and there can be only one per thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def play[Result](scene: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """What the scene returns; raises what it raises."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(scene())).result()
