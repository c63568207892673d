"""The worker: a visible list of small jobs, each on a thread of its own until the process is told to stop."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import Update

from bot.app import Town, build
from bot.channels.telegram import CHANNEL as TELEGRAM
from bot.channels.telegram import incoming_from
from bot.clients.email import CHANNEL as EMAIL
from bot.clients.email import EmailTransport
from bot.clients.web_push import CHANNEL as PUSH
from bot.clients.web_push import WebPushTransport
from bot.clients.webhook import WebhookSender
from bot.engine import Engine
from bot.services.broadcasts import finish
from bot.services.delivery import Transport, WebhookTransport, deliver_next
from bot.services.escalation import sweep
from bot.services.intake import NotStored, store
from bot.services.ports import Ports
from bot.services.shift_end import shift_ends
from bot.services.watch import watch
from bot.settings import Settings
from bot.storage.outbox import ALERTS, CASES, REST

log = structlog.get_logger()
DELIVERY_THREADS = 3
BEAT_EVERY = 5.0  # seconds
GATEWAYS_OWN = timedelta(seconds=5)  # it answers its messages itself: two at it would only wait for each other


@dataclass(frozen=True)
class Job:
    """Something done again and again: `run` says whether there may be more to do at once."""

    name: str
    run: Callable[[], bool]
    every: float  # seconds of pause when there was nothing to do


def jobs(town: Town) -> list[Job]:
    """Everything the worker does."""
    ports = town.ports
    transports: dict[str, Transport] = {"webhook": WebhookTransport(WebhookSender())}
    if town.telegram is not None:
        transports[TELEGRAM] = town.telegram
    if town.settings.mail_server is not None:
        transports[EMAIL] = EmailTransport(town.settings.mail_server, town.settings.mail_from)
    transports[PUSH] = WebPushTransport(town.settings.vapid_key, town.settings.contact)
    deliveries = [
        Job(f"deliver-{number}", lambda: deliver_next(ports, transports, (CASES, REST)), 0.2)
        for number in range(DELIVERY_THREADS)
    ]
    # Alerts have a thread per way: a slow way holds up only itself, and a crash can repeat one page of a way, not more.
    alerts = [
        Job(f"alert-{way}", lambda way=way: deliver_next(ports, {way: transports[way]}, (ALERTS,)), 0.1)  # type: ignore[misc]
        for way in transports
    ]
    return [
        *deliveries,
        *alerts,
        Job("escalate", lambda: sweep(ports) > 0, 0.1),
        Job("watch", lambda: _watched(ports), 15),
        Job("shift-ends", lambda: _shifts_ended(ports), 15),
        Job("broadcasts", lambda: finish(ports), 10),
    ]


def _shifts_ended(ports: Ports) -> bool:
    shift_ends(ports)
    return False  # what one round leaves over comes in the next


def _watched(ports: Ports) -> bool:
    watch(ports)
    return False  # once in a while is enough


def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    town = build(settings, prepare=False, understand=False)
    work(town, stopped)
    town.close()


def work(town: Town, stopped: threading.Event) -> None:
    """Run every job, and Telegram's polling where no webhook is configured, until stopped."""
    engine = Engine(town.ports, left_behind=GATEWAYS_OWN)  # also finishes messages whose gateway died
    todo = jobs(town)
    with suppress(SQLAlchemyError), town.ports.database.write() as uow:
        uow.heartbeats.keep_only([job.name for job in todo])
    threads = [threading.Thread(target=_repeat, args=(job, stopped, town), daemon=True, name=job.name) for job in todo]
    if town.telegram is not None:
        threads.append(threading.Thread(target=_telegram, args=(town, engine, stopped), daemon=True, name="telegram"))
    engine.start()
    for thread in threads:
        thread.start()
    stopped.wait()
    engine.stop()
    for thread in threads:
        thread.join(timeout=5)


def _repeat(job: Job, stopped: threading.Event, town: Town) -> None:
    pause, beaten = job.every, 0.0
    while not stopped.is_set():
        try:
            if time.monotonic() - beaten > BEAT_EVERY:
                with town.ports.database.write() as uow:
                    uow.heartbeats.beat(job.name, town.ports.clock())
                beaten = time.monotonic()
            if job.run():
                continue
            pause = job.every
        except Exception:
            log.exception("job_failed", job=job.name)
            pause = min(max(pause * 2, 1.0), 30)
        stopped.wait(pause)


def _telegram(town: Town, engine: Engine, stopped: threading.Event) -> None:
    """Announce menu and webhook; without a webhook secret, poll."""
    client, settings = town.telegram, town.settings
    assert client is not None
    secret = settings.telegram_webhook_secret
    webhook = f"{settings.public_url}/telegram/webhook" if secret else None
    while not stopped.is_set():
        try:
            client.announce(webhook, secret)
            break
        except Exception as error:
            log.warning("telegram_not_announced", error=type(error).__name__)
            stopped.wait(10)
    if webhook:
        return

    def take(update: Update) -> None:
        try:
            incoming = incoming_from(update, client.bot_id)
        except Exception:
            log.exception("telegram_update_malformed", update=update.update_id)
            return  # asking for it again would not make it better, and the next ones wait
        while incoming is not None and not stopped.is_set():
            try:
                state, lane, _ = store(town.ports, incoming)
                if state == "stored":
                    engine.wake(incoming.conversation_key, lane)
                    client.acknowledge_button(update)
                return
            except NotStored:
                log.error("telegram_update_not_stored")
                stopped.wait(5)  # the offset does not move: nothing is lost

    client.poll(take, stopped)
