"""The invented citizens: they write as planned, the network repeats, and they press yes or no when asked."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.drills import CHANNEL, PEOPLE
from bot.drill.plan import Line, Talk
from bot.drill.schedule import Schedule
from bot.drill.watcher import Seen
from bot.engine import Engine
from bot.services.incoming import Incoming
from bot.services.intake import NotStored, store
from bot.services.ports import Ports

THINKS = 4.0  # seconds before a button is pressed
REPEAT_EVERY = 0.7  # seconds between two deliveries of one message


@dataclass
class Sent:
    """What left the citizens' hands. `stored` = external id → the real moment it was on disk."""

    stored: dict[str, float] = field(default_factory=dict)
    deliveries: int = 0
    repeats: int = 0
    refused: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Citizens:
    """Everybody who writes in one run of a drill."""

    def __init__(self, ports: Ports, engine: Engine, schedule: Schedule, run: str, *, page_people: bool) -> None:
        self.sent = Sent()
        self._ports, self._engine, self._schedule = ports, engine, schedule
        self._run = run
        self._address = PEOPLE if page_people else ""
        self._talks: dict[str, Talk] = {}
        self._pressed: set[str] = set()

    @property
    def prefix(self) -> str:
        """What the keys of all their conversations begin with."""
        return f"{CHANNEL}:{self._run}:"

    def key(self, talk: Talk) -> str:
        """The key of one citizen's conversation."""
        return f"{self.prefix}{talk.number}"

    def begin(self, talks: list[Talk], start: datetime) -> None:
        """Plan every message."""
        for talk in talks:
            self._talks[self.key(talk)] = talk
            for number, line in enumerate(talk.lines):
                incoming = self._incoming(talk, str(number), line)
                at = start + timedelta(seconds=line.after)
                for again in range(line.repeats + 1):
                    self._schedule.at(at + timedelta(seconds=again * REPEAT_EVERY), _Delivery(self, incoming))

    def read(self, line: Seen) -> None:
        """A question with two buttons is answered once: yes by who is in need, no by others."""
        payloads = {button["payload"] for button in line.extra.get("buttons", [])}
        if "/yes" not in payloads or line.key in self._pressed or line.key not in self._talks:
            return
        self._pressed.add(line.key)
        talk = self._talks[line.key]
        incoming = self._incoming(talk, "button", Line(0), "/yes" if talk.cry else "/no")
        self._schedule.at(self._ports.clock() + timedelta(seconds=THINKS), _Delivery(self, incoming))

    def deliver(self, incoming: Incoming) -> None:
        """As a channel does: store, then wake."""
        sent = self.sent
        with sent.lock:
            sent.deliveries += 1
        try:
            state, lane, _ = store(self._ports, incoming)
        except NotStored:
            with sent.lock:
                sent.refused += 1  # a channel would be told, and send it again
            return
        now = time.monotonic()
        with sent.lock:
            if state == "repeat":
                sent.repeats += 1
                return
            sent.stored.setdefault(incoming.external_id, now)
        self._engine.wake(incoming.conversation_key, lane)

    def _incoming(self, talk: Talk, name: str, line: Line, payload: str = "") -> Incoming:
        lat, lon = line.position or (None, None)
        return Incoming(
            channel=CHANNEL,
            external_id=f"{self._run}:{talk.number}:{name}",
            conversation_key=self.key(talk),
            address=f"{self._address}{self._run}:{talk.number}",
            text=line.text,
            payload=payload,
            lat=lat,
            lon=lon,
            language=talk.language,
        )


@dataclass(frozen=True)
class _Delivery:
    citizens: Citizens
    incoming: Incoming

    def __call__(self) -> None:
        self.citizens.deliver(self.incoming)
