"""Whether the service lives, is ready, and what it counts."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from bot.services.ports import Ports

router = APIRouter(tags=["health"])
FROZEN_AFTER = 60.0  # seconds


@router.get("/health/live")
def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@router.get("/health/ready")
def ready(request: Request, response: Response) -> dict[str, Any]:
    """Ready means: citizens are answered. Parts that only make answers better are listed beside."""
    ports: Ports = request.app.state.ports
    database = ports.database.is_alive()
    parts = {
        "database": database,
        "classifier": ports.understander.brain is not None,
        "dialogue": request.app.state.dialogue_ready(),
        "spooled_messages": ports.spool.waiting(),
    }
    if not database:
        response.status_code = 503
    return {"status": "ready" if database else "degraded", **parts}


@router.get("/health/worker")
def worker(request: Request, response: Response) -> dict[str, Any]:
    """Whether cases would escalate: 503 when a worker's job has not come round for a minute. For a monitor outside."""
    ports: Ports = request.app.state.ports
    with ports.database.read() as uow:
        beats = uow.heartbeats.all()
    ages = {name: round((ports.clock() - at).total_seconds(), 1) for name, at in beats.items()}
    alive = "escalate" in ages and max(ages.values()) < FROZEN_AFTER
    if not alive:
        response.status_code = 503
    return {"status": "alive" if alive else "frozen", "seconds_since": ages}


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    """Queue lengths and counts for Prometheus."""
    ports: Ports = request.app.state.ports
    registry = CollectorRegistry()
    inbox = Gauge("hemsehri_inbox_waiting", "Messages not yet answered", registry=registry)
    outbox = Gauge("hemsehri_outbox", "Deliveries by state", ["state"], registry=registry)
    cases = Gauge("hemsehri_cases", "Cases by status", ["status"], registry=registry)
    spooled = Gauge("hemsehri_spooled", "Messages waiting on disk", registry=registry)
    spooled.set(ports.spool.waiting())
    with ports.database.read() as uow:
        inbox.set(uow.inbox.waiting())
        for state, count in uow.outbox.counts().items():
            outbox.labels(state).set(count)
        for status in ("open", "accepted", "closed"):
            cases.labels(status).set(uow.cases.count(None, [status]))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
