"""A desk whose only way is a mailbox is alerted there; without a mail server nobody counts on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.clients.email import EmailTransport
from bot.domain.cases import EventKind
from bot.domain.mail import MailServer as Account
from bot.domain.mail import Security
from bot.i18n.catalogues import text
from bot.services.alerts import alert_desk
from bot.services.delivery import deliver_next
from tests.harness.mail import mail_server
from tests.harness.town import Town

KOLN, MAILBOX = "de-koln-bk", "desk@koln.test"
CRY = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"


def town_of(make_town: Callable[..., Town], *, email: bool) -> Town:
    """Köln's officer has no Telegram; the desk has a mailbox."""
    town: Town = make_town(email=email)
    town.officer("Ayşe", KOLN, telegram=None)
    town.coordinator()
    with town.database.write() as uow:
        uow.desks.put(KOLN, email=MAILBOX)
    return town


def ways(town: Town, case_id: int) -> list[list[str]]:
    return [event.data["ways"] for event in town.events(case_id) if event.kind == EventKind.ALERTED]


def test_the_case_goes_to_the_desk_and_one_mail_says_so(make_town: Callable[..., Town]) -> None:
    town = town_of(make_town, email=True)
    citizen = town.citizen()
    citizen.writes(CRY)
    case = town.case(citizen.case_id)
    assert case.desk_id == KOLN
    assert ways(town, case.id)[0] == ["email", "console"]
    with mail_server() as server:
        transport = EmailTransport(Account("localhost", server.port, Security.NONE), "alerts@hemsehri.test")
        while deliver_next(town.ports, {"email": transport}):
            pass
        assert [address for address, _ in server.got] == [MAILBOX]
        mail = server.message()
    severity = text(f"severity.{case.severity}", "tr")
    kind = text(f"kind.{case.label}", "tr")
    link = f"http://town.test/console/cases/{case.id}"
    assert mail["Subject"] == text("alert.mail_subject", "tr", case=case.id, severity=severity)
    said = text("alert.case", "tr", case=case.id, kind=kind, severity=severity, link=link)
    assert mail.get_content().strip() == said, "exactly what Telegram says: nothing that the citizen wrote"


def test_each_occasion_is_mailed_once(make_town: Callable[..., Town]) -> None:
    town = town_of(make_town, email=True)
    citizen = town.citizen()
    citizen.writes(CRY)
    case_id = citizen.case_id
    for again in ("", "moved_on", "moved_on"):
        with town.database.write() as uow:
            alert_desk(uow, town.ports, uow.cases.get(case_id), KOLN, town.clock(), again=again)
    assert len([row for row in town.outbox() if row.channel == "email"]) == 2


def test_without_a_mail_server_the_mailbox_reaches_nobody(make_town: Callable[..., Town]) -> None:
    town = town_of(make_town, email=False)
    citizen = town.citizen()
    citizen.writes(CRY)
    assert town.case(citizen.case_id).desk_id == "coordination"
    assert [row for row in town.outbox() if row.channel == "email"] == []
    assert not any("email" in way for way in ways(town, citizen.case_id))


@pytest.mark.parametrize(("spoken", "written"), [([], "tr"), (["de"], "de"), (["fr", "de", "de"], "de")])
def test_a_mailbox_is_written_to_in_the_language_of_most_of_its_people(
    make_town: Callable[..., Town], spoken: list[str], written: str
) -> None:
    town: Town = make_town(email=True)
    people = [town.officer(f"Officer {number}", KOLN) for number in range(len(spoken))]
    with town.database.write() as uow:
        uow.desks.put(KOLN, kind="consulate", name="", email=MAILBOX)
        for person, language in zip(people, spoken, strict=True):
            uow.staff.get(person.id).language = language
    citizen = town.citizen()
    citizen.writes(CRY)
    with town.database.write() as uow:
        alert_desk(uow, town.ports, uow.cases.get(citizen.case_id), KOLN, town.clock(), again="once more")
    mails = [row.body["language"] for row in town.outbox() if row.channel == "email"]
    assert set(mails) == {written}
