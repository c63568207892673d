"""An officer without Telegram: notifications in the browser reach them, and nobody believes in one that is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clients.web_push import WebPushTransport, public_key
from bot.domain.cases import EventKind
from bot.domain.push import encoded
from bot.i18n.catalogues import text
from bot.services import cases, handing_on
from bot.services.alerts import alert_desk
from bot.services.delivery import deliver_next
from bot.storage.tables_staff import StaffRow
from tests.harness.mail import certificate
from tests.harness.push import PushBrowser, PushService, push_service
from tests.harness.town import Town

KOLN, KEY = "de-koln-bk", encoded((7).to_bytes(32))
CRY = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"


class Street:
    """A town, an officer in Köln whose only way are browsers, a coordinator, and the push service of all browsers."""

    def __init__(self, town: Town, service: PushService, transport: WebPushTransport) -> None:
        self.town, self.service, self.transport = town, service, transport
        self.ayse = town.officer("Ayşe", KOLN, telegram=None)
        town.coordinator()

    def turns_on(self, staff: StaffRow) -> PushBrowser:
        browser = self.service.browser(public_key(KEY))
        with self.town.database.write() as uow:
            uow.push_subscriptions.add(staff.id, browser.endpoint, **browser.keys, now=self.town.clock())
        return browser

    def delivers(self) -> list[dict]:
        """What arrived now, as the browsers read it."""
        before = len(self.service.got)
        while deliver_next(self.town.ports, {"push": self.transport}):
            pass
        return [self.service.read(position) for position in range(before, len(self.service.got))]

    def reachable(self) -> bool:
        with self.town.database.read() as uow:
            desk = uow.desks.all(self.town.clock(), telegram=True)[KOLN]
        return desk.officers[0].reachable

    def pushed(self) -> list[str]:
        return [row.address for row in self.town.outbox() if row.channel == "push"]


@pytest.fixture
def street(make_town: Callable[..., Town], tmp_path: Path) -> Iterator[Street]:
    server, client = certificate(tmp_path)
    with push_service(server) as service:
        transport = WebPushTransport(KEY, timeout=5, trust=client, may_reach=lambda _: True)
        yield Street(make_town(), service, transport)


def test_the_case_comes_to_the_desk_and_the_browser_shows_its_number_and_no_more(street: Street) -> None:
    street.turns_on(street.ayse)
    citizen = street.town.citizen()
    citizen.writes(CRY)
    case = street.town.case(citizen.case_id)
    assert case.desk_id == KOLN
    (message,) = street.delivers()
    severity = text(f"severity.{case.severity}", "tr")
    assert message["body"] == text("alert.mail_subject", "tr", case=case.id, severity=severity)
    assert (message["link"], message["tag"]) == (f"/console/cases/{case.id}", f"case-{case.id}")
    assert not any(word in str(message).lower() for word in ("pasaport", "çalındı", "köln"))
    assert (street.service.got[0].headers["urgency"], street.service.got[0].headers["topic"]) == (
        "high",
        message["tag"],
    )


def test_every_browser_of_a_person_rings_once_for_one_occasion(street: Street) -> None:
    street.turns_on(street.ayse)
    street.turns_on(street.ayse)
    citizen = street.town.citizen()
    citizen.writes(CRY)
    assert len(street.delivers()) == 2
    with street.town.database.write() as uow:
        for _ in range(2):
            alert_desk(uow, street.town.ports, uow.cases.get(citizen.case_id), KOLN, street.town.clock())
    assert street.delivers() == []


def test_a_browser_that_is_gone_is_forgotten_and_the_next_case_goes_to_somebody_else(street: Street) -> None:
    street.turns_on(street.ayse)
    assert street.reachable()
    street.service.answers.append((410, {}))
    citizen = street.town.citizen()
    citizen.writes(CRY)
    assert street.delivers() == []
    assert not street.reachable()
    (failed,) = [event.data for event in street.town.events(citizen.case_id) if event.kind == EventKind.ALERT_FAILED]
    assert (failed["way"], failed["name"], failed["error"], failed["instead"]) == ("push", "Ayşe", "gone", [])
    street.town.pass_time(seconds=1)
    assert street.town.case(citizen.case_id).desk_id == "coordination", "nobody waits for a browser that is gone"
    next_one = street.town.citizen("another")
    next_one.writes(CRY)
    assert street.town.case(next_one.case_id).desk_id == "coordination"


def test_one_of_two_browsers_that_is_gone_leaves_the_other(street: Street) -> None:
    street.turns_on(street.ayse)
    street.turns_on(street.ayse)
    street.service.answers.append((404, {}))
    street.town.citizen().writes(CRY)
    assert len(street.delivers()) == 1
    assert street.reachable()


def test_without_a_browser_the_desk_reaches_nobody(street: Street) -> None:
    citizen = street.town.citizen()
    citizen.writes(CRY)
    assert street.town.case(citizen.case_id).desk_id == "coordination"
    assert street.pushed() == []


def test_the_owner_hears_that_the_citizen_wrote_that_the_rest_is_over_and_that_a_colleague_took_over(
    street: Street,
) -> None:
    town = street.town
    street.turns_on(street.ayse)
    citizen = town.citizen()
    citizen.writes(CRY)
    case_id = citizen.case_id
    town.accept(case_id, street.ayse)
    street.delivers()
    citizen.writes("Hallo?")
    assert [message["body"] for message in street.delivers()] == [text("alert.citizen_wrote", "tr", case=case_id)]
    town.reply(case_id, street.ayse, "Merhaba")
    with town.database.write() as uow:
        until = town.clock() + timedelta(minutes=30)
        handing_on.snooze(uow, case_id, uow.staff.get(street.ayse.id), until, town.clock())
    town.pass_time(minutes=31)
    assert text("alert.snooze_over", "tr", case=case_id) in [message["body"] for message in street.delivers()]
    zeki = town.officer("Zeki", KOLN, telegram=None)
    with town.database.write() as uow:
        cases.take_over(uow, town.ports, case_id, uow.staff.get(zeki.id), street.ayse.id, town.clock())
    said = text("alert.taken_over", "tr", case=case_id, name="Zeki")
    assert said in [message["body"] for message in street.delivers()]


def test_who_has_telegram_is_not_told_twice(street: Street) -> None:
    zeki = street.town.officer("Zeki", KOLN)
    street.turns_on(zeki)
    citizen = street.town.citizen()
    citizen.writes(CRY)
    street.town.accept(citizen.case_id, zeki)
    before = len(street.pushed())
    citizen.writes("Hallo?")
    assert len(street.pushed()) == before


def test_a_browser_that_changes_hands_never_shows_what_waited_for_the_person_before(street: Street) -> None:
    browser = street.turns_on(street.ayse)
    street.town.citizen().writes(CRY)
    zeki = street.town.officer("Zeki", KOLN, telegram=None)
    with street.town.database.write() as uow:
        uow.push_subscriptions.add(zeki.id, browser.endpoint, **browser.keys, now=street.town.clock())
        assert uow.push_subscriptions.of(street.ayse.id) == []
    assert street.delivers() == []
