"""The report of hours that nobody would answer: chains, local times, who could fill them, and how fast it is."""

from __future__ import annotations

import json
import time as clocks
from datetime import date, time, timedelta
from typing import Any

import pytest

from bot import app, cli
from bot.domain.rosters import Absence, Override, Roster
from bot.services.coverage import as_text, coverage
from bot.storage.tables_staff import StaffRow
from tests.harness.town import Town

KOLN, BERLIN = "de-koln-bk", "de-berlin-be"


def report(town: Town, days: int = 7, desk: str | None = None, *, email: bool = True) -> dict[str, Any]:
    knowledge = town.ports.knowledge
    with town.database.read() as uow:
        return coverage(uow, knowledge.taxonomy, knowledge.directory, town.clock(), days, desk, email=email)


def of(town: Town, desk: str, days: int = 7) -> dict[str, Any]:
    (found,) = report(town, days, desk)["desks"]
    return found


def spans(gaps: list[dict[str, Any]]) -> list[str]:
    return [f"{gap['from'][8:16]} {gap['to'][8:16]}" for gap in gaps]


@pytest.fixture
def crew(town: Town) -> list[StaffRow]:
    """Two officers in Köln with a weekly roster; the town's clock stands on Monday, 23 November, 10:00 in Köln."""
    people = [town.officer(name, KOLN) for name in ("Ayşe", "Mehmet")]
    ids = tuple(person.id for person in people)
    with town.database.write() as uow:
        uow.duty.add_roster(Roster(0, KOLN, "Week", "", date(2026, 11, 23), 7, time(9), ids))
    return people


def away(town: Town, person: StaffRow, day: int, hours: int) -> None:
    start = town.clock().replace(day=day)
    with town.database.write() as uow:
        uow.duty.add_absence(Absence(person.id, start, start + timedelta(hours=hours)))


def test_a_complete_roster_has_no_gap(town: Town, crew: list[StaffRow]) -> None:
    found = of(town, KOLN, days=365)
    assert (found["gaps"], found["chain_gaps"]) == ([], [])


def test_an_absence_is_a_gap_in_the_time_of_the_place_that_a_colleague_could_fill(
    town: Town, crew: list[StaffRow]
) -> None:
    away(town, crew[0], 24, 5)
    town.coordinator()
    found = of(town, KOLN)
    (gap,) = found["gaps"]
    assert gap == {
        "from": "2026-11-24T10:00:00+01:00",
        "to": "2026-11-24T15:00:00+01:00",
        "minutes": 300,
        "could_fill": [{"id": crew[1].id, "name": "Mehmet"}],
        "could_fill_part": [],
        "falls_to": "coordination",
    }
    assert (found["timezone"], found["chain"]) == ("Europe/Berlin", [KOLN, "coordination"])
    assert found["chain_gaps"] == []


def test_without_coordinators_the_gap_is_one_of_the_whole_chain(town: Town, crew: list[StaffRow]) -> None:
    away(town, crew[0], 24, 5)
    found = of(town, KOLN)
    assert found["gaps"][0]["falls_to"] is None
    assert spans(found["chain_gaps"]) == ["24T10:00 24T15:00"]


def test_an_override_closes_the_gap(town: Town, crew: list[StaffRow]) -> None:
    away(town, crew[0], 24, 5)
    start = town.clock().replace(day=24)
    with town.database.write() as uow:
        uow.duty.add_override(Override(KOLN, crew[1].id, crew[0].id, start, start + timedelta(hours=4)))
    assert spans(of(town, KOLN)["gaps"]) == ["24T14:00 24T15:00"]


def test_the_chain_is_that_of_the_desks_place_and_the_embassy_helps_out(town: Town, crew: list[StaffRow]) -> None:
    town.officer("Zeynep", BERLIN)
    with town.database.write() as uow:
        uow.desks.put(BERLIN, hours="mon-fri 09:00-17:00", country="DE", city="Berlin")
    away(town, crew[0], 24, 10)
    found = of(town, KOLN)
    assert found["chain"] == [KOLN, BERLIN, "coordination"]
    assert spans(found["gaps"]) == ["24T10:00 24T20:00"]
    assert spans(found["chain_gaps"]) == ["24T17:00 24T20:00"], "the embassy covers the afternoon"
    assert of(town, BERLIN)["chain"] == [BERLIN, "coordination"], "a case does not go back to the consulate"


