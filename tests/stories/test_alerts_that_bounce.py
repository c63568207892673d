"""An alert that does not get through finds another way, at once or soon, and nobody is paged twice for one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.harness.alert_town import SECRET, AlertTown, alert_town
from tests.harness.bot_api import Fault
from tests.harness.town import Town

KOLN, BERLIN = "de-koln-bk", "de-berlin-be"
CRY = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"
FOR_LIFE = "Help! My mother is not breathing, we are in Köln"


@pytest.fixture
def there(make_town: Callable[..., Town]) -> Iterator[AlertTown]:
    """Köln and Berlin, one officer each, all with Telegram; a mail server."""
    town = make_town(email=True)
    town.officer("Ada", KOLN)
    town.officer("Bora", BERLIN)
    town.coordinator()
    with alert_town(town) as made:
        yield made


def chat_of(there: AlertTown, name: str) -> int:
    with there.town.database.read() as uow:
        row = uow.staff.by_email(f"{name.lower()}@town.test")
        assert row is not None
        return int(row.telegram_chat or 0)


def cries(there: AlertTown, words: str = CRY) -> int:
    citizen = there.town.citizen()
    citizen.writes(words)
    return citizen.case_id


def test_who_has_blocked_the_bot_gets_a_mail_at_once_and_the_case_says_so(there: AlertTown) -> None:
    there.api.script("sendMessage", Fault.blocked())
    case = cries(there)
    there.deliver()
    assert there.mailed("ada@town.test") == 1, "in the same second: no clock was wound"
    (failure,) = there.failures(case)
    assert (failure["way"], failure["desk"], failure["error"]) == ("telegram", KOLN, "blocked")
    assert failure["instead"][0].startswith("email:")
    assert failure["name"] == "Ada"
    assert "@" not in repr(failure), "no address in the case"
    assert str(chat_of(there, "Ada")) not in repr(failure), "no number either"
    assert there.alerted(case) == [KOLN], "somebody was reached: the case stays"


def test_while_the_bot_is_blocked_the_next_case_goes_by_mail_and_telegram_is_not_tried(there: AlertTown) -> None:
    there.api.script("sendMessage", Fault.blocked())
    cries(there)
    there.deliver()
    before = len(there.api.attempts(chat_of(there, "Ada")))
    there.town.citizen("another").writes(CRY)
    there.deliver()
    assert len(there.api.attempts(chat_of(there, "Ada"))) == before
    assert there.mailed("ada@town.test") == 2


def test_a_person_with_telegram_gets_no_mail(there: AlertTown) -> None:
    cries(there)
    there.deliver()
    assert len(there.api.sent(chat_of(there, "Ada"))) == 1
    assert there.mail.got == []


def test_coordinators_hear_of_a_bounce_once(there: AlertTown) -> None:
    there.api.script("sendMessage", Fault.blocked())
    cries(there)
    there.deliver()
    (notice,) = there.api.sent(chat_of(there, "Coordinator"))
    assert "/people" in notice["text"]
    assert "Ada" not in notice["text"]
    there.town.citizen("another").writes(CRY)
    there.deliver()
    assert len(there.api.sent(chat_of(there, "Coordinator"))) == 1


def test_when_no_way_to_a_desk_works_the_next_desk_is_alerted_at_once(there: AlertTown) -> None:
    there.change_desk(KOLN, email="desk@koln.test", webhook_url=there.hook.url, webhook_secret=SECRET)
    there.api.script("sendMessage", Fault.blocked())
    there.hook.answers += [410]
    there.mail.answers["RCPT"] = ["550 no such mailbox"] * 2
    case = cries(there)
    there.deliver()
    assert {failure["way"] for failure in there.failures(case)} == {"telegram", "webhook", "email"}
    there.pass_time(1)
    assert there.alerted(case) == [KOLN, BERLIN]
    assert len(there.api.sent(chat_of(there, "Bora"))) == 1


def test_an_open_console_is_somebody_who_is_reached(there: AlertTown) -> None:
    with there.town.database.write() as uow:
        staff = uow.staff.by_email("ada@town.test")
        assert staff is not None
        uow.staff.open_session(staff.id, there.town.clock())
    there.api.script("sendMessage", Fault.blocked())
    there.mail.answers["RCPT"] = ["550 no such mailbox"]
    case = cries(there)
    there.pass_time(2)
    assert len(there.failures(case)) == 2
    assert there.alerted(case) == [KOLN]


def test_coordinators_whom_nothing_reaches_are_alarmed_by_the_clock_and_not_in_a_loop(there: AlertTown) -> None:
    there.api.script("sendMessage", *[Fault.blocked()] * 50)
    there.mail.answers["RCPT"] = ["550 no such mailbox"] * 50
    case = cries(there)
    there.pass_time(20)
    assert there.alerted(case)[-1] == "coordination"
    assert there.alerted(case).count("coordination") == 1
    assert there.town.case(case).due_at > there.town.clock()


def test_a_mailbox_that_is_busy_for_an_hour_does_not_hold_a_cry_for_life(there: AlertTown) -> None:
    """The only person has no Telegram; the mail server says 450; their desk's group is the other way."""
    with there.town.database.write() as uow:
        staff = uow.staff.by_email("ada@town.test")
        assert staff is not None
        staff.telegram_chat = None
    there.mail.answers["RCPT"] = ["450 try later"] * 500
    there.change_desk(KOLN, email="desk@koln.test")
    case = cries(there, FOR_LIFE)
    assert there.town.case(case).severity == "life"
    there.change_desk(KOLN, telegram_group="-100777")
    there.pass_time(29)
    assert len(there.api.sent(-100777)) == 1, "within 30 seconds"
    late = [failure for failure in there.failures(case) if failure["late"]]
    assert {failure["error"] for failure in late} == {"mail_delayed"}
    assert [failure["instead"] for failure in late if "name" not in failure] == [["telegram_group"]]
    there.pass_time(60)
    assert len(there.failures(case)) == 2, "said once for each"


