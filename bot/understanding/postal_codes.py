"""Postal codes: where a code is, in every country that has it, and which numbers of a message are codes.

A number is a code only with evidence: "PLZ 50667", "D-50667", "1012 AB", "SW1A 1AA", or a message that is
nothing else. "50667 Köln" is read in `places.py`: there the name is the place, and the code says which one.
Years, house numbers, amounts and telephone numbers stay what they are.
"""

from __future__ import annotations

import lzma
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bot.understanding.place_kinds import Mention, Place

NEAR_KM = 40.0
# Citizens of Türkiye in the country, in hundreds of thousands: which of several 1010s is likelier.
_CITIZENS = {"DE": 15.0, "FR": 7.0, "NL": 5.0, "AT": 3.0, "BE": 3.0, "GB": 3.0, "CH": 2.0, "US": 2.0, "SE": 1.5}
_WITH_HYPHEN = {"PL", "PT"}  # nobody there writes a code without it
_UNLIKELY = 1_000  # times less likely than the best: not worth a question
_MOST = 6  # candidates of a code, and codes of a message
_SPOKEN = {"de": ("DE", "AT", "CH"), "nl": ("NL", "BE"), "fr": ("FR", "BE", "CH", "LU")}
_PREFIXES = {
    "D": "DE", "A": "AT", "F": "FR", "B": "BE", "L": "LU", "I": "IT", "S": "SE", "N": "NO", "P": "PT",
    "FIN": "FI", "H": "HU", "SLO": "SI", "UK": "GB",
}  # fmt: skip
_ISO = "DE AT CH NL BE FR LU DK SE NO FI IT PT PL RO GR CZ HU SI HR RS CY US GB"
_PREFIXES |= {code: code for code in _ISO.split(" ")}
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "0123456789" * 2)

_PREFIX = r"(?:" + "|".join(sorted(_PREFIXES, key=len, reverse=True)) + r")"
_END = r"(?![\w€$£]|[.,:/-]\d)"
_INWARD = r"\d[ABD-HJLNP-UW-Z]{2}"  # the second half of a British code
_FORMS = (
    r"\d{4} ?(?-i:[A-Z]{2})",
    r"\d{5}-\d{4}",
    r"\d{4}-\d{3}",
    r"\d{2}-\d{3}",
    r"\d{3} \d{2}",
    r"\d{4,6}",
    r"[A-Z]\d[A-Z] ?\d[A-Z]\d",
    rf"[A-Z]{{1,2}}\d[A-Z\d]? ?{_INWARD}",
    r"[A-Z]{1,2}\d[A-Z\d]?",
)
_CODE = rf"(?:{_PREFIX}[- ])?(?:{'|'.join(form + _END for form in _FORMS)})"
_WORDS = {
    "de": r"plz(?:['’]?(?:m|miz|n|si))?|postleitzahl",
    "fr": r"code\s+postal|cp|c\.p\.|npa",
    "": r"post\s?code|postal\s+code|zip(?:\s?code)?|posta\s+kod\w*|zip\s+kod\w*|postnummer|postnr"
    r"|(?:ال)?(?:رمز|كود)(?:ي|نا)?\s+(?:ال)?بريدي?",
}
_LINK = r"(?:\W{1,3}(?:ist|lautet|is|est|le|the|de|olarak|no|nr|numarası|هو|هي)\b){0,3}\W{0,3}"
_AFTER_WORD = {
    language: re.compile(rf"(?<!\w)(?:{words}){_LINK}(?<!\w)({_CODE})", re.IGNORECASE)
    for language, words in _WORDS.items()
}
_BEFORE_WORD = re.compile(rf"(?<![\w.,/-])({_CODE})\s+(?:nolu\s+)?posta\s+kod\w*", re.IGNORECASE)
_ALONE = re.compile(rf"[\s.,:;!?()]*({_CODE}|\d{{4}} ?[a-z]{{2}})[\s.,:;!?()]*", re.IGNORECASE)
_PREFIXED = re.compile(rf"(?<![\w.,/-])({_PREFIX}-(?:\d{{4,6}}|\d{{3}} \d{{2}})){_END}")
_SHAPED = re.compile(
    rf"(?<![\w.,/-])(\d{{4}} ?[A-Z]{{2}}|[A-Z]\d[A-Z] \d[A-Z]\d|[A-Z]{{1,2}}\d[A-Z\d]? {_INWARD})(?!\w)"
)
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"19\d\d|20[0-3]\d")
_AMOUNT = re.compile(r"\s*(?:euros?|eur|tl|lira|chf|franken|francs?|dollars?|dolar|usd|gbp|kr|يورو|ليرة)\b", re.I)
# Two capitals after four digits that are no Dutch code: units, currencies, Turkish endings.
_UNITS = "TL KM KG CM MM PS KW EU GB MB HP CC AM PM US TR DE DA TE TA VE VW LI LU YE YA"
_NOT_DUTCH = frozenset(_UNITS.split(" "))
_LEVELS = frozenset({"A1", "A2", "B1", "B2", "C1", "C2", "A4", "A3"})  # of a language course, of paper