@pytest.mark.parametrize(
    ("what", "telegram", "values", "covered"),
    [
        ("a person with a Telegram chat", "on call", {}, True),
        ("a person with nothing", None, {}, False),
        ("the desk's webhook", None, {"webhook_url": "https://partner.test/alerts"}, True),
        ("the desk's e-mail", None, {"email": "desk@partner.test"}, True),
        ("the desk's Telegram group", None, {"telegram_group": "-100"}, True),
    ],
)  # fmt: skip
def test_ways_that_last(town: Town, what: str, telegram: str | None, values: dict[str, str], covered: bool) -> None:
    person = town.officer("Ayşe", KOLN, telegram=telegram)
    with town.database.write() as uow:
        uow.desks.put(KOLN, **values)
        uow.staff.open_session(person.id, town.clock())  # an open console does not last
    assert (of(town, KOLN)["gaps"] == []) is covered, what


def test_a_mailbox_is_no_way_where_no_mail_server_is(town: Town) -> None:
    town.officer("Ayşe", KOLN, telegram=None)
    with town.database.write() as uow:
        uow.desks.put(KOLN, email="desk@partner.test")
    (found,) = report(town, desk=KOLN, email=False)["desks"]
    assert len(found["gaps"]) == 1


def test_a_desk_that_is_switched_off_is_only_reported_when_asked_for(town: Town, crew: list[StaffRow]) -> None:
    with town.database.write() as uow:
        uow.desks.put(KOLN, active=False)
    assert [desk["desk"] for desk in report(town)["desks"]] == ["coordination"]
    assert of(town, KOLN)["desk"] == KOLN
    with pytest.raises(LookupError):
        report(town, desk="nowhere")


def test_the_text_names_the_gap_the_people_and_what_nobody_answers(town: Town, crew: list[StaffRow]) -> None:
    away(town, crew[0], 24, 29)
    text = as_text(report(town))
    assert "Consulate General of Türkiye in Köln (times of Europe/Berlin)" in text
    line = "Tue 2026-11-24 10:00 to Wed 2026-11-25 15:00 (1 d 5 h); could fill it: Mehmet; falls to: nobody"
    assert line in text
    assert "NOBODY IN THE WHOLE CHAIN" in text


def test_the_command_prints_text_or_one_json_object(
    town: Town, crew: list[StaffRow], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEMSEHRI_VAR_DIR", str(town.folder))
    monkeypatch.setattr(app, "utc_now", town.clock)
    away(town, crew[0], 24, 5)
    assert cli.main(["coverage", "--days", "7", "--desk", KOLN, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == report(town, 7, KOLN)
    assert cli.main(["coverage", "--days", "7"]) == 0
    assert "could fill it: Mehmet" in capsys.readouterr().out
    assert cli.main(["coverage", "--desk", "nowhere"]) == 2
    assert "There is no desk 'nowhere'" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["coverage", "--days", "0"])


def test_fifty_desks_and_a_year_take_seconds(town: Town) -> None:
    now, missions = town.clock(), town.ports.knowledge.directory.missions
    abroad = [mission for mission in missions.values() if mission.kind == "consulate_general"][:50]
    with town.database.write() as uow:
        for mission in abroad:
            uow.desks.put(
                mission.id, kind="consulate", name="", timezone=mission.timezone, country=mission.country,
                city=mission.city, hours="mon-fri 09:00-12:30, 13:30-17:00; sat 22:00-02:00", keeps_holidays=True,
            )  # fmt: skip
            people = [uow.staff.add(f"{mission.id}{n}@town.test", f"P{n}", "officer", now) for n in range(4)]
            ids = tuple(person.id for person in people)
            for person in people:
                person.telegram_chat = str(person.id)
                uow.desks.assign(mission.id, person.id)
            uow.duty.add_roster(Roster(0, mission.id, "", "", date(2026, 1, 1), 1, time(9), ids))
            uow.duty.add_roster(Roster(0, mission.id, "", "mon-fri 08:00-20:00", date(2026, 1, 1), 7, time(8), ids))
            for week in range(20):
                start = now + timedelta(days=week * 15)
                uow.duty.add_absence(Absence(ids[week % 4], start, start + timedelta(days=5)))
    started = clocks.process_time()
    found = report(town, days=365)
    assert len(found["desks"]) == 51
    assert clocks.process_time() - started < 5
