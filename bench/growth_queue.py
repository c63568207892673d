"""The console's queue through the real server, for a person who is signed in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import httpx
from sqlalchemy import select

from bench.growth_cases import DESK, add_closed, add_desks, add_open
from bench.growth_pairs import grown
from bench.results import Options, Result
from bot.domain.cases import CaseStatus
from bot.storage.tables import CaseRow
from bot.web.console.queue import PAGE_SIZE
from bot.web.session import SESSION_COOKIE
from tests.harness.clock import WindingClock
from tests.harness.serving import serving
from tests.harness.town import Town

SIZES, AT_MOST, LOOKS = (100, 100_000), 2.0, 12
ROW = re.compile(r'<th scope="row"[^>]*><a href="/console/cases/(\d+)">')


@dataclass(frozen=True)
class Reader:
    """A signed-in browser before one page, and what must stand on it."""

    browser: httpx.Client
    path: str
    first: int  # the case that must stand on top
    rows: int

    def looks(self) -> None:
        """Read the page, or whether it has changed."""
        response = self.browser.get(self.path)
        if response.status_code != 200:
            raise AssertionError(f"{self.path}: {response.status_code}")
        found = [int(number) for number in ROW.findall(response.text)]
        if self.rows and (len(found) != self.rows or found[0] != self.first):
            raise AssertionError(f"{self.path} shows {len(found)} cases, first {found[:1]}, not {self.first}")


def measure(options: Options) -> Sequence[Result]:
    """Nearly all cases closed, as after years; all of them open; and the list of closed ones.

    Every page is full at both sizes: after years the officer is at all desks, else at one that has half of the cases.
    """
    with ExitStack() as stack:
        years = [_town(options, "closed", min(size // 2, 1000), size, stack) for size in SIZES]
        crowd = [_town(options, "open", size, size, stack) for size in SIZES]
        kinds = (
            ("queue page, most cases closed, an officer", years, "Officer", "/console/cases", CaseStatus.OPEN),
            ("queue page, all cases open, an officer", crowd, "Officer", "/console/cases", CaseStatus.OPEN),
            ("queue page, all cases open, a coordinator", crowd, "Coordinator", "/console/cases", CaseStatus.OPEN),
            ("page of closed cases", years, "Coordinator", "/console/cases?tab=closed", CaseStatus.CLOSED),
            ("whether a queue page is out of date", crowd, "Coordinator", "/console/cases/pulse?since=1-x", ""),
        )  # fmt: skip
        results = []
        for name, towns, person, path, status in kinds:
            readers = [_reader(*place, person, path, status, stack) for place in towns]
            small, large = ([partial(reader.looks)] * LOOKS for reader in readers)
            called = [f"{size:,} cases" for size in SIZES]
            results.append(grown(name, AT_MOST, (called[0], small), (called[1], large), options))
        return results


def _town(options: Options, name: str, still_open: int, size: int, stack: ExitStack) -> tuple[Town, str]:
    folder = options.folder / f"queue-{name}-{size}"
    town = Town(folder, options.folder / "template", clock=WindingClock(datetime.now(UTC)))
    stack.callback(town.database.close)
    town.coordinator()
    officer = town.officer("Officer", DESK)
    add_desks(town)
    if name == "closed":
        with town.database.write() as uow:
            for desk in uow.desks.rows():
                uow.desks.assign(desk.id, officer.id)
    if size > still_open:
        add_closed(town, size - still_open, town.clock())
    add_open(town, still_open, town.clock())
    return town, stack.enter_context(serving(town))


def _reader(town: Town, url: str, person: str, path: str, status: str, stack: ExitStack) -> Reader:
    """What must stand on top is found the long way: every case is looked at."""
    with town.database.write() as uow:
        staff = uow.staff.by_email(f"{person}@town.test".lower())
        assert staff is not None
        secret = uow.staff.open_session(staff.id, town.clock())
        wanted = select(CaseRow.id, CaseRow.severity, CaseRow.opened_at, CaseRow.closed_at)
        wanted = wanted.where(CaseRow.status == status)
        if person == "Officer":
            wanted = wanted.where(CaseRow.desk_id.in_(uow.desks.of_staff(staff.id)))
        cases = uow.session.execute(wanted).all()
    worst = ("life", "urgent", "normal")
    if status == CaseStatus.CLOSED:
        cases.sort(key=lambda case: (case.closed_at, case.id), reverse=True)
    else:
        cases.sort(key=lambda case: (worst.index(case.severity), case.opened_at, case.id))
    browser = stack.enter_context(httpx.Client(base_url=url, trust_env=False, timeout=60))
    browser.headers["cookie"] = f"{SESSION_COOKIE}={secret}"
    return Reader(browser, path, cases[0].id if cases else 0, min(PAGE_SIZE, len(cases)))
