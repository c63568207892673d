"""Drills: nothing is lost or doubled, everything is marked, real people notice nothing, and the scorecard can fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import cli
from bot.app import Town as Parts
from bot.clients.rasa import NoDialogue
from bot.domain.drills import CHANNEL
from bot.drill import command, officers, scenario
from bot.drill.clock import DrillClock
from bot.drill.run import Options, drill
from bot.drill.town import Place, copied
from bot.i18n.catalogues import text
from bot.services import conversation, without_dialogue
from bot.services.delivery import DeliveryError
from bot.settings import ROOT
from bot.storage.tables import CaseRow, ConversationRow, InboxRow, OutboxRow
from bot.storage.tables_cases import IncidentRow
from bot.storage.tables_staff import StaffRow
from tests.harness.town import SHARED_VAR, Town, understander

FOLDER = ROOT / "data" / "drills"
SCENARIOS = sorted(scenario.names(FOLDER))
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def place_in(town: Town, *, own: bool = True) -> Place:
    """A drill in the town's own database."""
    clock = DrillClock(town.clock())
    town.ports.clock = clock
    parts = Parts(town.settings, town.ports, None, NoDialogue())
    return Place(parts, clock, own=own, officers="installation")


def staffed(town: Town, name: str) -> None:
    """People at the desks of a scenario, and a coordinator."""
    for desk in scenario.load(FOLDER, name).desks:
        for number in (1, 2):
            town.officer(f"{desk}-{number}", desk)
    town.coordinator()


def run(town: Town, name: str = "earthquake", messages: int = 30, **others: Any) -> dict[str, Any]:
    staffed(town, name)
    options = Options(messages=messages, seed=1, rate=60, limit=120)
    return drill(place_in(town), scenario.load(FOLDER, name), options, **others)


# --- a drill on a town that works ------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_is_lost_or_doubled_and_everything_is_marked(town: Town, name: str) -> None:
    card = run(town, name, 60)
    assert card["ok"], card
    assert card["messages"]["sent"] >= 60
    assert card["messages"]["repeats_sent"] > 0, "no message came twice: nothing was tried"
    assert card["crises"]["expected"] == card["crises"]["card_shown"] > 0
    assert card["milliseconds"]["store_to_first_reply"]["count"] == card["messages"]["conversations"]
    assert card["cases"]["without_owner_or_alarm"] == 0
    with town.database.read() as uow:
        for table in (ConversationRow, CaseRow, IncidentRow):
            assert all(uow.session.scalars(select(table.drill))), f"{table.__tablename__}: not marked"
        assert set(uow.session.scalars(select(OutboxRow.channel))) == {CHANNEL}, "something left for real people"


def test_one_child_is_lost_and_everybody_else_asks_ordinary_things(town: Town) -> None:
    card = run(town, "lost_child")
    assert card["crises"]["expected"] == 1
    assert card["messages"]["conversations"] > 10


