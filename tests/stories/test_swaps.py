"""One asks, another agrees, and the plan changes in the same moment: once, whoever clicks how often."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.domain.rosters import Absence, Override, Roster
from bot.services import swaps
from bot.services.swaps import SwapError, state_of
from bot.storage.tables_duty import SwapRow
from bot.storage.tables_staff import StaffRow
from tests.harness.town import Town

KOLN = "de-koln-bk"
SHIFT = (datetime(2026, 11, 25, 7, tzinfo=UTC), datetime(2026, 11, 25, 17, tzinfo=UTC))  # Wednesday, 8 to 18 in Köln
Crew = tuple[StaffRow, StaffRow, StaffRow]


@pytest.fixture
def crew(town: Town) -> Crew:
    """Ayşe has every day from 8 to 18; Burak and Can are at the same desk and in no roster."""
    people = (town.officer("Ayşe", KOLN), town.officer("Burak", KOLN), town.officer("Can", KOLN))
    with town.database.write() as uow:
        day = Roster(0, KOLN, "Day", "mon-sun 08:00-18:00", date(2026, 11, 1), 0, time(8), (people[0].id,))
        uow.duty.add_roster(day)
    return people


def ask(
    town: Town, staff: StaffRow, of: StaffRow, span: tuple[datetime, datetime] = SHIFT, desk: str = KOLN
) -> SwapRow:
    with town.database.write() as uow:
        return swaps.ask(uow, town.ports, uow.staff.get(staff.id), desk, of.id, span, town.clock())


def act(town: Town, what: str, swap: SwapRow, staff: StaffRow) -> SwapRow:
    with town.database.write() as uow:
        return getattr(swaps, what)(uow, town.ports, swap.id, uow.staff.get(staff.id), town.clock())


def on_duty(town: Town, at: datetime) -> set[str]:
    with town.database.read() as uow:
        return {one.name for one in uow.desks.all(at, telegram=True)[KOLN].officers if one.on_duty}


def told(town: Town, staff: StaffRow) -> list[str]:
    return [row.dedup_key.split(":")[0] for row in town.outbox() if row.address == staff.telegram_chat]


def test_a_colleague_is_asked_agrees_and_has_the_shift(town: Town, crew: Crew) -> None:
    ayse, burak, _ = crew
    swap = ask(town, ayse, burak)
    assert ask(town, ayse, burak).id == swap.id, "a double click asks once"
    assert told(town, burak) == ["alert.swap_asked"]
    assert on_duty(town, SHIFT[0]) == {"Ayşe"}, "asked is not yet agreed"
    act(town, "agree", swap, burak)
    act(town, "agree", swap, burak)
    assert told(town, ayse) == ["alert.swap_agreed"]
    assert on_duty(town, SHIFT[0]) == {"Burak"}
    assert on_duty(town, SHIFT[0] + timedelta(days=1)) == {"Ayşe"}
    with town.database.read() as uow:
        (override,) = uow.duty.overrides(*SHIFT, KOLN)
    assert (override.staff_id, override.instead_of) == (burak.id, ayse.id)


def test_only_part_of_a_shift_can_be_given_away(town: Town, crew: Crew) -> None:
    noon = SHIFT[0] + timedelta(hours=4)
    act(town, "agree", ask(town, crew[0], crew[1], (SHIFT[0], noon)), crew[1])
    assert (on_duty(town, SHIFT[0]), on_duty(town, noon)) == ({"Burak"}, {"Ayşe"})


@pytest.mark.parametrize(("answer", "by", "says"), [("decline", 1, "declined"), ("withdraw", 0, "withdrawn")])
def test_a_request_that_ends_without_an_agreement_changes_no_plan(
    town: Town, crew: Crew, answer: str, by: int, says: str
) -> None:
    swap = ask(town, crew[0], crew[1])
    act(town, answer, swap, crew[by])
    with pytest.raises(SwapError, match=f"swap_was_{says}"):
        act(town, "agree", swap, crew[1])
    assert on_duty(town, SHIFT[0]) == {"Ayşe"}
    assert f"alert.swap_{says}" in told(town, crew[1 - by])


def test_nobody_answers_for_somebody_else(town: Town, crew: Crew) -> None:
    swap = ask(town, crew[0], crew[1])
    for what, person in (("agree", crew[2]), ("agree", crew[0]), ("decline", crew[0]), ("withdraw", crew[1])):
        with pytest.raises(LookupError):
            act(town, what, swap, person)


def test_a_request_ends_when_the_shift_begins(town: Town, crew: Crew) -> None:
    swap = ask(town, crew[0], crew[1])
    town.pass_time(seconds=(SHIFT[0] - town.clock()).total_seconds())
    assert state_of(swap, town.clock()) == "expired"
    with pytest.raises(SwapError, match="swap_expired"):
        act(town, "agree", swap, crew[1])
    with pytest.raises(SwapError, match="swap_expired"):
        ask(town, crew[0], crew[2])


def elsewhere(town: Town, staff: StaffRow) -> None:
    town.officer("Emine", "de-berlin-be")
    with town.database.write() as uow:
        uow.desks.assign("de-berlin-be", staff.id)
        uow.duty.add_override(Override("de-berlin-be", staff.id, None, *SHIFT))


def away(town: Town, staff: StaffRow) -> None:
    with town.database.write() as uow:
        uow.duty.add_absence(Absence(staff.id, SHIFT[0] + timedelta(hours=9), SHIFT[1] + timedelta(days=1)))


def already_on(town: Town, staff: StaffRow) -> None:
    with town.database.write() as uow:
        uow.duty.add_override(Override(KOLN, staff.id, None, *SHIFT))


def gone(town: Town, staff: StaffRow) -> None:
    with town.database.write() as uow:
        uow.desks.unassign(KOLN, staff.id)


CONFLICTS = [
    ("away for the last hour", away, "swap_away"),
    ("on duty at another desk", elsewhere, "swap_on_duty"),
    ("on duty at this desk already", already_on, "swap_on_duty"),
    ("no longer at this desk", gone, "swap_not_colleague"),
]


@pytest.mark.parametrize("agreed_later", [False, True], ids=["when asked", "when it comes to agreeing"])
@pytest.mark.parametrize(("label", "conflict", "code"), CONFLICTS, ids=[row[0] for row in CONFLICTS])
def test_a_colleague_who_cannot_is_not_put_on_duty(
    town: Town, crew: Crew, label: str, conflict: object, code: str, agreed_later: bool
) -> None:
    assert callable(conflict)
    if not agreed_later:
        conflict(town, crew[1])
        with pytest.raises(SwapError, match=code):
            ask(town, crew[0], crew[1])
        return
    swap = ask(town, crew[0], crew[1])
    conflict(town, crew[1])
    before = on_duty(town, SHIFT[0])
    with pytest.raises(SwapError, match=code):
        act(town, "agree", swap, crew[1])
    assert on_duty(town, SHIFT[0]) == before
    with town.database.read() as uow:
        assert uow.swaps.get(swap.id).state == "asked", "nothing was half done"


def test_who_has_all_the_cases_they_can_take_is_not_asked_for_the_coming_hours(town: Town, crew: Crew) -> None:
    citizen = town.citizen()
    citizen.writes("Pasaportum çalındı, Köln'deyim, yarın uçağım var")
    with town.database.write() as uow:
        uow.staff.get(crew[1].id).capacity = 1
    town.accept(citizen.case_id, crew[1])
    today = (town.clock() + timedelta(hours=1), town.clock() + timedelta(hours=3))
    with pytest.raises(SwapError, match="swap_full"):
        ask(town, crew[0], crew[1], today)
    assert ask(town, crew[0], crew[1]).state == "asked", "on Wednesday this says nothing"


@pytest.mark.parametrize(
    ("label", "start", "end", "code"),
    [
        ("past the end of the shift", 0, 11, "swap_not_yours"),
        ("a night that is nobody's", 12, 14, "swap_not_yours"),
        ("backwards", 5, 4, "ends_before_start"),
    ],
)
def test_only_ones_own_duty_can_be_given_away(
    town: Town, crew: Crew, label: str, start: int, end: int, code: str
) -> None:
    span = (SHIFT[0] + timedelta(hours=start), SHIFT[0] + timedelta(hours=end))
    with pytest.raises(SwapError, match=code):
        ask(town, crew[0], crew[1], span)
    with pytest.raises(SwapError, match="swap_not_yours"):
        ask(town, crew[1], crew[2])
    with pytest.raises(SwapError, match="swap_not_colleague"):
        ask(town, crew[0], crew[0])


def test_of_two_colleagues_who_agree_at_once_one_has_the_shift(town: Town, crew: Crew) -> None:
    asked = [(ask(town, crew[0], colleague), colleague) for colleague in crew[1:]]
    barrier, outcomes = threading.Barrier(2), []

    def agree(swap: SwapRow, staff: StaffRow) -> None:
        barrier.wait(timeout=5)
        try:
            act(town, "agree", swap, staff)
            outcomes.append("agreed")
        except SwapError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=agree, args=one) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert sorted(outcomes) == ["agreed", "swap_not_yours"]
    assert len(on_duty(town, SHIFT[0])) == 1
    with town.database.read() as uow:
        assert len(uow.duty.overrides(*SHIFT, KOLN)) == 1
