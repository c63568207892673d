"""Where Rasa keeps its conversations: the last turns of each, for as long as a session lasts. Loaded by Rasa itself.

Rasa's own SQL store keeps every event for ever and sends all of them with each action call. Here a conversation is one
row of bounded size, so a long chat stays fast, and citizens' words do not pile up in a second place. To erase one:
`DELETE FROM conversations WHERE sender = ?`.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

TURNS = 10
SWEEP_EVERY = 60.0  # seconds


class RecentTurns(TrackerStore):
    """One SQLite row per conversation: what slots and form held before the last turns, then those turns."""

    def __init__(
        self, host: str | None = None, domain: Domain | None = None, event_broker: Any = None, **_: Any
    ) -> None:
        super().__init__(domain, event_broker)
        path = Path(os.environ.get("HEMSEHRI_VAR_DIR", "var")) / "rasa.sqlite"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")  # the loss of a turn's context is no loss of a message
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS conversations "
            "(sender TEXT PRIMARY KEY, saved_at REAL NOT NULL, events TEXT NOT NULL)"
        )
        self._swept_at = 0.0

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Replace the conversation's row."""
        await self.stream_events(tracker)
        now = time.time()
        events = json.dumps([event.as_dict() for event in recent(tracker, self.domain)])
        self._database.execute(
            "INSERT INTO conversations VALUES (?, ?, ?) "
            "ON CONFLICT (sender) DO UPDATE SET saved_at = excluded.saved_at, events = excluded.events",
            (tracker.sender_id, now, events),
        )
        self._sweep(now)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation as far as it is remembered."""
        query = "SELECT events FROM conversations WHERE sender = ?"
        row = self._database.execute(query, (sender_id,)).fetchone()
        if row is None:
            return None
        return DialogueStateTracker.from_dict(sender_id, json.loads(row[0]), self.domain.slots)

    async def keys(self) -> Iterable[str]:
        """Every conversation that is remembered."""
        return [sender for (sender,) in self._database.execute("SELECT sender FROM conversations")]

    def _sweep(self, now: float) -> None:
        """Forget conversations whose session is over: Rasa would begin a new one anyway."""
        minutes = self.domain.session_config.session_expiration_time
        if minutes and now - self._swept_at > SWEEP_EVERY:
            self._database.execute("DELETE FROM conversations WHERE saved_at < ?", (now - 60 * minutes,))
            self._swept_at = now


def recent(tracker: DialogueStateTracker, domain: Domain) -> list[Event]:
    """The events of the last turns, led by the slots and the form that earlier turns have left behind."""
    events = list(tracker.events)
    spoken = [position for position, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(spoken) <= TURNS:
        return events
    cut = spoken[-TURNS]
    while cut > 0 and not isinstance(events[cut], ActionExecuted):
        cut -= 1  # back to the 'action_listen' that waited for this message
    before = DialogueStateTracker.from_events(tracker.sender_id, events[:cut], domain.slots)
    left: list[Event] = [
        SlotSet(name, slot.value) for name, slot in before.slots.items() if slot.value != slot.initial_value
    ]
    if before.active_loop_name:
        left.append(ActiveLoop(before.active_loop_name))
    return left + events[cut:]
