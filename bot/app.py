"""Composition: builds the ports from the settings. With worker.py and cli.py the only code that knows every layer."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import structlog

from bot.channels.telegram import CHANNEL as TELEGRAM
from bot.channels.telegram import TelegramClient
from bot.classifier import WhenAsked, load_taxonomy, load_understander
from bot.clients.files import FolderFiles
from bot.clients.rasa import NoDialogue, RasaDialogue
from bot.clients.translation import LibreTranslate
from bot.clients.wakeup import make_wakeup
from bot.services.imports import import_all
from bot.services.knowledge import Knowledge
from bot.services.ports import NullTranslator, Ports
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.spool import Spool
from bot.understanding.understand import Understander


def utc_now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


@dataclass
class Town:
    """Everything one process needs, and how to close it."""

    settings: Settings
    ports: Ports
    telegram: TelegramClient | None
    dialogue: RasaDialogue | NoDialogue

    def close(self) -> None:
        """Give connections back."""
        self.ports.database.close()


def prepare_database(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Database:
    """Migrate and import whatever changed. Safe to call on every start."""
    settings.var.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    database.migrate()
    import_all(database, settings.data, clock())
    with database.write() as uow:
        if uow.desks.row("coordination") is None:
            uow.desks.put("coordination", kind="coordination", name="")
    return database


def build(
    settings: Settings, *, prepare: bool = True, understand: bool = True, clock: Callable[[], datetime] = utc_now
) -> Town:
    """Put the parts together for one process. Without `understand`, that part is loaded when it is first needed."""
    database = prepare_database(settings, clock) if prepare else Database(settings.database_url)
    understander = load_understander(settings) if understand else cast(Understander, WhenAsked(settings))
    knowledge = Knowledge(database, load_taxonomy(settings), settings.var / "search")
    telegram = TelegramClient(settings.telegram_token, settings.telegram_base_url) if settings.telegram_token else None
    dialogue = RasaDialogue(settings.rasa_url) if settings.rasa_url else NoDialogue()
    ports = Ports(
        database=database,
        spool=Spool(settings.spool_folder),
        knowledge=knowledge,
        understander=understander,
        dialogue=dialogue,
        wakeup=make_wakeup(settings.redis_url),
        clock=clock,
        console_url=f"{settings.public_url}/console",
        telegram=telegram is not None,
        email=settings.mail_server is not None,
        translator=LibreTranslate(settings.translate_url) if settings.translate_url else NullTranslator(),
        files=FolderFiles(settings.files_folder, {TELEGRAM: telegram.file} if telegram else {}),
    )
    return Town(settings, ports, telegram, dialogue)


def configure_logs(level: int = logging.INFO) -> None:
    """One JSON object a line on stderr; message texts are never logged."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