NEXT_AFTER = [
    ("a danger to life", FOR_LIFE, 30),
    ("an urgent case", CRY, 120),
]


@pytest.mark.parametrize(("words", "seconds"), [row[1:] for row in NEXT_AFTER], ids=[row[0] for row in NEXT_AFTER])
def test_the_next_way_is_taken_when_the_first_is_too_slow(there: AlertTown, words: str, seconds: int) -> None:
    there.api.script("sendMessage", *[Fault.broken()] * 200)
    cries(there, words)
    there.pass_time(seconds / 2 - 2)
    assert there.mailed("ada@town.test") == 0, "the first way has its time"
    there.pass_time(seconds / 2 + 1)
    assert there.mailed("ada@town.test") == 1


def test_whoever_was_reached_by_the_second_way_is_not_paged_by_the_first_when_it_recovers(there: AlertTown) -> None:
    there.api.script("sendMessage", *[Fault.broken()] * 6)
    case = cries(there, FOR_LIFE)
    there.pass_time(100)
    assert there.mailed("ada@town.test") == 1
    assert there.api.sent(chat_of(there, "Ada")) == []
    states = [row.state for row in there.town.outbox() if row.case_id == case and row.channel == "telegram"]
    assert states == ["skipped"]


def test_an_alert_for_a_case_that_somebody_has_is_not_sent_late(there: AlertTown) -> None:
    there.api.script("sendMessage", *[Fault.broken()] * 3)
    case = cries(there)
    there.pass_time(5)
    with there.town.database.read() as uow:
        colleague = uow.staff.by_email("bora@town.test")
    assert colleague is not None
    there.town.accept(case, colleague)
    there.pass_time(60)
    assert there.api.sent(chat_of(there, "Ada")) == []
    assert [row.state for row in there.town.outbox() if row.dedup_key.startswith("alert:")] == ["skipped"]
    assert there.mail.got == []


def test_who_writes_to_the_bot_again_counts_again(there: AlertTown) -> None:
    there.api.script("sendMessage", Fault.blocked())
    there.mail.answers["RCPT"] = ["550 no such mailbox"]
    cries(there)
    there.deliver()
    assert there.reachable(KOLN) == []
    there.town.citizen(str(chat_of(there, "Ada")), "telegram").sends("merhaba")
    assert there.reachable(KOLN) == ["Ada"]


def test_an_address_counts_again_when_it_is_changed_and_when_something_arrives(there: AlertTown) -> None:
    town = there.town
    there.change_desk(KOLN, email="old@koln.test")
    there.mail.answers["RCPT"] = ["550 no such mailbox"]
    cries(there)
    there.deliver()
    with town.database.read() as uow:
        assert list(uow.bounces.all()) == [("email", "old@koln.test")]
        desk = uow.desks.row(KOLN)
        assert desk is not None
        assert "email" not in uow.desks.reach(telegram=True, email=True).to_desk(desk)
    there.change_desk(KOLN, email="new@koln.test")
    with town.database.read() as uow:
        desk = uow.desks.row(KOLN)
        assert desk is not None
        assert "email" in uow.desks.reach(telegram=True, email=True).to_desk(desk)
    there.change_desk(KOLN, email="old@koln.test")
    with town.database.write() as uow:
        body = {"subject": "s", "text": "t", "language": "en"}
        uow.outbox.add("email", KOLN, body, town.clock(), dedup_key="test:1")
    there.deliver()
    with town.database.read() as uow:
        assert uow.bounces.all() == {}


def test_a_citizen_who_blocks_the_bot_is_no_bounce(there: AlertTown) -> None:
    citizen = there.town.citizen("4711", "telegram")
    citizen.writes("Wie bekomme ich einen neuen Reisepass?")
    there.api.script("sendMessage", Fault.blocked())
    there.deliver()
    with there.town.database.read() as uow:
        assert uow.bounces.all() == {}


def test_a_group_that_threw_the_bot_out_is_a_bounce_of_the_desk(there: AlertTown) -> None:
    there.change_desk(KOLN, telegram_group="-100777")
    there.api.script("sendMessage", Fault(), Fault(403, "Forbidden: bot was kicked from the supergroup chat"))
    case = cries(there)
    there.deliver()
    (failure,) = there.failures(case)
    assert (failure["way"], failure["instead"]) == ("telegram_group", [])
    with there.town.database.read() as uow:
        assert list(uow.bounces.all()) == [("telegram", "-100777")]
