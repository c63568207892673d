"""A municipality's own chains and clocks hold for citizens, at once and without a restart."""

from __future__ import annotations

from typing import Any

from bot.domain.cases import EventKind
from bot.domain.policies import Policies
from bot.i18n.catalogues import text
from bot.services.knowledge import CHECK_EVERY, Knowledge
from bot.services.policies import put
from bot.services.routing import explain, replay, step_to_dict
from tests.harness.facts import DIRECTORY, TAXONOMY
from tests.harness.town import SHARED_VAR, Town, understander

KOLN = "de-koln-bk"
CRY = "Pasaportum çalındı, Köln'deyim, yarın uçağım var"
KIND = "passport_lost_travel"


def rule(town: Town, key: str, value: dict[str, Any] | None) -> None:
    with town.database.write() as uow:
        put(uow, key, value, None, town.clock())
    town.ports.knowledge.refresh()


def home_desk(town: Town) -> None:
    with town.database.write() as uow:
        uow.desks.put("home-demo", kind="home_city", name="Demo home city", timezone="Europe/Istanbul")
    town.officer("Zeynep", "home-demo")


def test_a_desk_that_a_chain_names_gets_the_case_and_the_reason_says_why(town: Town) -> None:
    town.officer("Ayşe", KOLN)
    home_desk(town)
    rule(town, f"chain:{KIND}", {"desks": ["home-demo", "consulate"]})
    citizen = town.citizen()
    citizen.writes(CRY)
    assert town.case(citizen.case_id).desk_id == "home-demo"
    routed = next(event for event in town.events(citizen.case_id) if event.kind == EventKind.ROUTED)
    assert [step["desk"] for step in routed.data["chain"]] == ["home-demo", KOLN, "coordination"]
    assert explain(routed.data["chain"][0], "en").startswith(text("reason.own_rule", "en"))


def test_the_next_desk_of_a_desk_stands_behind_it(town: Town) -> None:
    town.officer("Ayşe", KOLN)
    home_desk(town)
    rule(town, f"next:{KOLN}", {"desk": "home-demo"})
    citizen = town.citizen()
    citizen.writes(CRY)
    routed = next(event for event in town.events(citizen.case_id) if event.kind == EventKind.ROUTED)
    assert [step["desk"] for step in routed.data["chain"]][:2] == [KOLN, "home-demo"]
    town.pass_time(minutes=16)
    assert town.case(citizen.case_id).desk_id == "home-demo"


def test_a_loop_that_somebody_wrote_by_hand_ends(town: Town) -> None:
    town.officer("Ayşe", KOLN)
    home_desk(town)
    town.coordinator()
    rule(town, f"next:{KOLN}", {"desk": "home-demo"})
    rule(town, "next:home-demo", {"desk": KOLN})
    citizen = town.citizen()
    citizen.writes(CRY)
    for _ in range(3):
        town.pass_time(minutes=16)
    assert town.case(citizen.case_id).desk_id == "coordination"


def test_an_old_case_is_decided_again_by_the_rules_of_then(town: Town) -> None:
    town.officer("Ayşe", KOLN)
    home_desk(town)
    rule(town, f"chain:{KIND}", {"desks": ["home-demo", "consulate"]})
    rule(town, f"next:{KOLN}", {"desk": "ir-tahran-be"})
    citizen = town.citizen()
    citizen.writes(CRY)
    rule(town, f"chain:{KIND}", None)
    rule(town, f"next:{KOLN}", None)
    routed = next(event for event in town.events(citizen.case_id) if event.kind == EventKind.ROUTED)
    again = replay(routed.data["inputs"], town.ports.knowledge.taxonomy, DIRECTORY)
    assert [step_to_dict(step) for step in again.steps] == routed.data["chain"]
    assert again.desk_id == "home-demo"
    before_rules = {key: value for key, value in routed.data["inputs"].items() if key not in ("kinds", "next_desks")}
    assert replay(before_rules, TAXONOMY, DIRECTORY).steps[0].candidate.desk_id == KOLN, "events from before"


def test_a_clock_set_to_one_minute_escalates_after_one_minute(town: Town) -> None:
    town.officer("Ayşe", KOLN)
    home_desk(town)
    rule(town, "clock:urgent", {"acknowledge_within": "1m", "escalate_every": "1m"})
    citizen = town.citizen()
    citizen.writes(CRY)
    town.pass_time(seconds=59)
    assert town.case(citizen.case_id).desk_id == KOLN
    town.pass_time(seconds=2)
    assert town.case(citizen.case_id).desk_id != KOLN


def test_another_process_has_a_new_rule_within_five_seconds_and_the_shipped_one_back(town: Town) -> None:
    other = Knowledge(town.database, understander().taxonomy, SHARED_VAR / "search")
    assert other.taxonomy == TAXONOMY
    for value, desks in (({"desks": ["embassy"]}, ("embassy",)), (None, TAXONOMY.desks_for("accident"))):
        rule(town, "chain:accident", value)
        assert town.ports.knowledge.taxonomy.desks_for("accident") == desks, "this one at once"
        assert CHECK_EVERY < 5
        other._checked -= 5  # five seconds later
        assert other.taxonomy.desks_for("accident") == desks


def test_while_the_database_was_never_there_the_shipped_rules_hold(town: Town) -> None:
    class Away:
        def read(self) -> None:
            raise OSError("away")

    knowledge = Knowledge(Away(), TAXONOMY, SHARED_VAR / "search")  # type: ignore[arg-type]
    assert knowledge.taxonomy == TAXONOMY
    assert knowledge._rules[1] == Policies()


def test_a_rule_that_nobody_can_read_leaves_the_shipped_one(town: Town) -> None:
    rule(town, "clock:life", {"acknowledge_within": "never", "escalate_every": "1m"})
    assert town.ports.knowledge.taxonomy == TAXONOMY