class Spot(NamedTuple):
    """Where a code is: position in degrees and the place it belongs to."""

    country: str
    geonameid: int
    lat: float
    lon: float


class Code(NamedTuple):
    """A postal code in a message; `language` is that of the word before it ("" for none or any)."""

    text: str
    start: int
    language: str


class PostalCodes:
    """All codes of `postal_codes.tsv.xz` (what is in it: `postal_build.py`), read at the first question."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _tables(self) -> dict[tuple[str, int], tuple[Any, ...]]:
        """(country, length of the code) -> sorted codes in base 36, geonameids, hundredths of degrees."""
        found: dict[tuple[str, int], tuple[Any, ...]] = {}
        with lzma.open(self._path, "rt", encoding="utf-8") as lines:
            for line in lines:
                country, length, *lists = line.rstrip("\n").split("\t")
                columns = (np.cumsum(np.fromstring(numbers, dtype=np.int64, sep=" ")) for numbers in lists)
                types = (np.uint32, np.int32, np.int16, np.int16)
                found[country, int(length)] = tuple(c.astype(kind) for c, kind in zip(columns, types))
        return found

    def lookup(self, code: str, country: str | None = None) -> list[Spot]:
        """Every country's place of this code as people write it ("D-50667", "1012 ab"); empty if unknown."""
        spots: dict[str, Spot] = {}
        for there, key in _readings(code):
            for (other, length), (codes, geonameids, lat, lon) in self._tables.items():
                if length != len(key) or there not in (None, other) or country not in (None, other):
                    continue
                if other in _WITH_HYPHEN and other not in (there, country):
                    continue
                number = int(key, 36)
                at = int(np.searchsorted(codes, number))
                if at < len(codes) and codes[at] == number:
                    spots[other] = Spot(other, int(geonameids[at]), lat[at] / 100.0, lon[at] / 100.0)
        return list(spots.values())


def _readings(written: str) -> Iterator[tuple[str | None, str]]:
    """(country if the form tells, code as in the table): '1012 AB' -> NL 1012, 'N17 6XX' -> GB N."""
    text = " ".join(written.translate(_DIGITS).upper().split())
    country: str | None = None
    if match := re.fullmatch(
        rf"({_PREFIX})[- ]?(\d{{4,6}}|\d{{3}} \d{{2}}|\d{{2,4}}-\d{{3}}|\d{{4}} ?[A-Z]{{2}})", text
    ):
        country, text = _PREFIXES[match[1]], match[2]
    plain = re.sub(r"[ -]", "", text)
    if not plain.isascii() or not plain.isalnum():
        return
    if re.fullmatch(r"\d{4}[A-Z]{2}", plain):
        yield "NL", plain[:4]
    elif re.fullmatch(r"\d{5}-\d{4}", text):
        yield "US", plain[:5]
    elif re.fullmatch(r"\d{7}", plain):
        yield "PT", plain[:4]
    elif re.fullmatch(r"\d{2}-\d{3}", text):
        yield "PL", plain
    elif re.fullmatch(r"\d{3} \d{2}", text):
        yield from ((there, plain) for there in ("SE", "GR", "CZ") if country in (None, there))
    elif re.fullmatch(r"\d{4,6}", plain):
        yield country, plain
    else:
        if re.fullmatch(r"[A-Z]\d[A-Z](?:\d[A-Z]\d)?", plain):
            yield "CA", plain[:3]
        if match := re.fullmatch(r"([A-Z]{1,2})\d[A-Z\d]?(?:\d[A-Z]{2})?", plain):
            yield "GB", match[1]


