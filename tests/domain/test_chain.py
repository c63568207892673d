"""A case's events cannot be changed, removed or added without the chain showing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.domain.chain import ERASED, Link, broken_at, chained, digest

CASE = 7
START = datetime(2026, 5, 4, 3, 0, tzinfo=UTC)


def _chain(length: int = 5) -> tuple[list[Link], tuple[int, str]]:
    links: list[Link] = []
    previous = ""
    for seq in range(1, length + 1):
        link = Link(seq, "note", START + timedelta(minutes=seq), "staff:1", {"text": f"Not {seq} ğ"}, "")
        previous = chained(previous, CASE, link)
        links.append(replace(link, hash=previous))
    return links, (length, previous)


def test_an_untouched_chain_holds() -> None:
    links, head = _chain()
    assert broken_at(CASE, links, head) is None


@pytest.mark.parametrize(
    ("what", "tamper", "where"),
    [
        ("words changed", lambda links: [*links[:2], replace(links[2], data={"text": "?"}), *links[3:]], 3),
        ("another time", lambda links: [replace(links[0], at=START), *links[1:]], 1),
        ("another actor", lambda links: [*links[:4], replace(links[4], actor="staff:2")], 5),
        ("one removed from the middle", lambda links: [*links[:2], *links[3:]], 3),
        ("the newest removed", lambda links: links[:-1], 5),
        ("one added at the end", lambda links: [*links, replace(links[-1], seq=6)], 6),
        ("two exchanged", lambda links: [links[1], links[0], *links[2:]], 1),
    ],
)  # fmt: skip
def test_tampering_shows_where(what: str, tamper: Callable[[list[Link]], list[Link]], where: int) -> None:
    links, head = _chain()
    assert broken_at(CASE, tamper(links), head) == where, what


def test_a_chain_rewritten_from_the_middle_does_not_fit_the_head() -> None:
    links, head = _chain()
    rewritten = [replace(links[0], data={"text": "nothing happened"})]
    rewritten[0] = replace(rewritten[0], hash=chained("", CASE, rewritten[0]))
    for link in links[1:]:
        rewritten.append(replace(link, hash=chained(rewritten[-1].hash, CASE, link)))
    assert broken_at(CASE, rewritten, head) == 6, "every link fits, but not the head that is recorded apart"


def test_the_same_moment_in_another_zone_is_the_same_event() -> None:
    links, head = _chain()
    moved = [replace(link, at=link.at.astimezone(timezone(timedelta(hours=3)))) for link in links]
    assert broken_at(CASE, moved, head) is None


def test_words_can_be_erased_and_the_chain_still_holds() -> None:
    links, head = _chain()
    links[2] = replace(links[2], data={ERASED: digest(links[2].data)})
    assert broken_at(CASE, links, head) is None


def test_events_from_before_chaining_are_accepted_but_not_among_chained_ones() -> None:
    old = Link(1, "opened", START, "bot", {}, "")
    new = Link(2, "note", START, "bot", {}, "")
    new = replace(new, hash=chained("", CASE, new))
    assert broken_at(CASE, [old, new], (2, new.hash)) is None
    stripped = Link(3, "note", START, "bot", {}, "")
    assert broken_at(CASE, [old, new, stripped], (3, new.hash)) == 3
