"""Which of several namesakes a message means, and whether to ask: see the top of `places.py`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from bot.domain.places import distance_km
from bot.understanding.place_kinds import Place
from bot.understanding.places_index import PlaceIndex
from bot.understanding.postal_codes import NEAR_KM, PostalCodes, Spot
from bot.understanding.spelling import Token, ends_sentence, one_name, turkish_ending

SAME_COUNTRY_RATIO, OTHER_COUNTRY_RATIO = 12, 5
# A message in Dutch means Ede in Gelderland, not the larger Ede in Nigeria.
_SPOKEN = {"nl": ("NL", "BE"), "de": ("DE", "AT", "CH"), "fr": ("FR", "BE", "CH")}
_SPOKEN_FACTOR = 3
_NEARBY_KM = 60.0
_CODE_BEFORE = re.compile(r"(?:^|[\s,(-])(\d{4,6}|\d{3} \d{2})[ ,]{1,2}$")
_CODE_AFTER = re.compile(r"[ ,(]{1,3}(\d{4,6}|\d{3} \d{2})(?!\d)")


class Hit(NamedTuple):
    """Where a name is, words[start:end], the word after its ending, and the rows or area codes it may be."""

    start: int
    end: int
    next: int
    key: str
    rows: list[int]
    areas: tuple[str, ...]
    sense: str
    weight: float


class Chooser:
    """Chooses among the rows of a hit by what stands around it."""

    def __init__(self, index: PlaceIndex, between: frozenset[str], codes: PostalCodes) -> None:
        self._index = index
        self._between = between
        self._codes = codes

    def place(self, row: int) -> Place:
        """The place of a row."""
        index = self._index
        city = index.row_of(index.geonameids[row]) if row in index.districts else None
        return Place(
            geonameid=index.geonameids[row],
            name=index.names[row],
            country=index.countries[row],
            lat=float(index.lat[row]),
            lon=float(index.lon[row]),
            admin1=index.admin[row][0],
            admin2=index.admin[row][1],
            population=index.population[row],
            level="district" if row in index.districts else "city",
            city="" if city in (None, row) else index.names[city],
        )

    def spot(self, spot: Spot) -> Place:
        """The place that a postal code belongs to, at the code's own position."""
        row = self._index.row_of(spot.geonameid)
        if row is None:  # places.tsv.xz was built anew without it
            row = self._index.nearest(spot.lat, spot.lon)
        return replace(self.place(row), country=spot.country, lat=spot.lat, lon=spot.lon)

    @staticmethod
    def close(one: Place, other: Place) -> bool:
        """Whether two places are one neighbourhood in one country."""
        if one.country != other.country or None in (one.lat, one.lon, other.lat, other.lon):
            return False
        return distance_km(one.lat or 0, one.lon or 0, other.lat or 0, other.lon or 0) < NEAR_KM

    def with_code(self, words: list[Token], start: int, following: int, rows: list[int]) -> list[int]:
        """Of these rows those where a postal code right before or after the name is: "50667 Köln"."""
        before, after = words[start].gap, words[following].gap if following < len(words) else ""
        if len(before) < 5 and len(after) < 5 and (not start or len(words[start - 1].gap) < 4):
            return []  # as nearly always
        codes = [match[1] for match in (_CODE_BEFORE.search(before), _CODE_AFTER.match(after)) if match]
        if start and _CODE_BEFORE.search(words[start - 1].gap + " ") and words[start - 1].text.isupper():
            codes.append(words[start - 1].gap.strip())  # "1012 AB Amsterdam"
        spots = [self.spot(spot) for code in codes for spot in self._codes.lookup(code)]
        return [row for row in rows if any(self.close(self.place(row), spot) for spot in spots)]

    def area(self, code: str, language: str | None) -> Place:
        """A country or region, named in the language if possible."""
        names = self._index.area_names[code]
        name = names.get(language or "en") or names.get("en") or next(iter(names.values()))
        return Place(None, name, code[:2], None, None, code if "-" in code else None, None, 0, "country")

    def areas_beside(self, words: list[Token], hit: Hit) -> set[str]:
        """Countries and regions right after the name ("Paris, Texas", "Köln in Germany") or before it."""
        found: set[str] = set()
        after = hit.next
        if after < len(words) and words[after].folded in self._between:
            after += 1
        for count in range(1, 5):
            if not hit.sense and after + count <= len(words) and not ends_sentence(words[after].gap):
                found.update(self._index.areas.get(one_name(words[after : after + count]) or "", ()))
            for end in (hit.start, hit.start - 1):  # "Almanya Köln", "Almanya'da Köln"
                if count <= end and not ends_sentence(words[hit.start].gap):
                    whole = end == hit.start or turkish_ending(words[end].folded) == "standing"
                    if whole:
                        found.update(self._index.areas.get(one_name(words[end - count : end]) or "", ()))
        return found

    def candidates(
        self, words: list[Token], hits: list[Hit], number: int, country: str | None, language: str | None
    ) -> tuple[Place, ...]:
        """What a hit may be, likeliest first: one when it is clear."""
        hit = hits[number]
        if hit.areas and not self._index.city_named_like_its_country(hit.key):
            wanted = [code for code in hit.areas if code[:2] == country] or hit.areas
            cities = self._index.named_by_hand(hit.key)  # عمان is Oman, and Amman
            return tuple(self.area(code, language) for code in wanted) + tuple(map(self.place, cities))
        rows = sorted(hit.rows, key=lambda row: -self._weight(row, hit.key, language))
        for codes in (self.areas_beside(words, hit), {country} if country else set[str]()):
            rows = [row for row in rows if self._index.lies_in(row, codes)] or rows
        for other in hits[max(0, number - 1) : number] + hits[number + 1 : number + 2]:  # "Wedding, Berlin"
            apart = max(other.start - hit.next, hit.start - other.next)
            if other.rows and other.weight >= hit.weight and apart < 2:
                rows = [row for row in rows if self._index.kilometres(row, other.rows[0]) < _NEARBY_KM] or rows
        named = {code for other in hits for code in other.areas}
        plausible = [row for row in rows if row == rows[0] or self._comparable(rows[0], row, hit.key, language)]
        plausible = [row for row in plausible if self._index.lies_in(row, named)] or plausible
        return tuple(self.place(row) for row in plausible[:10])

    def _weight(self, row: int, key: str, language: str | None) -> float:
        spoken = self._index.countries[row] in _SPOKEN.get(language or "", ())
        return self._index.weight(row, key) * (_SPOKEN_FACTOR if spoken else 1)

    def _comparable(self, best: int, other: int, key: str, language: str | None) -> bool:
        """Whether the other is so likely too, and so elsewhere, that one should ask."""
        index = self._index
        ratio = self._weight(best, key, language) / self._weight(other, key, language)
        if other in index.districts and best not in index.districts:
            ratio *= 5
        if index.is_own(best, key) and not index.is_own(other, key):
            ratio *= 2
        if index.countries[best] != index.countries[other]:
            by_hand = best in index.named_by_hand(key)
            return ratio * (3 if by_hand else 1) < OTHER_COUNTRY_RATIO and index.countries[best] != "TR"
        return index.admin[best][0] != index.admin[other][0] and ratio < SAME_COUNTRY_RATIO
