"""Handing a case on, and letting it rest, from its page."""

from __future__ import annotations

import pytest

from tests.web.conftest import Console
from tests.web.test_console_cases import accept, reply


def test_an_owner_hands_a_case_to_another_desk_from_its_page(console: Console) -> None:
    browser = console.officer("Ayşe")
    case = console.case()
    accept(browser, case)
    with console.town.database.write() as uow:
        uow.desks.put("de-berlin-be", kind="embassy", name="", country="DE", timezone="Europe/Berlin")
    page = browser.get(f"/console/cases/{case.id}")
    answer = browser.submit(page, f"/console/cases/{case.id}/transfer", desk="de-berlin-be", transfer_note="dringend")
    assert answer.status_code in (200, 303)
    assert console.town.case(case.id).desk_id == "de-berlin-be"


def test_a_case_rests_from_its_page_and_only_for_the_times_on_offer(console: Console) -> None:
    browser = console.officer("Ayşe")
    case = console.case("passport_lost_travel")
    accept(browser, case)
    refused = browser.submit(
        browser.get(f"/console/cases/{case.id}"), f"/console/cases/{case.id}/snooze", minutes="120"
    )
    assert "Write to the citizen first." in refused.text
    reply(browser, case, "Ich melde mich heute Nachmittag.")
    page = browser.get(f"/console/cases/{case.id}")
    browser.submit(page, f"/console/cases/{case.id}/snooze", minutes="99999999999")
    assert console.town.case(case.id).snoozed_until is None
    browser.submit(page, f"/console/cases/{case.id}/snooze", minutes="120")
    assert console.town.case(case.id).snoozed_until is not None
    assert "lets it rest until" in browser.reads(f"/console/cases/{case.id}")


@pytest.mark.parametrize("owner", ["9" * 30, "9" * 5_000, "²", "-1"])
def test_an_owner_that_nobody_can_be_is_no_server_error(console: Console, owner: str) -> None:
    case = console.case()
    assert console.coordinator().sends(f"/console/cases/{case.id}/take-over", owner=owner).status_code in (303, 409)
