"""Marks sentences for extraction."""

from __future__ import annotations


def N_(message: str) -> str:  # noqa: N802 - the name that every gettext extractor knows
    """Mark a sentence for extraction; it is translated when it is used."""
    return message


def NP_(one: str, many: str) -> tuple[str, str]:  # noqa: N802 - as above, for counted things
    """Mark a sentence with a counted thing; each language has its own forms."""
    return one, many
