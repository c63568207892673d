"""The pages of the queue together: every case once, in order, for whoever looks."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.domain.cases import CaseStatus
from bot.storage.tables import CaseRow
from bot.web.console import cases as cases_page
from bot.web.console import queue
from tests.web.conftest import Browser, Console

KOLN = "de-koln-bk"
# severity, status, desk; opened one after the other
CASES = [
    (severity, status, desk)
    for _ in range(3)
    for severity in ("normal", "urgent", "life", "a word that nobody knows")
    for status in (CaseStatus.ACCEPTED, CaseStatus.OPEN)
    for desk in (KOLN, "coordination")
]
ORDER = ("life", "urgent", "normal", "a word that nobody knows")


@pytest.fixture
def numbers(console: Console, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """(case, desk) in the order in which they must stand, on pages of four."""
    for module in (queue, cases_page):
        monkeypatch.setattr(module, "PAGE_SIZE", 4)
    now, rows = console.ports.clock(), []
    with console.ports.database.write() as uow:
        talk = uow.conversations.create("web:x", "web", "x", "de", now)
        for number, (severity, status, desk) in enumerate(CASES):
            at = now - timedelta(hours=1) + timedelta(seconds=number // 2 * 2)  # some at the same moment
            row = CaseRow(
                conversation_id=talk.id, label="arrest_detention", severity=severity, language="de", desk_id=desk,
                status=status, opened_at=at,
            )  # fmt: skip
            rows.append(uow.cases.add(row))
    rows.sort(key=lambda row: (row.status != CaseStatus.OPEN, ORDER.index(row.severity), row.opened_at, row.id))
    return [(row.id, row.desk_id) for row in rows]


def pages(browser: Browser) -> list[int]:
    found: list[int] = []
    for number in range(1, 20):
        html = browser.get(f"/console/cases?number={number}").text
        found += map(int, re.findall(r'<th scope="row"[^>]*><a href="/console/cases/(\d+)"', html))
        if 'rel="next"' not in html:
            return found
    raise AssertionError("the queue has no end")


def test_a_coordinator_finds_every_case_once_and_in_order(console: Console, numbers: list[tuple[int, str]]) -> None:
    _remove_unknown(console)
    known = [number for number, _ in numbers if _exists(console, number)]
    assert len(known) > 4
    assert pages(console.coordinator()) == known


def test_a_case_of_a_severity_that_nobody_knows_comes_last_but_comes(
    console: Console, numbers: list[tuple[int, str]]
) -> None:
    del numbers
    with console.ports.database.read() as uow:
        page = _Sees()
        found = [row for number in range(1, 14) for row in queue.listed(page, uow, False, number).rows]  # type: ignore[arg-type]
    waiting = [row.severity for row in found if row.status == CaseStatus.OPEN]
    assert len(found) == len(CASES)
    assert waiting[-6:] == ["a word that nobody knows"] * 6


def test_an_officer_finds_the_cases_of_their_desk(console: Console, numbers: list[tuple[int, str]]) -> None:
    _remove_unknown(console)
    own = [number for number, desk in numbers if desk == KOLN and _exists(console, number)]
    assert pages(console.officer("Ayşe", KOLN)) == own


def test_each_page_has_a_pulse_of_its_own(console: Console, numbers: list[tuple[int, str]]) -> None:
    _remove_unknown(console)
    browser = console.coordinator()
    second = browser.get("/console/cases?number=2").text
    print_now = re.search(r'data-print="([^"]+)"', second)
    assert print_now
    since = f"/console/cases/pulse?since={print_now[1]}"
    assert not browser.get(since).json()["changed"]
    left = [number for number, _ in numbers if _exists(console, number)]
    with console.ports.database.write() as uow:
        uow.cases.get(left[5]).desk_id = "somewhere else"
    assert browser.get(since).json()["changed"], "a case of this page has moved"


@pytest.mark.parametrize("since", ["", "-", "x-y", "0-x", "99999999999-x", "²-x", "7"])
def test_a_pulse_of_no_page_of_ours_means_look_again(console: Console, since: str) -> None:
    assert console.coordinator().get("/console/cases/pulse", params={"since": since}).json()["changed"]


class _Sees:
    sees_everything = True


def _exists(console: Console, number: int) -> bool:
    with console.ports.database.read() as uow:
        return uow.session.get(CaseRow, number) is not None


def _remove_unknown(console: Console) -> None:
    """Pages have no sentence for such a severity."""
    with console.ports.database.write() as uow:
        for number in range(1, len(CASES) + 1):
            row = uow.cases.get(number)
            if row.severity not in ORDER[:3]:
                uow.session.delete(row)
