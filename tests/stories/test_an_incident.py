"""An earthquake: many people, one event. The desk is not buried in pages, and nobody is lost in the crowd."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.domain.cases import CaseError, EventKind
from bot.services import broadcasts, incidents
from bot.services.status import case_status
from bot.services.watch import watch
from bot.storage.tables import OutboxRow
from bot.storage.tables_staff import StaffRow
from tests.harness.town import Citizen, Town

QUAKE = {
    "tr": "Deprem oldu, Köln'deyiz, bina yıkıldı, yardım edin!",
    "de": "Es gab ein Erdbeben in Köln, das Haus ist eingestürzt, Hilfe!",
    "nl": "Er was een aardbeving in Keulen, het gebouw is ingestort, help!",
    "fr": "Il y a eu un séisme à Cologne, l'immeuble s'est effondré, aidez-nous !",
    "en": "There was an earthquake in Cologne, the building collapsed, help!",
    "ar": "حدث زلزال في كولونيا وانهار المبنى، ساعدونا!",
}
WORDS = {"tr": "Otobüsler saat 18'de kalkıyor.", "de": "Busse fahren um 18 Uhr.", "ar": "تنطلق الحافلات في السادسة."}
HAMBURG = "Hamburg'da otelde yangın var, yardım edin!"


@pytest.fixture
def ayse(town: Town) -> StaffRow:
    return town.officer("Ayşe Yılmaz", "de-koln-bk")


def crowd(town: Town, count: int, *, seconds: float = 3) -> list[Citizen]:
    """So many people write about the earthquake, in turns in the six languages."""
    people = []
    for number in range(count):
        language = list(QUAKE)[number % len(QUAKE)]
        person = town.citizen(f"{language}{number}", "telegram" if number % 2 else "web")
        person.writes(QUAKE[language])
        people.append(person)
        town.clock.forward(seconds=seconds)
    return people


def pages(town: Town, desk: str = "") -> list[OutboxRow]:
    return [row for row in town.outbox() if row.dedup_key.startswith("alert:") and f":{desk}" in row.dedup_key]


def only_incident(town: Town) -> int:
    with town.database.read() as uow:
        (incident,) = uow.incidents.newest("open")
        return incident.id


def say(town: Town, staff: StaffRow, texts: dict[str, str], key: str = "k", *, closed_too: bool = False) -> int:
    incident_id, ordered = only_incident(town), broadcasts.in_order(texts, next(iter(texts)))
    row = broadcasts.broadcast(town.ports, incident_id, staff.id, ordered, key, town.clock(), closed_too=closed_too)
    return row.reached


def heard(person: Citizen) -> list[str]:
    """What people, not the computer, wrote to this citizen."""
    return [row.text for row in person.reads() if row.author == "officer"]


def test_thirty_people_in_six_languages_are_one_incident_and_thirty_cases(town: Town, ayse: StaffRow) -> None:
    people = crowd(town, 30)
    with town.database.read() as uow:
        assert uow.incidents.people(only_incident(town)) == 30
    cases = [town.case(person.case_id) for person in people]
    assert len({case.id for case in cases}) == 30
    assert {case.incident_id for case in cases} == {only_incident(town)}
    for person, case in zip(people, cases, strict=True):
        assert "112" in person.reads()[0].text, "everybody has their own card"
        assert case.due_at == case.opened_at + timedelta(minutes=2), "and their own clock"
        events = town.events(case.id)
        assert [e for e in events if e.kind == EventKind.ALERTED], "and an alert to a desk"
        assert [e for e in events if e.kind == EventKind.JOINED_INCIDENT]
    # the first case; then only growth: the fifth person and the twenty-fifth (90 s: no interval is over)
    assert [row.case_id for row in pages(town)] == [cases[0].id, cases[4].id, cases[24].id]
    assert {row.address for row in pages(town)} == {ayse.telegram_chat}
    assert "25" in pages(town)[-1].body["text"].split("\n")[1]
    assert watch(town.ports) == []


def test_a_joined_case_tells_its_citizen_the_truth_about_the_alert(town: Town, ayse: StaffRow) -> None:
    last = crowd(town, 3)[-1]
    (alerted,) = [event for event in town.events(last.case_id) if event.kind == EventKind.ALERTED]
    assert (alerted.data["joined"], alerted.data["incident"]) == (True, only_incident(town))
    with town.database.read() as uow:
        conversation = uow.conversations.by_key(last.key)
        assert conversation is not None
        assert len(case_status(uow, town.ports, conversation).splitlines()) == 3  # arrived, alerted, not taken


def test_other_troubles_and_other_cities_stay_apart(town: Town, ayse: StaffRow) -> None:
    town.officer("Deniz", "de-hamburg-bk")
    crowd(town, 2)
    alone = {
        "suicide": "Yaşamak istemiyorum, Köln'deyim, kendimi öldüreceğim",
        "passport": "Köln'de pasaportum çalındı, yarın uçağım var",
    }
    for name, words in alone.items():
        person = town.citizen(name)
        person.writes(words)
        case = town.case(person.case_id)
        assert case.incident_id is None, name
        assert [row for row in pages(town) if row.case_id == case.id], "paged for itself"
    for number in range(2):
        town.citizen(f"hamburg{number}").writes(HAMBURG)
    with town.database.read() as uow:
        found = {row.place: uow.incidents.people(row.id) for row in uow.incidents.newest("open")}
    assert found == {"Köln": 2, "Hamburg": 2}
    assert len(pages(town, "de-hamburg-bk")) == 1


def test_drills_and_demos_never_join_real_people(town: Town, ayse: StaffRow) -> None:
    crowd(town, 2)
    for flag in ("drill", "demo"):
        for number in range(2):
            person = town.citizen(f"{flag}{number}")
            person.writes("Merhaba")
            with town.database.write() as uow:
                setattr(uow.conversations.by_key(person.key), flag, True)
            person.writes(QUAKE["tr"])
    with town.database.read() as uow:
        groups = {
            (case.incident_id, case.drill, case.demo) for number in (1, 2, 3) for case in uow.incidents.cases(number)
        }
    assert groups == {(1, False, False), (2, True, False), (3, False, True)}


def test_who_says_where_only_later_joins_then_and_who_was_elsewhere_leaves(town: Town, ayse: StaffRow) -> None:
    crowd(town, 2)
    person = town.citizen("late")
    person.writes("Deprem oldu, bina yıkıldı, yardım edin!")
    assert town.case(person.case_id).incident_id is None
    person.writes(lat=50.94, lon=6.96)
    assert town.case(person.case_id).incident_id == only_incident(town)
    person.writes(lat=53.55, lon=9.99)
    assert town.case(person.case_id).incident_id is None, "in Hamburg after all"


def test_nobody_takes_them_and_each_case_moves_on_by_itself_with_one_page_per_round(town: Town, ayse: StaffRow) -> None:
    emine, boss = town.officer("Emine", "de-berlin-be"), town.coordinator()
    people = crowd(town, 12, seconds=1)
    for _ in range(13 * 60 // 5):
        town.pass_time(seconds=5)
    for person in people:
        events = town.events(person.case_id)
        assert [e.data["desk"] for e in events if e.kind == EventKind.MOVED_ON] == ["de-berlin-be"]
        assert [e.at for e in events if e.kind == EventKind.COORDINATORS_ALARMED]
    gaps_are_short(town, [town.case(person.case_id).id for person in people])
    to = {
        desk: [row.created_at for row in pages(town, desk)] for desk in ("de-koln-bk", "de-berlin-be", "coordination")
    }
    assert {desk: len(at) for desk, at in to.items()} == {"de-koln-bk": 2, "de-berlin-be": 1, "coordination": 5}
    assert all(b - a >= timedelta(minutes=2) for a, b in zip(to["coordination"], to["coordination"][1:], strict=False))
    assert emine.telegram_chat in {row.address for row in pages(town)}
    assert boss.telegram_chat in {row.address for row in pages(town)}


def gaps_are_short(town: Town, case_ids: list[int]) -> None:
    """Whenever a case was alerted without a page, its desk had one within the two minutes before it."""
    events = [event for case_id in case_ids for event in town.events(case_id) if event.kind == EventKind.ALERTED]
    real: dict[str, list[datetime]] = {}
    for event in events:
        if not event.data.get("joined"):
            real.setdefault(event.data["desk"], []).append(event.at)
    for event in events:
        before = [at for at in real[event.data["desk"]] if event.at - timedelta(minutes=2) < at <= event.at]
        assert before, (event.case_id, event.data)
    assert {event.case_id for event in events} == set(case_ids), "no case without an alert"


def test_one_officer_takes_all_that_wait_and_everybody_is_told(town: Town, ayse: StaffRow) -> None:
    burak, people = town.officer("Burak", "de-koln-bk"), crowd(town, 6)
    town.accept(people[0].case_id, burak)
    taken = incidents.accept_waiting(town.ports, only_incident(town), "de-koln-bk", ayse.id, town.clock())
    assert taken == 5
    assert town.case(people[0].case_id).owner_id == burak.id, "what a colleague has stays theirs"
    for person in people[1:]:
        assert town.case(person.case_id).owner_id == ayse.id
        assert "Ayşe" in person.reads()[-1].text
        assert sum(event.kind == EventKind.ACCEPTED for event in town.events(person.case_id)) == 1
    again = incidents.accept_waiting(town.ports, only_incident(town), "de-koln-bk", ayse.id, town.clock())
    assert again == 0
    assert watch(town.ports) == []


def test_words_to_everyone_arrive_in_each_ones_language_and_once(town: Town, ayse: StaffRow) -> None:
    people = crowd(town, 12)
    town.accept(people[0].case_id, ayse)  # talks with a person: hears it too
    town.accept(people[1].case_id, ayse)
    town.close_case(people[1].case_id, ayse)
    outsider = town.citizen("outsider")
    outsider.writes(HAMBURG)
    for _ in range(2):  # a double click
        assert say(town, ayse, WORDS) == 11
    assert heard(people[0]) == [WORDS["tr"]]
    assert heard(people[5]) == [WORDS["ar"]]
    english = heard(people[4])
    assert english == [f"This message is in Turkish:\n{WORDS['tr']}"]
    assert heard(people[1]) == [], "whose case is closed does not, unless the sender wants it"
    assert heard(outsider) == []
    (line,) = [row for row in people[6].reads() if row.author == "officer"]
    assert line.name.startswith("Ayşe (")
    assert "Yılmaz" not in line.name
    assert "Köln" in line.name
    told = [e for e in town.events(people[0].case_id) if e.kind == EventKind.BROADCAST]
    assert [event.data["name"] for event in told] == ["Ayşe Yılmaz"]
    assert town.case(people[0].case_id).replied_at is None, "words to everyone are no answer to one"
    assert say(town, ayse, {"tr": "Güncel durum"}, "k2", closed_too=True) == 12
    assert "Güncel durum" in heard(people[1])[0]


def test_who_joins_later_hears_the_newest_words_after_their_card(town: Town, ayse: StaffRow) -> None:
    crowd(town, 2)
    say(town, ayse, {"tr": "Eski"}, "old")
    say(town, ayse, {"tr": "Yeni"}, "new")
    late = town.citizen("late")
    lines = late.writes(QUAKE["tr"])
    assert [row.author for row in lines] == ["bot", "bot", "officer"]
    assert lines[-1].text == "Yeni"
    assert "112" in lines[0].text
    assert not broadcasts.finish(town.ports), "everybody has it"
    town.clock.forward(hours=3)
    still = town.citizen("still")
    still.writes("Deprem oldu, bina yıkıldı, yardım edin!")
    still.writes(lat=50.94, lon=6.96)
    assert heard(still) == []
    assert broadcasts.finish(town.ports), "who joined after the card hears it from the worker"
    assert heard(still) == ["Yeni"]
    town.clock.forward(hours=22)
    assert not broadcasts.finish(town.ports)


def test_words_that_a_dying_process_did_not_spread_are_spread_by_the_next(
    town: Town, ayse: StaffRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = crowd(town, 5)
    monkeypatch.setattr(broadcasts, "AT_ONCE", 2)
    told, tell = [], broadcasts._tell

    def dies(*args: object) -> bool:
        told.append(args)
        if len(told) > 3:
            raise RuntimeError("the process dies here")
        return tell(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(broadcasts, "_tell", dies)
        with pytest.raises(RuntimeError):
            say(town, ayse, {"tr": "Durum"})
    assert sum(bool(heard(person)) for person in people) == 2, "what was committed stays"
    assert broadcasts.finish(town.ports)
    assert [len(heard(person)) for person in people] == [1] * 5


def test_a_person_with_two_cases_counts_once_and_hears_it_once(town: Town, ayse: StaffRow) -> None:
    people = crowd(town, 2)
    town.accept(people[0].case_id, ayse)
    town.close_case(people[0].case_id, ayse, "referred")
    people[0].writes(QUAKE["tr"])
    with town.database.read() as uow:
        assert len(uow.incidents.cases(only_incident(town))) == 3
        assert uow.incidents.people(only_incident(town)) == 2
    assert say(town, ayse, {"tr": "Durum"}, closed_too=True) == 2
    assert heard(people[0]).count("Durum") == 1


def test_a_case_that_was_grouped_wrongly_goes_out_is_paged_and_stays_out(town: Town, ayse: StaffRow) -> None:
    person = crowd(town, 3)[-1]
    before, incident_id = len(pages(town)), only_incident(town)
    with town.database.write() as uow:
        incidents.take_out(uow, town.ports, incident_id, person.case_id, ayse, town.clock())
    assert town.case(person.case_id).incident_id is None
    assert [row.case_id for row in pages(town)[before:]] == [person.case_id], (
        "so far only the others' page spoke for it"
    )
    person.writes(lat=50.95, lon=6.96)
    assert town.case(person.case_id).incident_id is None, "a person's word counts more than the rule"
    with town.database.write() as uow, pytest.raises(CaseError, match="not_in_incident"):
        incidents.take_out(uow, town.ports, incident_id, person.case_id, ayse, town.clock())
    with town.database.write() as uow:
        incidents.put_in(uow, town.ports, incident_id, person.case_id, ayse, town.clock())
    assert town.case(person.case_id).incident_id == incident_id


def test_a_person_puts_cases_in_but_never_those_that_must_stay_alone(town: Town, ayse: StaffRow) -> None:
    crowd(town, 2)
    hurt, alone = town.citizen("hurt"), town.citizen("alone")
    hurt.writes("Babam nefes almıyor, Köln'deyiz, yardım edin!")
    alone.writes("Yaşamak istemiyorum, Köln'deyim, kendimi öldüreceğim")
    with town.database.write() as uow:
        incidents.put_in(uow, town.ports, only_incident(town), hurt.case_id, ayse, town.clock())
    assert town.case(hurt.case_id).incident_id == only_incident(town)
    with town.database.write() as uow, pytest.raises(CaseError, match="case_stays_alone"):
        incidents.put_in(uow, town.ports, only_incident(town), alone.case_id, ayse, town.clock())


def test_two_incidents_become_one_and_a_closed_one_takes_nobody(town: Town, ayse: StaffRow) -> None:
    people = crowd(town, 2)
    hamburg = [town.citizen(f"hamburg{number}") for number in range(2)]
    for person in hamburg:
        person.writes(HAMBURG)
    with town.database.write() as uow:
        incidents.merge(uow, 2, 1, ayse, town.clock())
    assert {town.case(person.case_id).incident_id for person in people + hamburg} == {1}
    with town.database.write() as uow:
        incidents.close(uow, 1, town.clock())
        with pytest.raises(CaseError, match="incident_closed"):
            incidents.merge(uow, 1, 2, ayse, town.clock())
    late = town.citizen("late")
    late.writes(QUAKE["tr"])
    assert town.case(late.case_id).incident_id is None
    assert {town.case(person.case_id).status for person in people} == {"open"}, "closing it closes no case"
    assert watch(town.ports) == []