# --- a drill on a town that is broken: the scorecard must say so ----------------------------------------------------
def test_a_message_without_an_answer_is_lost(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(without_dialogue, "reply", lambda turn: None)
    card = run(town)
    assert card["messages"]["lost"] > 0
    assert not card["ok"]


def test_a_row_that_vanishes_is_lost(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = conversation.handle

    def forgetful(ports: Any, row: InboxRow, conversation_row: Any) -> None:
        if row.external_id.endswith(":3:0"):
            with ports.database.write() as uow:
                uow.session.delete(uow.session.get(InboxRow, row.id))
            return
        handle(ports, row, conversation_row)

    monkeypatch.setattr(conversation, "handle", forgetful)
    card = run(town)
    assert [name.split(":", 1)[1] for name in card["messages"]["lost_ids"]] == ["3:0"]
    assert not card["ok"]


def test_an_answer_given_twice_is_doubled(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    reply = without_dialogue.reply

    def twice(turn: Any) -> None:
        reply(turn)
        reply(turn)

    monkeypatch.setattr(without_dialogue, "reply", twice)
    card = run(town)
    assert card["messages"]["doubled"] > 0
    assert not card["ok"]


def test_a_cry_that_nobody_hears_is_missed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    class Deaf:
        gazetteer, taxonomy, brain = understander().gazetteer, understander().taxonomy, understander().brain

        def understand(self, *arguments: Any) -> Any:
            seen = understander().understand(*arguments)
            return replace(seen, crisis="none", crisis_kind=None, label="out_of_scope")

    monkeypatch.setattr(town.ports, "understander", Deaf())
    card = run(town)
    assert card["crises"]["missed"] == card["crises"]["expected"] > 0
    assert not card["ok"]


def test_pages_that_do_not_arrive_are_counted_and_every_case_still_ends_with_an_alarm(town: Town) -> None:
    class Refusing:
        def deliver(self, row: OutboxRow, ports: Any, now: datetime) -> None:
            raise DeliveryError("no such telephone", retryable=False)

    card = run(town, transport=Refusing())
    assert card["pages"]["failed"] > 0
    assert card["cases"]["accepted"] == 0
    assert card["milliseconds"]["store_to_alert_handed_over"]["count"] == 0
    assert card["cases"]["coordinators_alarmed"] > 0
    assert card["cases"]["without_owner_or_alarm"] == 0


# --- beside real people -------------------------------------------------------------------------------------------
def _statistics(town: Town) -> dict[str, Any]:
    with town.database.read() as uow:
        desks = uow.desks.all(NOW, telegram=True)
        return {
            "inbox": uow.inbox.waiting(),
            "outbox": uow.outbox.counts(),
            "cases": {status: uow.cases.count(None, [status]) for status in ("open", "accepted", "closed")},
            "queue": [case.id for case in uow.cases.queue(None, ["open", "accepted", "closed"])],
            "open_cases": {one.id: one.open_cases for desk in desks.values() for one in desk.officers},
            "people": sorted(uow.session.scalars(select(StaffRow.id).where(StaffRow.active.is_(True)))),
            "members": {desk: [one.id for one in people] for desk, people in uow.desks.members_by_desk().items()},
        }


def test_in_an_installation_real_cases_and_statistics_stay_as_they_are(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(officers, "DESK_ASLEEP", 0.0)  # here the installation's own worker would escalate
    staffed(town, "stadium_fire")
    citizen = town.citizen()
    citizen.writes("Pasaportum çalındı, Rotterdam'dayım, yarın uçağım var")
    owner = town.officer("Real", "nl-rotterdam-bk")
    town.accept(citizen.case_id, owner)
    before, events = _statistics(town), [event.hash for event in town.events(citizen.case_id)]
    options = Options(messages=20, seed=1, rate=40, speed=60, limit=30)
    card = drill(place_in(town, own=False), scenario.load(FOLDER, "stadium_fire"), options)
    assert card["cases"]["opened"] > 0
    assert card["cases"]["accepted"] > 0
    assert card["pages"]["to_real_people"] == 0
    assert _statistics(town) == before
    assert [event.hash for event in town.events(citizen.case_id)] == events
    with town.database.read() as uow:
        left = uow.session.scalar(select(func.count()).where(CaseRow.drill.is_(True), CaseRow.status != "closed"))
        named = set(uow.session.scalars(select(CaseRow.owner_id).where(CaseRow.drill.is_(True))))
    assert left == 0, "a clock still runs"
    assert not named & set(before["people"]), "a real person is said to have taken a drill's case"


@pytest.mark.parametrize(
    ("address", "channel"), [("people:x:1", "telegram"), ("x:1", CHANNEL)], ids=["asked for", "not asked for"]
)
def test_real_people_are_paged_only_where_it_was_asked_for_and_read_first_that_it_is_a_drill(
    town: Town, address: str, channel: str
) -> None:
    person = town.officer("Real", "de-koln-bk")
    town.citizen(address, channel=CHANNEL).writes("Deprem oldu bina yıkıldı altında kaldık Köln")
    (page,) = town.outbox()
    assert page.channel == channel
    assert page.body["text"].startswith(text("alert.drill", person.language, alert="").strip())


def test_a_copy_has_the_desks_and_nobodys_name_or_address(town: Town, installation: Any) -> None:
    town.officer("Ayşe", "de-koln-bk")
    town.citizen().writes("Evimiz yanıyor, Köln")
    chosen = scenario.load(FOLDER, "earthquake")
    with (
        copied(installation, chosen, "one", DrillClock(NOW), keep=False) as place,
        place.town.ports.database.read() as uow,
    ):
        (person,) = uow.desks.members("de-koln-bk")
        assert place.officers == "installation"
        assert (person.name, person.password_hash) == (f"Drill officer {person.id}", None)
        assert person.telegram_chat == f"drill-{person.id}"
        assert person.email.endswith("@drill.invalid")
        assert uow.session.scalar(select(func.count()).select_from(ConversationRow)) == 0
    assert not (installation.var / "drills" / "one").exists()


# --- the command ---------------------------------------------------------------------------------------------------
@pytest.fixture
def installation(town: Town) -> Any:
    """The settings of a town whose folder has the trained classifier too."""
    for name in ("brain", "search"):
        (town.folder / name).symlink_to(SHARED_VAR / name)
    return town.settings


@pytest.fixture
def bot(installation: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setattr(cli, "load_settings", lambda: installation)
    monkeypatch.setattr(command, "configure_logs", lambda level: None)
    return lambda *arguments: cli.main(["drill", *arguments])


@pytest.mark.slow
def test_an_empty_installation_brings_its_own_officers_and_keeps_nothing(
    bot: Callable[..., int], town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    status = bot("--scenario", "airport_closure", "--messages", "20", "--rate", "60", "--json")
    card = json.loads(capsys.readouterr().out.splitlines()[-1])  # before it stand the logs
    assert status == 0, card
    assert card["where"]["officers"] == "drill"
    assert card["cases"]["opened"] > 0
    with town.database.read() as uow:
        for table in (ConversationRow, CaseRow, InboxRow, OutboxRow):
            assert uow.session.scalar(select(func.count()).select_from(table)) == 0
    assert list((town.folder / "drills").iterdir()) == []


@pytest.mark.parametrize(("ok", "status"), [(True, 0), (False, 1)])
def test_the_exit_status_is_the_verdict(
    bot: Callable[..., int], monkeypatch: pytest.MonkeyPatch, ok: bool, status: int
) -> None:
    monkeypatch.setattr(command, "_happen", lambda *_: {"ok": ok})
    assert bot("--scenario", "earthquake", "--json") == status


def test_the_list_names_every_scenario(bot: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert bot("--list") == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == SCENARIOS
    assert {"earthquake", "stadium_fire", "airport_closure", "lost_child"} <= set(SCENARIOS)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Which scenario"),
        (("--scenario", "flood"), "no scenario 'flood'"),
        (("--scenario", "earthquake", "--page-people"), "needs --here"),
        (("--scenario", "earthquake", "--here", "--clock-speed", "5"), "happens now"),
        (("--scenario", "earthquake", "--at", "tomorrow"), "ISO 8601"),
        (("--scenario", "earthquake", "--here"), "Nobody works at any desk"),
    ],
)
def test_a_mistake_is_a_sentence(
    bot: Callable[..., int], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    assert bot(*arguments) == 2
    assert says in capsys.readouterr().err
