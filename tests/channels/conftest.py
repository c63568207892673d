"""A town that speaks Telegram with the fake Bot API, in pieces or as a whole."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from bot.app import Town as Parts
from bot.channels.telegram import TelegramClient
from bot.clients.rasa import NoDialogue
from bot.services.delivery import deliver_next
from bot.settings import Settings
from bot.storage.tables import OutboxRow
from bot.web.server import create_app
from bot.worker import work
from tests.harness.bot_api import TOKEN, FakeBotApi
from tests.harness.servers import free_port, serving
from tests.harness.town import Town

SECRET = "a-secret-for-tests"


@pytest.fixture
def fake() -> Iterator[FakeBotApi]:
    with FakeBotApi() as server:
        yield server


@dataclasses.dataclass
class TelegramTown:
    """The town's Telegram side. Deliveries go when told to, unless `running`."""

    town: Town
    fake: FakeBotApi
    client: TelegramClient

    def settings(self, *, secret: str | None = SECRET, port: int = 8000) -> Settings:
        return dataclasses.replace(
            self.town.settings,
            telegram_token=TOKEN,
            telegram_webhook_secret=secret,
            public_url=f"http://127.0.0.1:{port}",
        )

    def queue(self, chat: int, *texts: str, **body: object) -> None:
        """Put messages for a chat into the outbox."""
        with self.town.database.write() as uow:
            for text in texts:
                key = f"test:{self.town.next_id()}"
                content = {"text": text, "language": "en", **body}
                uow.outbox.add("telegram", str(chat), content, self.town.clock(), dedup_key=key)

    def deliver(self) -> None:
        """Deliver everything that may go now."""
        while deliver_next(self.town.ports, {"telegram": self.client}):
            pass

    def rows(self) -> list[OutboxRow]:
        return self.town.outbox()

    def states(self) -> list[str]:
        return [row.state for row in self.rows()]

    @contextmanager
    def gateway(self, secret: str | None = SECRET) -> Iterator[str]:
        """Only the web application, behind a real server; gives its webhook's URL."""
        port = free_port()
        app = create_app(self.town.ports, self.settings(secret=secret, port=port), telegram=self.client)
        with serving(app, port) as url:
            yield f"{url}/telegram/webhook"

    @contextmanager
    def running(self, way: str) -> Iterator[None]:
        """Gateway and worker as in production, updates by 'webhook' or by 'polling', with the real clock."""
        self.town.ports.clock = lambda: datetime.now(UTC)
        port = free_port()
        settings = self.settings(secret=SECRET if way == "webhook" else None, port=port)
        parts = Parts(settings, self.town.ports, self.client, NoDialogue())
        stopped = threading.Event()
        app = create_app(self.town.ports, settings, telegram=self.client)
        with serving(app, port):
            worker = threading.Thread(target=work, args=(parts, stopped), daemon=True)
            worker.start()
            try:
                yield
            finally:
                stopped.set()
                self.fake.end_long_polls()
                worker.join(timeout=15)


@pytest.fixture
def telegram(make_town: Callable[..., Town], fake: FakeBotApi) -> TelegramTown:
    return TelegramTown(make_town(telegram=True), fake, TelegramClient(TOKEN, fake.url))
