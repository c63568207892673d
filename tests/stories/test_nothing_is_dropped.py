"""When something behind a case breaks or does not arrive, the case still reaches somebody in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.cases import EventKind
from bot.services import alerts, cases, conversation, escalation, grouping, handing_on
from bot.services.conversation import MAX_ATTEMPTS
from bot.storage.tables import CaseEventRow, CaseRow, OutboxRow
from bot.storage.tables_staff import StaffRow
from tests.harness.alert_town import AlertTown, alert_town
from tests.harness.bot_api import Fault
from tests.harness.town import Citizen, Town

KOLN, BERLIN = "de-koln-bk", "de-berlin-be"
QUAKE = "There was an earthquake in Cologne, the building collapsed, help!"
STOLEN = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"


def happened(town: Town, case_id: int, kind: EventKind) -> list[CaseEventRow]:
    return [event for event in town.events(case_id) if event.kind == kind]


def crowd(town: Town, count: int) -> list[Citizen]:
    people = [town.citizen(f"person{number}") for number in range(count)]
    for person in people:
        person.writes(QUAKE)
        town.clock.forward(seconds=1)
    return people


def alert_rows(town: Town, case_id: int, state: str = "") -> list[OutboxRow]:
    begin = f"alert:{case_id}:"
    return [row for row in town.outbox() if row.dedup_key.startswith(begin) and state in ("", row.state)]


def broken(*_: Any, **__: Any) -> Any:
    raise RuntimeError("a mistake of ours")


@pytest.fixture
def ayse(town: Town) -> StaffRow:
    return town.officer("Ayşe", KOLN)


@pytest.fixture
def there(make_town: Callable[..., Town]) -> Iterator[AlertTown]:
    """Köln and Berlin, one officer each, reached by Telegram alone."""
    town = make_town()
    town.officer("Ada", KOLN)
    town.officer("Bora", BERLIN)
    with alert_town(town) as made:
        yield made


# --- card and case come first ------------------------------------------------------------------------
def test_a_mistake_in_grouping_opens_the_case_all_the_same(
    town: Town, ayse: StaffRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "choose", broken)
    first, second = crowd(town, 2)
    for person in (first, second):
        assert "112" in person.reads()[0].text
        assert len(alert_rows(town, person.case_id)) == 1, "in no incident: a page of its own"


def test_a_mistake_in_alerting_opens_the_case_and_the_next_desk_is_tried_at_once(
    town: Town, ayse: StaffRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.officer("Bora", BERLIN)
    with monkeypatch.context() as now:
        now.setattr(alerts, "page_person", broken)
        person = town.citizen()
        said = person.writes(QUAKE)
    assert "112" in said[0].text
    assert alert_rows(town, person.case_id) == []
    town.pass_time(seconds=1)
    assert len(alert_rows(town, person.case_id)) == 1, "no clock was waited for"


def test_fifty_cases_that_break_do_not_hold_up_the_one_behind_them(
    town: Town, ayse: StaffRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalation, "AT_ONCE", 3)
    good = town.citizen("good")
    worse = crowd(town, 3)
    good.writes(STOLEN)
    bad = {person.case_id for person in worse}
    move = escalation._escalate

    def breaks_for_them(uow: Any, ports: Any, case: CaseRow, now: Any) -> None:
        if case.id in bad:
            broken()
        move(uow, ports, case, now)

    monkeypatch.setattr(escalation, "_escalate", breaks_for_them)
    town.pass_time(minutes=16)
    assert happened(town, good.case_id, EventKind.COORDINATORS_ALARMED)


def test_a_message_that_breaks_while_a_person_has_the_conversation_is_not_swallowed(
    town: Town, ayse: StaffRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = town.citizen()
    person.writes(STOLEN)
    town.accept(person.case_id, ayse)
    monkeypatch.setattr(conversation, "triage", broken)
    before = len(person.reads())
    person.sends("Kapıdayım")
    for _ in range(MAX_ATTEMPTS):
        conversation.drain(town.ports, person.key)
        town.clock.forward(minutes=1)
    assert len(person.reads()[before:]) == 1, "they are told, and do not believe that it was read"


# --- pages of an incident ------------------------------------------------------------------------------
def test_a_page_that_speaks_for_others_leaves_although_its_own_case_is_taken(there: AlertTown) -> None:
    first, *others = crowd(there.town, 3)
    with there.town.database.read() as uow:
        (ada,) = uow.desks.members(KOLN)
    there.town.accept(first.case_id, ada)
    there.deliver()
    (page,) = alert_rows(there.town, first.case_id)
    assert page.state == "sent", "nobody else would be told of the others"
    assert all(alert_rows(there.town, person.case_id) == [] for person in others)


def test_a_page_is_skipped_when_everybody_it_speaks_for_is_taken(there: AlertTown) -> None:
    people = crowd(there.town, 3)
    with there.town.database.read() as uow:
        (ada,) = uow.desks.members(KOLN)
    for person in people:
        there.town.accept(person.case_id, ada)
    there.deliver()
    assert alert_rows(there.town, people[0].case_id, "skipped")


def test_when_the_only_person_paged_is_blocked_everybody_joined_to_that_page_goes_on_at_once(there: AlertTown) -> None:
    there.api.script("sendMessage", Fault.blocked())
    people = crowd(there.town, 4)
    there.deliver()
    there.pass_time(1)
    for person in people:
        assert there.alerted(person.case_id) == [KOLN, BERLIN]
    assert len(there.api.sent(chat_of(there, "bora"))) == 1, "and the next desk is paged once for all of them"


def test_nobody_is_joined_to_a_page_that_did_not_arrive(there: AlertTown) -> None:
    there.api.script("sendMessage", Fault.bad_request("Bad Request: wrong reply markup"))  # not for its address
    crowd(there.town, 2)
    there.deliver()
    late = there.town.citizen("late")
    late.writes(QUAKE)
    assert len(alert_rows(there.town, late.case_id)) == 1


def chat_of(there: AlertTown, name: str) -> int:
    with there.town.database.read() as uow:
        row = uow.staff.by_email(f"{name}@town.test")
        assert row is not None
        return int(row.telegram_chat or 0)


def test_a_cry_of_an_accepted_case_is_not_joined_to_a_page_about_others(town: Town, ayse: StaffRow) -> None:
    mine, _ = crowd(town, 2)
    town.accept(mine.case_id, ayse)
    town.reply(mine.case_id, ayse, "I am here.")
    mine.writes("Help! My mother is not breathing!")
    assert [row for row in alert_rows(town, mine.case_id) if ":cry:" in row.dedup_key]


def test_an_owners_silence_is_not_joined_to_a_page_about_others(town: Town, ayse: StaffRow) -> None:
    mine = town.citizen("mine")
    mine.writes(QUAKE)
    crowd(town, 1)
    town.clock.forward(seconds=60)
    town.accept(mine.case_id, ayse)
    town.clock.forward(seconds=65)
    town.citizen("late").writes(QUAKE)  # the interval is over: this one is paged for
    town.pass_time(seconds=60)
    assert happened(town, mine.case_id, EventKind.OWNER_SILENT)
    assert [row for row in alert_rows(town, mine.case_id) if ":silent:" in row.dedup_key]


def test_many_silent_owners_of_one_incident_are_still_one_page(town: Town, ayse: StaffRow) -> None:
    people = crowd(town, 4)
    for person in people:
        town.accept(person.case_id, ayse)
    town.pass_time(minutes=2)
    assert all(happened(town, person.case_id, EventKind.OWNER_SILENT) for person in people)
    assert len([row for row in town.outbox() if ":silent:" in row.dedup_key]) == 1


def test_a_mail_that_speaks_for_others_says_so(make_town: Callable[..., Town]) -> None:
    town = make_town(email=True)
    town.officer("Ada", KOLN, telegram=None)
    crowd(town, 5)
    newest = [row for row in town.outbox() if row.channel == "email"][-1]
    assert "/incidents/1" in newest.body["text"]


def test_a_case_that_leaves_its_incident_but_not_its_desk_is_paged_for_itself(town: Town, ayse: StaffRow) -> None:
    _, joined = crowd(town, 2)
    with town.database.write() as uow:
        case, talk = uow.cases.get(joined.case_id), uow.conversations.by_key(joined.key)
        assert talk is not None
        talk.location = {"country": "DE", "name": "Aachen", "lat": 50.78, "lon": 6.08, "admin1": "DE-NW"}
        before = case.incident_id
        cases.reroute(uow, town.ports, talk, case, town.clock())
        assert before is not None
        assert (case.incident_id, case.desk_id) == (None, KOLN)
    assert len(alert_rows(town, joined.case_id)) == 1


# --- clocks -------------------------------------------------------------------------------------------
def test_a_worse_danger_in_an_accepted_case_hurries_its_owner(town: Town, ayse: StaffRow) -> None:
    person = town.citizen()
    person.writes(STOLEN)
    town.accept(person.case_id, ayse)
    person.writes("Help! My mother is not breathing!")
    assert town.case(person.case_id).due_at == town.clock() + timedelta(minutes=2)
    town.pass_time(minutes=2)
    assert happened(town, person.case_id, EventKind.OWNER_SILENT)


def snoozed(town: Town, person: Citizen, staff: StaffRow, hours: int) -> None:
    person.writes(STOLEN)
    town.accept(person.case_id, staff)
    town.reply(person.case_id, staff, "Bakıyorum.")
    with town.database.write() as uow:
        until = town.clock() + timedelta(hours=hours)
        handing_on.snooze(uow, person.case_id, uow.staff.get(staff.id), until, town.clock())


def test_a_word_to_the_citizen_does_not_forget_when_the_rest_ends(town: Town, ayse: StaffRow) -> None:
    person = town.citizen()
    snoozed(town, person, ayse, hours=10)
    town.reply(person.case_id, ayse, "Yarın sabah devam ederiz.")
    town.pass_time(hours=10)
    assert any(row.dedup_key.startswith(f"snooze:{person.case_id}:") for row in town.outbox())


def test_whoever_takes_a_resting_case_over_must_write_in_time(town: Town, ayse: StaffRow) -> None:
    person, burak = town.citizen(), town.officer("Burak", KOLN)
    snoozed(town, person, ayse, hours=10)
    with town.database.write() as uow:
        cases.take_over(uow, town.ports, person.case_id, uow.staff.get(burak.id), ayse.id, town.clock())
    town.pass_time(minutes=15)
    assert happened(town, person.case_id, EventKind.OWNER_SILENT)
