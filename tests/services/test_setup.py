"""Setup files: a mistake is a sentence with its place, an export changes nothing, what is shown is what is done."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.accounts import Role
from bot.domain.hours import parse_hours
from bot.domain.policies import STEPS
from bot.domain.rosters import Roster
from bot.domain.setup import TABLES
from bot.domain.setup_checks import overlapping, overlaps_itself
from bot.services import setup, setup_file, setup_words
from bot.services.setup import Plan, SetupError
from bot.settings import ROOT
from tests.harness.facts import DIRECTORY, TAXONOMY
from tests.harness.town import Town
from tests.services.setup_tables import BAD, HOME, PEOPLE

EXAMPLE = ROOT / "data" / "setup.example.yml"


def plan(town: Town, *files: tuple[str, str | bytes]) -> Plan:
    raw = [(name, text.encode() if isinstance(text, str) else text) for name, text in files]
    with town.database.read() as uow:
        return setup.plan(uow, TAXONOMY, DIRECTORY, raw, town.clock(), email=False)


def apply(town: Town, *files: tuple[str, str], shown: str | None = None) -> Plan:
    raw = [(name, text.encode()) for name, text in files]
    with town.database.write() as uow:
        return setup.apply(uow, TAXONOMY, DIRECTORY, raw, None, town.clock(), shown=shown)


def said(found: Plan) -> list[str]:
    return [setup_words.sentence(remark, "en") for remark in found.mistakes]


@pytest.mark.parametrize(("what", "name", "content", "sentence"), BAD, ids=[row[0] for row in BAD])
def test_a_bad_file_is_told_in_a_sentence_and_nothing_is_applied(
    town: Town, what: str, name: str, content: str | bytes, sentence: str
) -> None:
    found = plan(town, (name, content))
    assert any(sentence in line for line in said(found)), (what, said(found))
    with town.database.write() as uow:
        before = setup.state(uow, TAXONOMY)
        raw = [(name, content.encode() if isinstance(content, str) else content)]
        with pytest.raises(SetupError):
            setup.apply(uow, TAXONOMY, DIRECTORY, raw, None, town.clock())
        assert setup.state(uow, TAXONOMY) == before, what


def test_all_mistakes_are_told_at_once(town: Town) -> None:
    desks = ("desks.csv", "id,kind,timezone\nde-koln-bk,bakery,Mars\nhome-x,home_city,UTC")
    people = ("people.csv", "email,name,role\na@t.test,,mayor")
    assert len(said(plan(town, desks, people))) == 7


def test_the_last_coordinator_stays(town: Town) -> None:
    town.coordinator("Only")
    found = plan(town, ("p.csv", "email,active\nonly@town.test,no"))
    assert said(found) == ["p.csv, line 2, role: Somebody must remain a coordinator."]


def test_the_example_can_be_imported_and_says_what_it_would_lead_to(town: Town) -> None:
    found = plan(town, (EXAMPLE.name, EXAMPLE.read_bytes()))
    assert said(found) == []
    assert {change.table for change in found.changes} == set(TABLES)
    warned = [setup_words.sentence(remark, "en") for remark in found.warnings]
    assert "de-koln-bk: this desk would reach nobody: nobody works there." in warned
    assert any(line.startswith("demo.mehmet@") or "new hole" in line or "reach nobody" in line for line in warned)


def test_an_export_of_everything_changes_nothing(town: Town) -> None:
    town.officer("Ayşe", "de-koln-bk")
    apply(town, (EXAMPLE.name, EXAMPLE.read_text(encoding="utf-8")))
    with town.database.read() as uow:
        tables = setup.state(uow, TAXONOMY)
    found = plan(town, ("all.yml", setup_file.to_yaml(tables)))
    assert (said(found), found.changes) == ([], ())
    files = [(f"{name}.csv", setup_file.to_csv(tables, name)) for name in TABLES]
    found = plan(town, *files)
    assert (said(found), found.changes) == ([], ())
    assert "whsec_" not in setup_file.to_yaml(tables)


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=12).filter(str.strip)
TRICKY = st.sampled_from(
    ["NO", "null", "~", "yes", "0012", "1e3", "=1+1", "'=x", "- a", "#", "a: b", '"', "|", "09:00", "-5"]
)
NAMES = WORDS | TRICKY


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    names=st.lists(NAMES, min_size=2, max_size=4, unique_by=lambda name: " ".join(name.split())),
    hours=st.sampled_from(["", "mon-fri 09:00-17:00", "sat 22:00-02:00; sun 10:00-11:00"]),
    people=st.integers(1, 3),
    chain=st.lists(st.sampled_from(STEPS), min_size=1, unique=True),
)
def test_whatever_is_stored_an_export_of_it_changes_nothing(
    town: Town, names: list[str], hours: str, people: int, chain: list[str]
) -> None:
    now = town.clock()
    with town.database.write() as uow:
        for place, name in enumerate(names):
            desk = uow.desks.put(f"home-{place}", kind="home_city", name=name, city=name, country="tr", hours=hours)
            ids = []
            for number in range(people):
                email = f"p{place}-{number}@t.test"
                staff = uow.staff.by_email(email) or uow.staff.add(email, name, Role.OFFICER, now)
                staff.name, staff.languages, staff.capacity = name, ["tr", "de"], number
                uow.desks.assign(desk.id, staff.id)
                ids.append(staff.id)
            for _ in range(2):  # two rosters of one name
                uow.duty.add_roster(Roster(0, desk.id, name, hours, date(2026, 1, 1), 7, time(9), tuple(ids)))
        uow.policies.put("chain:accident", {"desks": [str(step) for step in chain]}, "test", now)
        tables = setup.state(uow, TAXONOMY)
        texts = (
            [("all.yml", setup_file.to_yaml(tables))],
            [(f"{key}.csv", setup_file.to_csv(tables, key)) for key in TABLES],
        )
        for files in texts:
            raw = [(name, text.encode()) for name, text in files]
            found = setup.plan(uow, TAXONOMY, DIRECTORY, raw, now, email=False, look_ahead=False)
            assert (said(found), found.changes) == ([], ())
        uow.session.rollback()


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("Excel's semicolon and mark", "\ufeffid;name\nhome-x;İzmir Şubesi".encode()),
        ("Windows-1254", "id;name\nhome-x;İzmir Şubesi".encode("cp1254")),
        ("UTF-16 with tabs", "id\tname\nhome-x\tİzmir Şubesi".encode("utf-16")),
        ("Excel's own first line and empty columns", "sep=;\r\nID;Name;;\r\nhome-x;İzmir Şubesi;;\r\n;;;\r\n".encode()),
    ],
)
def test_what_spreadsheets_write_is_read(town: Town, what: str, content: bytes) -> None:
    apply(town, ("s.yml", f"desks: [{{{HOME}}}]"))
    found = plan(town, ("desks.csv", content))
    assert said(found) == [], what
    assert [change.fields for change in found.changes] == [[("name", "X", "İzmir Şubesi")]], what


def test_only_what_a_file_names_changes_and_removing_is_said(town: Town) -> None:
    apply(town, (EXAMPLE.name, EXAMPLE.read_text(encoding="utf-8")))
    apply(town, ("s.yml", "members: [{desk: home-city-tr-demo, person: demo.ayse@municipality.example, delete: yes}]\n"
                 "chains: [{label: accident, delete: true}]\nclocks: [{severity: life, delete: true}]\n"
                 "rosters: [{desk: home-city-tr-demo, name: week by week, delete: yes}]\n"))  # fmt: skip
    with town.database.read() as uow:
        tables = setup.state(uow, TAXONOMY)
        assert uow.policies.get("chain:accident") is None
        assert uow.policies.get("clock:life") is None
    assert ("home-city-tr-demo", "demo.mehmet@municipality.example") in tables["members"]
    assert ("home-city-tr-demo", "demo.ayse@municipality.example") not in tables["members"]
    assert tables["rosters"] == {}
    assert tables["chains"]["accident",] == {"desks": tuple(map(str, TAXONOMY.desks_for("accident")))}
    assert tables["permissions"]["officer",] == {"may": ("handle_cases", "read_content", "see_cases")}


def test_what_was_shown_is_not_applied_to_something_else(town: Town) -> None:
    file = ("s.yml", "clocks: [{severity: life, acknowledge_within: 1m, escalate_every: 1m}]")
    shown = plan(town, file).digest
    town.coordinator("New")
    with pytest.raises(SetupError) as refused:
        apply(town, file, shown=shown)
    apply(town, file, shown=refused.value.plan.digest)
    with town.database.read() as uow:
        assert uow.policies.get("clock:life") == {"acknowledge_within": "1m", "escalate_every": "1m"}
        assert [row.subject for row in uow.audit.of_action("policy_changed")] == ["policy:clock:life"]


def test_new_holes_are_told_and_old_ones_are_not(town: Town) -> None:
    town.officer("Ayse", "de-koln-bk")
    found = plan(town, ("desks.csv", "id;hours\nde-koln-bk;mon-sun 00:00-20:00"))
    warned = [setup_words.sentence(remark, "en") for remark in found.warnings]
    today = town.clock().astimezone(ZoneInfo("Europe/Berlin")).date()
    assert warned[0] == f"de-koln-bk: a new hole: nobody from {today} 20:00 to {_tomorrow(today)} 00:00."
    assert warned[-1] == "de-koln-bk: and 25 more new holes in the next 30 days."
    apply(town, ("desks.csv", "id;hours\nde-koln-bk;mon-sun 00:00-20:00"))
    assert plan(town, ("desks.csv", "id;name\nde-koln-bk;Köln")).warnings == (), "they were there before"


def _tomorrow(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def test_one_person_in_two_rosters_at_once_is_told(town: Town) -> None:
    text = EXAMPLE.read_text(encoding="utf-8") + "\n"
    roster = (
        "rosters: [{desk: partner-city-de-demo, name: days, hours: mon-fri 09:00-17:00, starts_on: 2026-01-05, "
        "people: [demo.mehmet@municipality.example]}]"
    )
    apply(town, ("a.yml", text))
    warned = [setup_words.sentence(remark, "en") for remark in plan(town, ("b.yml", roster)).warnings]
    assert any("may be on duty at two desks at once" in line for line in warned), warned


@pytest.mark.parametrize(
    ("what", "first", "second", "shift", "meets"),
    [
        ("apart", "mon 09:00-10:00", "mon 10:00-11:00", 0, False),
        ("together", "mon 09:00-10:30", "mon 10:00-11:00", 0, True),
        ("past Sunday's midnight", "sun 22:00-02:00", "mon 01:00-03:00", 0, True),
        ("another weekday", "sun 22:00-02:00", "tue 01:00-03:00", 0, False),
        ("always", "", "mon 10:00-11:00", 0, True),
        ("apart by the clock on the wall, not by the sun", "mon 09:00-10:00", "mon 10:00-11:00", -60, True),
    ],
)
def test_two_weekly_plans_meet(what: str, first: str, second: str, shift: int, meets: bool) -> None:
    assert overlapping(parse_hours(first), parse_hours(second), shift) is meets, what
    assert overlapping(parse_hours(second), parse_hours(first), -shift) is meets, what


def test_hours_that_overlap_themselves() -> None:
    assert overlaps_itself(parse_hours("mon 22:00-02:00; tue 01:00-03:00"))
    assert not overlaps_itself(parse_hours("mon-fri 09:00-12:00, 13:00-17:00"))
    assert not overlaps_itself(parse_hours(""))


def test_a_new_webhook_is_signed_from_the_first_alert_on_and_people_are_to_be_invited(town: Town) -> None:
    text = f"desks: [{{{HOME}, webhook_url: 'https://partner.test/hook'}}]\n{PEOPLE}"
    done = apply(town, ("s.yml", text))
    assert [line.split(": ")[1] for line in setup_words.to_do(done, "en")] == ["a@t.test, b@t.test", "home-x"]
    with town.database.read() as uow:
        row = uow.desks.row("home-x")
        assert row is not None
        assert (row.webhook_secret or "").startswith("whsec_")
        staff = uow.staff.by_email("a@t.test")
        assert staff is not None
        assert staff.password_hash is None
