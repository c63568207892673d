"""What a monitor outside sees."""

from __future__ import annotations

from datetime import timedelta

from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.web import health
from tests.web.conftest import Console


def test_a_worker_that_never_beat_or_stopped_beating_is_reported_frozen(console: Console) -> None:
    app = FastAPI()
    app.include_router(health.router)
    app.state.ports = console.town.ports
    browser, clock = TestClient(app), console.town.ports.clock
    assert browser.get("/health/worker").status_code == 503, "no worker has ever been here"
    with console.town.database.write() as uow:
        uow.heartbeats.beat("escalate", clock() - timedelta(seconds=5))
        uow.heartbeats.beat("deliver-0", clock() - timedelta(seconds=8))
    assert browser.get("/health/worker").json()["status"] == "alive"
    with console.town.database.write() as uow:
        uow.heartbeats.beat("deliver-0", clock() - timedelta(minutes=2))
    answer = browser.get("/health/worker")
    assert (answer.status_code, answer.json()["status"]) == (503, "frozen")