def codes_in(text: str, language: str | None, country: str | None = None) -> list[Code]:
    """The postal codes of a message that is cleaned but not folded; `country` is where the person is, if known."""
    if not _DIGIT.search(text):
        return []
    text = text.translate(_DIGITS)
    found: dict[int, Code] = {}
    for spoken, pattern in _AFTER_WORD.items():
        for match in pattern.finditer(text):
            if not _AMOUNT.match(text, match.end(1)):
                found.setdefault(match.start(1), Code(match[1], match.start(1), spoken or language or ""))
    for match in [*_BEFORE_WORD.finditer(text), *_PREFIXED.finditer(text)]:
        found.setdefault(match.start(1), Code(match[1], match.start(1), language or ""))
    for match in _SHAPED.finditer(text):
        if _is_shaped(match[1], text, language):
            found.setdefault(match.start(1), Code(match[1], match.start(1), ""))
    whole = _ALONE.fullmatch(text)
    if whole and not found and (country or not _doubtful(whole[1])):
        found[whole.start(1)] = Code(whole[1], whole.start(1), language or "")
    return sorted(found.values(), key=lambda code: code.start)[:_MOST]


def _doubtful(alone: str) -> bool:
    """Whether a message of nothing else may mean something else: a year, a number sent to confirm, "B2", "w8"."""
    if alone.isdigit():
        return bool(_YEAR.fullmatch(alone)) or len(alone) == 6
    return alone in _LEVELS or (len(alone) < 5 and not alone.isupper()) or alone[-2:].upper() in _NOT_DUTCH


def _is_shaped(code: str, text: str, language: str | None) -> bool:
    """Whether the form alone is evidence, in a text that is not all capitals."""
    around = text.replace(code, "")
    if around.isupper() and sum(map(str.isalpha, around)) > 4:
        return False
    if code[0].isdigit():
        return code[-2:] not in _NOT_DUTCH and (language == "nl" or not _YEAR.fullmatch(code[:4]))
    return True


class Candidate(NamedTuple):
    """A place that a code may mean, and how likely."""

    place: Place
    weight: float


def plausible(places: Iterable[Place], language: str | None) -> tuple[Place, ...]:
    """The places of one code that are worth a question, likeliest first; a language may leave one country."""
    weighed = [Candidate(p, max(p.population, 10_000) * _CITIZENS.get(p.country, 0.5)) for p in places]
    spoken = [one for one in weighed if one.place.country in _SPOKEN.get(language or "", ())]
    ranked = sorted(spoken or weighed, key=lambda one: -one.weight)
    return tuple(one.place for one in ranked if one.weight * _UNLIKELY > ranked[0].weight)[:_MOST]


def join(named: list[Mention], codes: list[Mention], close: Callable[[Place, Place], bool]) -> list[Mention]:
    """Places by name and by code: a code beside its own place says which one is meant and goes away.

    `close` tells whether two places are one neighbourhood.
    """
    kept: list[Mention] = []
    for code in codes:
        agreed = False
        for number, other in enumerate(named):
            if here := tuple(p for p in other.candidates if any(close(p, q) for q in code.candidates)):
                named[number], agreed = Mention.of(other.text, here), True
        if not agreed:
            around = {mention.place.country for mention in named if not mention.ambiguous} - {"TR"}
            inside = tuple(place for place in code.candidates if place.country in around)
            kept.append(Mention.of(code.text, inside or code.candidates))
    clear = [mention for mention in kept if not mention.ambiguous]
    unclear = [mention for mention in kept if mention.ambiguous]
    abroad = [m for m in named if m.place.level != "country" and m.place.country != "TR"]
    return clear + abroad + unclear + [mention for mention in named if mention not in abroad]
