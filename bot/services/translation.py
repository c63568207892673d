"""Machine translation that an officer asks for: numbers, dates, addresses and names never pass through it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.spelling import printable
from bot.services.ports import Ports, Translator

_MARKER = re.compile(r"\[\[\s*(\d+)\s*\]\]")
# Longest first: an address holds numbers, a date or an hour is several numbers that belong together.
_KEPT = r"""
    \[\[\s*\d+\s*\]\]                    # what looks like one of our markers is none of ours
  | (?:https?://|www\.)[^\s<>"]+         # web addresses
  | (?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+                # e-mail addresses
  | (?<!\w)\+?\w*\d\w*(?:[\s()./:,\-–]+\d\w*)*%?            # telephone and passport numbers, dates, hours, amounts
"""


def protect(text: str, names: Iterable[str]) -> tuple[str, list[str]]:
    """The text with a marker for each thing that must arrive unchanged, and those things in order."""
    longest_first = sorted({name for name in names if len(name) > 2}, key=lambda name: (-len(name), name))
    words = "".join(rf"|(?<!\w){re.escape(name)}(?!\w)" for name in longest_first)
    kept: list[str] = []

    def mark(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"[[{len(kept) - 1}]]"

    return re.sub(_KEPT + words, mark, text, flags=re.VERBOSE), kept


def restore(translated: str, kept: list[str]) -> str | None:
    """The things back in their places; None if a marker was lost or doubled, or a number appeared from nowhere."""
    if sorted(int(number) for number in _MARKER.findall(translated)) != list(range(len(kept))):
        return None
    if re.search(r"\d", _MARKER.sub("", translated)):
        return None
    return _MARKER.sub(lambda found: kept[int(found[1])], translated)


def translate(translator: Translator, text: str, source: str, target: str, names: Iterable[str]) -> str | None:
    """A translation in which every number, address and name is the original's. None if there is none."""
    masked, kept = protect(text, names)
    if not _MARKER.sub("", masked).strip():
        return text  # nothing but numbers and names
    translated = translator.translate(masked, source, target)
    return restore(printable(translated), kept) if translated else None


def names_in(ports: Ports, text: str, language: str, more: Iterable[str] = ()) -> set[str]:
    """Places and missions that the text names, and `more` names that it may hold."""
    mentions = ports.understander.gazetteer.find(text, language)
    missions = [(mission.city, mission.city_tr) for mission in ports.knowledge.directory.missions.values()]
    return {mention.text for mention in mentions} | {name for names in missions for name in names} | set(more)
