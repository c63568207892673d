"""Drills: exercises on the real path, kept apart from real people by their channel."""

from __future__ import annotations

CHANNEL = "drill"  # of the invented citizens, and of every page about them
PEOPLE = "people:"  # begins the address of a citizen whose cries for help page the people on duty after all
PAGES = "alert:"  # begins the key of a page, as opposed to the small notices around a case


def leaves_the_house(citizen: str, dedup_key: str) -> bool:
    """Whether something queued about a drill's case goes to its real receiver: only pages, and only where asked for."""
    return citizen.startswith(PEOPLE) and dedup_key.startswith(PAGES)
