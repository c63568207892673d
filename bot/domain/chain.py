"""A case's events as a chain: each one's hash covers its content and the hash before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

ERASED = "erased"  # what stands in an event's data after a person's words were erased: {"erased": digest}


@dataclass(frozen=True)
class Link:
    """One event as it is chained."""

    seq: int
    kind: str
    at: datetime
    actor: str
    data: Mapping[str, Any]
    hash: str


def digest(data: Mapping[str, Any]) -> str:
    """The fingerprint of an event's data; it outlives their erasure, so that the chain still holds."""
    if set(data) == {ERASED}:
        return str(data[ERASED])
    plain = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def chained(previous: str, case_id: int, link: Link) -> str:
    """The hash that belongs to an event which follows `previous` ("" for the first)."""
    moment = link.at.astimezone(UTC).isoformat(timespec="microseconds")
    content = [previous, case_id, link.seq, str(link.kind), moment, link.actor, digest(link.data)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def broken_at(case_id: int, links: Iterable[Link], head: tuple[int, str] | None) -> int | None:
    """The number of the first event that was changed, removed or added by hand; None if the chain holds.

    `head` is (seq, hash) of the newest event, recorded apart. Events from before chaining have no hash.
    """
    previous, expected = "", 1
    for link in links:
        if link.seq != expected:
            return expected
        if (link.hash or previous) and link.hash != chained(previous, case_id, link):
            return link.seq
        previous, expected = link.hash, link.seq + 1
    if head is not None and head != (expected - 1, previous):
        return expected
    return None
