"""A town whose alerts really leave: the fake Bot API, a mail server and a partner's webhook, each scripted to fail."""

from __future__ import annotations

import base64
import dataclasses
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.channels.telegram import TelegramClient
from bot.clients.email import EmailTransport
from bot.clients.webhook import WebhookSender
from bot.domain.cases import EventKind
from bot.domain.mail import MailServer as Account
from bot.domain.mail import Security
from bot.services.delivery import Transport, WebhookTransport, deliver_next
from bot.services.escalation import sweep
from tests.harness.bot_api import TOKEN, FakeBotApi
from tests.harness.mail import MailServer, mail_server
from tests.harness.town import Town

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()


class Receiver:
    """A partner's small system: answers what it was told to, else 204."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                outer.got += 1
                self.send_response(outer.answers.pop(0) if outer.answers else 204)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/alerts"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclasses.dataclass
class AlertTown:
    """A town and everything that its alerts go through."""

    town: Town
    api: FakeBotApi
    mail: MailServer
    hook: Receiver
    transports: dict[str, Transport]

    def deliver(self) -> None:
        """Deliver everything that may go now."""
        while deliver_next(self.town.ports, self.transports):
            pass

    def pass_time(self, seconds: float, step: float = 1) -> None:
        """Wind the clock; the worker delivers and sweeps all the while."""
        for _ in range(round(seconds / step)):
            self.town.clock.forward(seconds=step)
            self.deliver()
            sweep(self.town.ports)
            self.deliver()

    def mailed(self, address: str) -> int:
        return sum(to == address for to, _ in self.mail.got)

    def failures(self, case_id: int) -> list[dict[str, Any]]:
        """What the case says about alerts that did not arrive."""
        return [event.data for event in self.town.events(case_id) if event.kind == EventKind.ALERT_FAILED]

    def alerted(self, case_id: int) -> list[str]:
        """The desks that were alerted, in order."""
        return [event.data["desk"] for event in self.town.events(case_id) if event.kind == EventKind.ALERTED]

    def reachable(self, desk_id: str) -> list[str]:
        """The names of those at a desk who count as reachable."""
        ports = self.town.ports
        with ports.database.read() as uow:
            desk = uow.desks.all(ports.clock(), telegram=ports.telegram, email=ports.email)[desk_id]
        return [officer.name for officer in desk.officers if officer.reachable]

    def change_desk(self, desk_id: str, **values: Any) -> None:
        with self.town.database.write() as uow:
            uow.desks.put(desk_id, **values)


@contextmanager
def alert_town(town: Town) -> Iterator[AlertTown]:
    """Everything running on loopback, stopped afterwards."""
    hook = Receiver()
    with FakeBotApi() as api, mail_server() as mail:
        transports: dict[str, Transport] = {
            "telegram": TelegramClient(TOKEN, api.url),
            "email": EmailTransport(Account("localhost", mail.port, Security.NONE), "alerts@hemsehri.test"),
            "webhook": WebhookTransport(WebhookSender()),
        }
        try:
            yield AlertTown(town, api, mail, hook, transports)
        finally:
            hook.stop()
