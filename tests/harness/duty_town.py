"""A town whose people work in Telegram: the real client, the fake Bot API, and everything handed over when told to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telegram import Update

from bot.channels.telegram import TelegramClient, incoming_from
from bot.domain.cases import EventKind
from bot.services.conversation import drain
from bot.services.delivery import deliver_next
from bot.services.intake import store
from bot.storage.tables_staff import DeskRow, StaffRow
from tests.harness.bot_api import TOKEN, FakeBotApi
from tests.harness.bot_api_people import TelegramGroup, TelegramUser
from tests.harness.town import Citizen, Town

GROUP = -500
STOLEN = "My passport was stolen, I am in Köln and my flight is tomorrow"


@dataclass
class DutyTown:
    """One installation, its staff's and its citizens' Telegram."""

    town: Town
    fake: FakeBotApi

    def __post_init__(self) -> None:
        self.client = TelegramClient(TOKEN, self.fake.url)

    def officer(self, name: str, desk: str = "de-koln-bk") -> TelegramUser:
        """An officer with a private chat, who reads English."""
        return self._phone_of(self.town.officer(name, desk))

    def coordinator(self, name: str = "Coordinator") -> TelegramUser:
        return self._phone_of(self.town.coordinator(name))

    def _phone_of(self, staff: StaffRow) -> TelegramUser:
        with self.town.database.write() as uow:
            uow.staff.get(staff.id).language = "en"
        assert staff.telegram_chat
        return self.fake.user(int(staff.telegram_chat), "en")

    def staff(self, user: TelegramUser) -> StaffRow:
        with self.town.database.read() as uow:
            row = uow.staff.by_telegram(str(user.chat_id))
            assert row is not None, "nobody is connected with this chat"
            return row

    def group(self, desk: str = "de-koln-bk", chat_id: int = GROUP) -> TelegramGroup:
        """The group of a desk, already connected."""
        with self.town.database.write() as uow:
            uow.desks.put(desk, telegram_group=str(chat_id))
        return self.fake.group(chat_id)

    def desk(self, desk_id: str = "de-koln-bk") -> DeskRow:
        with self.town.database.read() as uow:
            row = uow.desks.row(desk_id)
            assert row is not None
            return row

    def happens(self, *updates: dict[str, Any], times: int = 1) -> None:
        """Hand over what people did (each update `times` times), and deliver what came of it."""
        taken = list(updates) or self.fake.take_updates()
        for raw in taken * times:
            self.stores(raw)
        self.fake.take_updates()
        self.deliver()

    def stores(self, raw: dict[str, Any]) -> None:
        """One update through the real channel, and answered."""
        update = Update.de_json(raw, self.client.bot)
        assert update is not None
        incoming = incoming_from(update, self.client.bot_id)
        if incoming is None:
            return
        store(self.town.ports, incoming)
        drain(self.town.ports, incoming.conversation_key)

    def deliver(self) -> None:
        while deliver_next(self.town.ports, {"telegram": self.client}):
            pass


def in_need(duty: DutyTown, name: str = "citizen") -> Citizen:
    """A citizen in the web chat with a case whose alerts have arrived."""
    citizen = duty.town.citizen(name)
    citizen.writes(STOLEN)
    duty.deliver()
    return citizen


def accepted(duty: DutyTown, officer: TelegramUser, name: str = "citizen") -> Citizen:
    citizen = in_need(duty, name)
    officer.presses("Accept")
    duty.happens()
    return citizen


def happened(duty: DutyTown, case_id: int, kind: EventKind) -> int:
    return sum(event.kind == kind for event in duty.town.events(case_id))
