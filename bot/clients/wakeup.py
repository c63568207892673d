"""Waking waiting parts: inside one process, or across processes with Redis. Losing one costs a second."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable

import redis
import structlog

from bot.services.ports import Wakeup

log = structlog.get_logger()
CHANNEL = "hemsehri:wakeup"


class MemoryWakeup:
    """Counts notifications per topic; a waiter returns when the count moves."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._counts: defaultdict[str, int] = defaultdict(int)
        self.on_notify: Callable[[str], None] = lambda _topic: None

    def notify(self, topic: str) -> None:
        """Wake whoever waits for this topic."""
        with self._changed:
            self._counts[topic] += 1
            self._changed.notify_all()
        self.on_notify(topic)

    def wait(self, topic: str, timeout: float) -> bool:
        """Block until notified or the time is over."""
        with self._changed:
            seen = self._counts[topic]
            return self._changed.wait_for(lambda: self._counts[topic] != seen, timeout)


class RedisWakeup(MemoryWakeup):
    """The same, and every notification also reaches the other processes. Redis gone: only slower."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._redis = redis.Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=2, retry_on_timeout=False)
        self._listener = redis.Redis.from_url(url, socket_connect_timeout=0.5)
        self._quiet_until = 0.0
        threading.Thread(target=self._listen, daemon=True, name="redis-wakeup").start()

    def notify(self, topic: str) -> None:
        """Wake waiters here and in the other processes."""
        super().notify(topic)
        if time.monotonic() < self._quiet_until:
            return
        try:
            self._redis.publish(CHANNEL, topic)
        except redis.RedisError as error:
            self._quiet_until = time.monotonic() + 5
            log.warning("redis_away", error=type(error).__name__)

    def _listen(self) -> None:
        while True:
            try:
                subscription = self._listener.pubsub(  # type: ignore[no-untyped-call]
                    ignore_subscribe_messages=True
                )
                subscription.subscribe(CHANNEL)
                for message in subscription.listen():
                    super().notify(message["data"].decode())
            except redis.RedisError:
                time.sleep(2)


def make_wakeup(redis_url: str | None) -> Wakeup:
    """Redis where it is configured, else memory."""
    return RedisWakeup(redis_url) if redis_url else MemoryWakeup()
