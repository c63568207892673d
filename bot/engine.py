"""Answers stored messages: a small pool of threads, one conversation at a time each."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import structlog

from bot.services.conversation import drain, handle_next
from bot.services.intake import replay_spool
from bot.services.ports import Ports

log = structlog.get_logger()
THREADS = 8
LOOK_EVERY = 1.0  # seconds between looks for messages whose first handler died


class Engine:
    """Runs the main flow for conversations that were woken, and for rows that were left behind."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="engine")
        self._stopped = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, daemon=True, name="engine-sweep")

    def start(self) -> None:
        """Begin to look for left-behind rows."""
        self._sweeper.start()

    def wake(self, conversation_key: str) -> None:
        """Something was stored in this conversation."""
        if not self._stopped.is_set():
            self._pool.submit(self._drain, conversation_key)

    def _drain(self, conversation_key: str) -> None:
        try:
            while handle_next(self._ports, urgent=True):
                pass  # in a surge a cry for help does not wait for its turn
            drain(self._ports, conversation_key)
        except Exception:
            log.exception("drain_failed")  # the row stays; the sweep below finds it

    def _sweep(self) -> None:
        while not self._stopped.wait(LOOK_EVERY):
            try:
                replay_spool(self._ports)
            except Exception:
                log.exception("replay_failed")
            try:
                while not self._stopped.is_set() and handle_next(self._ports):
                    pass
            except Exception:
                log.exception("sweep_failed")

    def stop(self) -> None:
        """Finish what runs, begin nothing new."""
        self._stopped.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._sweeper.is_alive():
            self._sweeper.join(timeout=5)
