"""The worker's looks at the cases, with a thousand and with a million closed ones behind them."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import func, select

from bench.growth_cases import DESK, KOLN, add_closed
from bench.growth_pairs import Work, grown
from bench.results import Options, Result
from bot.domain.cases import CaseStatus, EventKind
from bot.domain.taxonomy import Severity
from bot.services import cases
from bot.services.broadcasts import finish
from bot.services.escalation import sweep
from bot.services.shift_end import shift_ends
from bot.services.watch import watch
from bot.storage.tables import CaseRow
from tests.harness.clock import WindingClock
from tests.harness.town import Town

CLOSED, AT_MOST = (1_000, 1_000_000), 1.5
OPEN, ACCEPTED, LOOKS, DUE = 60, 20, 40, 15


def measure(options: Options) -> Sequence[Result]:
    """A look at which nothing is due, one at which one case is, and the rarer looks."""
    sizes = (CLOSED[0], CLOSED[1] // 10) if options.quick else CLOSED
    towns = [_town(options, size) for size in sizes]
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))  # alarms are wanted here
    try:
        called = [f"{size:,} closed cases" for size in sizes]

        def both(name: str, works: list[Sequence[Work]]) -> Result:
            return grown(name, AT_MOST, (called[0], works[0]), (called[1], works[1]), options)

        return [
            both("sweep, nothing due", [[partial(_idle, town)] * LOOKS for town in towns]),
            both("sweep, one case due", [[partial(_one_due, town)] * DUE for town in towns]),
            both("watch, shift ends, broadcasts", [[partial(_rarer, town)] * LOOKS for town in towns]),
        ]
    finally:
        structlog.configure(**before)
        for town in towns:
            town.database.close()
            shutil.rmtree(town.folder)  # nearly a gigabyte, and other sections come after this one


def _town(options: Options, closed: int) -> Town:
    """As many open and accepted cases at both sizes, opened by the service itself an hour ago."""
    folder = options.folder / f"sweep-{closed}"
    town = Town(folder, options.folder / "template", clock=WindingClock(datetime.now(UTC) - timedelta(hours=1)))
    town.coordinator()
    officer = town.officer("Officer", DESK)
    add_closed(town, closed, town.clock())
    for number in range(OPEN):
        now = town.clock()
        with town.database.write() as uow:
            talk = uow.conversations.create(f"web:{number}", "web", str(number), "de", now)
            talk.location = KOLN
            case = cases.open_case(uow, town.ports, talk, "passport_lost_travel", Severity.NORMAL, now).case
            case.due_at = now + timedelta(days=30)
        if number < ACCEPTED:
            town.accept(case.id, officer)
            town.reply(case.id, officer, "Wir kümmern uns.")
    town.clock.forward(hours=1)
    return town


def _idle(town: Town) -> None:
    if sweep(town.ports):
        raise AssertionError("a case was moved that was not due")


def _one_due(town: Town) -> float:
    """Exactly the case that is due moves: to the coordinators, for its desk has not answered. The sweep's own time."""
    now = town.clock()
    with town.database.write() as uow:
        wanted = select(CaseRow).where(CaseRow.status == CaseStatus.OPEN).order_by(CaseRow.due_at.desc()).limit(1)
        (case,) = uow.session.scalars(wanted)
        case.due_at = now
    began = time.perf_counter()
    moved = sweep(town.ports)
    took = (time.perf_counter() - began) * 1000
    with town.database.read() as uow:
        due = uow.session.scalar(select(func.count()).where(CaseRow.status == CaseStatus.OPEN, CaseRow.due_at <= now))
        kinds = [event.kind for event in uow.cases.events(case.id) if event.at == now]
    if moved != 1 or due or EventKind.COORDINATORS_ALARMED not in kinds:
        raise AssertionError(f"{moved} cases moved, {due} are still due, and case {case.id} says {kinds}")
    return took


def _rarer(town: Town) -> None:
    found = watch(town.ports), shift_ends(town.ports), finish(town.ports)
    if found != ([], 0, False):
        raise AssertionError(f"there was nothing to find: {found}")
