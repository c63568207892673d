"""Open streams ask the database nothing by themselves; the hub finds for all of them what nobody told it."""

from __future__ import annotations

import asyncio

import pytest

from bot.app import utc_now
from bot.web import hub as hubs
from bot.web.hub import Hub, Told
from tests.harness.scenes import play
from tests.harness.town import Town

WAIT = 5.0


def written_elsewhere(town: Town, key: str) -> int:
    """A line that another process wrote: no wake-up of ours."""
    with town.database.write() as uow:
        row = uow.conversations.by_key(key) or uow.conversations.create(key, "web", "", "tr", utc_now())
        uow.conversations.say(row, "officer", "Merhaba", utc_now(), language="tr")
        return row.id


@pytest.mark.parametrize("begun", [True, False], ids=["a conversation", "one that has not begun here"])
def test_what_another_process_wrote_wakes_its_stream(town: Town, begun: bool) -> None:
    async def scene() -> None:
        hub = Hub(town.ports)
        hub.start()
        topic = f"conversation:{written_elsewhere(town, 'web:a')}" if begun else "start:web:a"
        listener, other = hub.listen(topic), hub.listen("conversation:999")
        watcher = asyncio.create_task(hub.watch_other_processes())
        await asyncio.sleep(hubs.LOOK_EVERY)
        written_elsewhere(town, "web:a")
        await asyncio.wait_for(listener.wait(), WAIT)
        assert not other.is_set()
        watcher.cancel()

    play(scene)


@pytest.mark.parametrize(
    ("told", "woken"),
    [
        ((1, "tr", "bot"), True),
        ((2, "tr", "human"), True),
        ((2, "tr", "bot"), False),
        (None, True),
    ],
    ids=["a line behind", "does not know who speaks", "knows everything", "was told nothing yet"],
)
def test_whoever_missed_something_is_found_by_comparing(
    town: Town, monkeypatch: pytest.MonkeyPatch, told: Told | None, woken: bool
) -> None:
    monkeypatch.setattr(hubs, "COMPARE_EVERY", 0.0)
    written_elsewhere(town, "web:a")
    number = written_elsewhere(town, "web:a")

    async def scene() -> bool:
        hub = Hub(town.ports)
        hub.start()
        listener = hub.listen(f"conversation:{number}")
        listener.told = told
        watcher = asyncio.create_task(hub.watch_other_processes())
        await asyncio.sleep(4 * hubs.LOOK_EVERY)
        watcher.cancel()
        return listener.is_set()

    assert play(scene) is woken
