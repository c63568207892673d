"""What stories in Telegram share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.harness.bot_api import FakeBotApi
from tests.harness.bot_api_people import TelegramUser
from tests.harness.duty_town import DutyTown
from tests.harness.town import Town


@pytest.fixture
def fake() -> Iterator[FakeBotApi]:
    with FakeBotApi() as server:
        yield server


@pytest.fixture
def duty(make_town: Callable[..., Town], fake: FakeBotApi) -> DutyTown:
    return DutyTown(make_town(telegram=True), fake)


@pytest.fixture
def ayse(duty: DutyTown) -> TelegramUser:
    return duty.officer("Ayşe")


@pytest.fixture
def burak(duty: DutyTown) -> TelegramUser:
    return duty.officer("Burak")
