"""Own rules: what is refused and why, and that they change exactly what they name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.accounts import KEPT, PERMISSIONS, Permission, Role, may, sees_every_desk
from bot.domain.policies import (
    QUESTION,
    STEPS,
    Policies,
    PolicyError,
    apply,
    chain_of,
    clock_of,
    clock_texts,
    duration_in_order,
    loop_in,
    permissions,
    policies_of,
    role_of,
)
from bot.domain.taxonomy import DeskKind, Severity
from tests.harness.facts import TAXONOMY

DESKS = {"home-demo", "de-koln-bk"}


@pytest.mark.parametrize(
    ("what", "steps", "code"),
    [
        ("no desk at all", [], "chain_empty"),
        ("a desk that nobody knows", ["consulate", "home-nowhere"], "desk_unknown"),
        ("the coordinators, who are always last", ["coordination", "consulate"], "chain_step_last"),
        ("the call centre, which is a number", ["national_line"], "chain_step_last"),
        ("one desk twice", ["consulate", "home-demo", "consulate"], "chain_step_twice"),
        ("too many", [f"d{number}" for number in range(13)], "chain_too_long"),
    ],
)
def test_a_chain_is_refused_for(what: str, steps: list[str], code: str) -> None:
    with pytest.raises(PolicyError) as refused:
        chain_of(steps, DESKS)
    assert refused.value.code == code, what


def test_a_chain_holds_kinds_and_desks() -> None:
    assert chain_of(["consulate", "home-demo"], DESKS) == (DeskKind.CONSULATE, "home-demo")
    assert isinstance(chain_of(["consulate"], DESKS)[0], DeskKind)


@pytest.mark.parametrize(
    ("what", "severity", "text", "code"),
    [
        ("no unit", Severity.LIFE, "2", "clock_unreadable"),
        ("nothing", Severity.NORMAL, "", "clock_unreadable"),
        ("less than nothing", Severity.LIFE, "-1m", "clock_unreadable"),
        ("zero minutes", Severity.LIFE, "0m", "clock_zero"),
        ("zero working days", Severity.NORMAL, "0 working days", "clock_zero"),
        ("six minutes with danger to life", Severity.LIFE, "6m", "clock_too_long_life"),
        ("a working day with danger to life", Severity.LIFE, "1 working day", "clock_too_long_life"),
        ("61 minutes when it is urgent", Severity.URGENT, "61m", "clock_too_long_urgent"),
        ("four working days", Severity.NORMAL, "4 working days", "clock_too_long_normal"),
        ("73 hours", Severity.NORMAL, "73h", "clock_too_long_normal"),
    ],
)
def test_a_clock_is_refused_for(what: str, severity: Severity, text: str, code: str) -> None:
    for pair in ((text, "1m"), ("1m", text)):
        with pytest.raises(PolicyError) as refused:
            clock_of(severity, *pair)
        assert refused.value.code == code, what


def test_a_clock_at_its_bound_is_taken() -> None:
    assert clock_of(Severity.LIFE, "5m", "1m").acknowledge_within == timedelta(minutes=5)
    assert clock_of(Severity.URGENT, "1h", "60m").acknowledge_within == timedelta(hours=1)
    rule = clock_of(Severity.NORMAL, "3 Working  Days", "1 working day")
    assert (rule.acknowledge_within, rule.acknowledge_days, rule.escalate_days) == (None, 3, 1)


@given(st.integers(1, 3), st.integers(1, 60))
def test_what_is_written_of_a_clock_is_read_as_the_same_clock(days: int, minutes: int) -> None:
    rule = clock_of(Severity.NORMAL, f"{days} working days", f"{minutes}m")
    assert clock_of(Severity.NORMAL, *clock_texts(rule)) == rule
    assert duration_in_order(duration_in_order(f"{minutes} m")) == duration_in_order(f"{minutes}m")


@pytest.mark.parametrize(
    ("what", "role", "names", "code"),
    [
        ("a coordinator who cannot change the rules back", Role.COORDINATOR,
         [one for one in Permission if one is not Permission.MANAGE_PEOPLE], "permission_kept"),
        ("an officer who is alerted and cannot accept", Role.OFFICER, ["see_cases"], "permission_kept"),
        ("a permission that does not exist", Role.OFFICER, ["see_cases", "handle_cases", "fly"], "permission_unknown"),
        ("writing what one cannot read", Role.OFFICER, ["see_cases", "handle_cases", "edit_content"],
         "permission_needs"),
    ],
)  # fmt: skip
def test_a_role_is_refused_for(what: str, role: Role, names: list[str], code: str) -> None:
    with pytest.raises(PolicyError) as refused:
        role_of(role, names)
    assert refused.value.code == code, what


@pytest.mark.parametrize(
    ("what", "desks", "loop"),
    [
        ("a line", {"a": "b", "b": "c"}, ()),
        ("two that follow each other", {"a": "b", "b": "a"}, ("a", "b", "a")),
        ("a desk behind itself", {"a": "a"}, ("a", "a")),
        ("a loop further on", {"a": "b", "b": "c", "c": "b"}, ("b", "c", "b")),
        ("nothing", {}, ()),
    ],
)
def test_a_loop_is_named(what: str, desks: dict[str, str], loop: tuple[str, ...]) -> None:
    assert loop_in(desks) == loop, what


def test_rules_change_what_they_name_and_nothing_else() -> None:
    own, unreadable = policies_of({
        "chain:accident": {"desks": ["home-demo"]},
        "chain:marriage": {"desks": ["home_city"]},
        f"chain:{QUESTION}": {"desks": ["embassy"]},
        "clock:life": {"acknowledge_within": "1m", "escalate_every": "90 s"},
        "clock:urgent": {"acknowledge_within": "5m", "escalate_every": "10m"},
        "role:officer": {"may": ["see_cases", "handle_cases", "see_all_desks"]},
        "chain:housing": "broken by hand",
        "weather:tomorrow": {},
    })  # fmt: skip
    assert unreadable == ("clock:life", "chain:housing", "weather:tomorrow"), "those stay as shipped"
    taxonomy = apply(TAXONOMY, own)
    changed = {
        label for label in (*TAXONOMY.labels, QUESTION) if taxonomy.desks_for(label) != TAXONOMY.desks_for(label)
    }
    assert changed == {"accident", "marriage", QUESTION, *TAXONOMY.acts}
    assert taxonomy.severities[Severity.LIFE] == TAXONOMY.severities[Severity.LIFE]
    assert taxonomy.severities[Severity.URGENT].escalate_every == timedelta(minutes=10)
    table = permissions(own)
    assert sees_every_desk(Role.OFFICER, table)
    assert not sees_every_desk(Role.OFFICER)
    assert table[Role.COORDINATOR] == PERMISSIONS[Role.COORDINATOR]


def test_no_rules_change_nothing() -> None:
    assert apply(TAXONOMY, Policies()) == TAXONOMY


@given(st.sampled_from(Role), st.sets(st.sampled_from(Permission)))
def test_whatever_is_taken_away_somebody_can_accept_and_change_it_back(role: Role, names: set[Permission]) -> None:
    try:
        table = permissions(Policies(roles={role: role_of(role, names)}))
    except PolicyError:
        return
    assert may(Role.COORDINATOR, Permission.MANAGE_PEOPLE, table)
    assert all(KEPT[one] <= table[one] for one in Role)


def test_the_steps_of_a_chain_are_all_kinds_that_have_desks() -> None:
    assert set(STEPS) == {*DeskKind} - {DeskKind.COORDINATION, DeskKind.NATIONAL_LINE}
