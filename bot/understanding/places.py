"""Which places a message names, offline: cities, districts, regions and countries in any usual spelling.

Two questions are kept apart. *Is this word a place?* weighs evidence (a place word before it, a case ending,
a capital inside the sentence) against how ordinary the word is and how well known the place. *Which one?*
compares weights (`PlaceIndex.weight`) and calls a mention ambiguous when it would matter and is not clear:

* in one country, another first-level area and under 12 times lighter: Frankfurt (Main 11.4 x Oder) and Halle
  are worth a question; of Hagen (14 x) and Münster (19 x) nobody means the village;
* in another country and under 5 times lighter: Valencia, Georgia, Nis. Paris (Texas) and Cologne (Italy) are
  far below.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from bot.understanding.places_index import PlaceIndex
from bot.understanding.spelling import (
    Stem,
    Token,
    WordLists,
    clean,
    ends_sentence,
    fold,
    is_apostrophe,
    is_arabic,
    one_name,
    stems,
    tokens,
    turkish_ending,
)
from bot.understanding.yaml_files import read_yaml

SCAN_LIMIT = 2_000  # characters
SAME_COUNTRY_RATIO, OTHER_COUNTRY_RATIO = 12, 5
# A message in Dutch means Ede in Gelderland, not the larger Ede in Nigeria.
_SPOKEN = {"nl": ("NL", "BE"), "de": ("DE", "AT", "CH"), "fr": ("FR", "BE", "CH")}
_SPOKEN_FACTOR = 3
LITTLE, KNOWN, WELL_KNOWN, FAMOUS = 5_000, 12_000, 50_000, 120_000  # weights
_LONGEST = 6  # words in one name
_MOST_HITS = 20  # a message with more is no message
_NEARBY_KM = 60.0
_SENSE_RANK = {"standing": 3, "moving": 2, "": 1, "home": 0}


@dataclass(frozen=True)
class Place:
    """A city, a district or a country; a region such as Texas is a "country" with `admin1`.

    A district that GeoNames lacks has its city's geonameid and coordinates.
    """

    geonameid: int | None
    name: str
    country: str  # ISO 3166-1 alpha-2
    lat: float | None
    lon: float | None
    admin1: str | None  # ISO 3166-2
    admin2: str | None  # ISO 3166-2 or "GN:" and the GeoNames code, as in districts.csv
    population: int
    level: str  # city | district | country


@dataclass(frozen=True)
class Mention:
    """A place named in a message; `candidates` are all that are plausible, the likeliest first."""

    text: str
    place: Place
    candidates: tuple[Place, ...]
    ambiguous: bool


class _Hit(NamedTuple):
    """Where a name is, words[start:end], the word after its ending, and the rows or area codes it may be."""

    start: int
    end: int
    next: int
    key: str
    rows: list[int]
    areas: tuple[str, ...]
    sense: str
    weight: float


class Gazetteer:
    """All places in memory; make one with `load` and share it."""

    def __init__(self, index: PlaceIndex, words: dict[str, Any]) -> None:
        self._index = index
        self._between = frozenset(fold(word) for word in words["between"])
        self._lists = {language: WordLists.of(words, language) for language in (*words["languages"], None)}

    @classmethod
    def load(cls, folder: Path) -> Gazetteer:
        """Read `data/places`."""
        return cls(PlaceIndex.load(folder), read_yaml(folder / "common_words.yml"))

    def lookup(self, name: str, country: str | None = None) -> tuple[Place, ...]:
        """Every place of exactly this name in any spelling, likeliest first."""
        rows = self._index.rows(fold(name))
        return tuple(self._place(row) for row in rows if country in (None, self._index.countries[row]))

    def country(self, name: str) -> str | None:
        """ISO 3166-1 code of a country (or of a region's country) named in any of the six languages."""
        codes = self._index.areas.get(fold(name), ())
        return codes[0][:2] if codes else name if name in self._index.area_names and len(name) == 2 else None

    def nearest(self, lat: float, lon: float) -> Place:
        """The place nearest to a position."""
        return self._place(self._index.nearest(lat, lon))

    def _place(self, row: int) -> Place:
        index = self._index
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
        )

    def _area(self, code: str, language: str | None) -> Place:
        names = self._index.area_names[code]
        name = names.get(language or "en") or names.get("en") or next(iter(names.values()))
        return Place(None, name, code[:2], None, None, code if "-" in code else None, None, 0, "country")

    def find(self, text: str, language: str | None = None, country: str | None = None) -> list[Mention]:
        """The places a message names: where the person says to be first, homes in Türkiye and countries last.

        `country` (and a country beside the name) keeps only namesakes there, if there are any.
        """
        cleaned = clean(text, SCAN_LIMIT)
        words = tokens(cleaned)
        lists = self._lists[language if language in self._lists else None]
        hits: list[_Hit] = []
        at = 0
        while at < len(words) and len(hits) < _MOST_HITS:
            hit = self._hit_at(words, at, language, lists)
            if hit:
                hits.append(hit)
            at = hit.next if hit else at + 1
        mentions: list[tuple[tuple[Any, ...], Mention]] = []
        for number, hit in enumerate(hits):
            as_written = cleaned[words[hit.start].start : words[hit.end - 1].end]
            as_written += ")" if "(" in as_written else ""
            candidates = self._candidates(words, hits, number, country, language)
            mention = Mention(as_written, candidates[0], candidates, len(candidates) > 1)
            is_area, is_home = mention.place.level == "country", mention.place.country == "TR"
            mentions.append(((is_area, is_home, -_SENSE_RANK[hit.sense], hit.start), mention))
        return [mention for _, mention in sorted(mentions, key=lambda pair: pair[0])]

    def _hit_at(self, words: list[Token], at: int, language: str | None, lists: WordLists) -> _Hit | None:
        """The longest name that starts here; of two readings ("Sana'a" or Sana + 'a') the weightier."""
        joined = at + 1 < len(words) and is_apostrophe(words[at + 1].gap)
        longest = _LONGEST if joined or words[at].folded in self._index.first_words else 1
        for count in range(min(longest, len(words) - at), 0, -1):
            hits = (
                self._accept(words, at, end, following, stem, lists)
                for end, following, stem in self._readings(words, at, at + count, language, lists)
            )
            if found := [hit for hit in hits if hit]:
                return max(found, key=lambda hit: hit.weight)
        return None

    def _readings(
        self, words: list[Token], start: int, end: int, language: str | None, lists: WordLists
    ) -> Iterator[tuple[int, int, Stem]]:
        """(end of the name, next word, name and affix): as it stands, before an apostrophe, stripped."""
        name = one_name(words[start:end])
        if name is None:
            return
        sense = ""
        if end < len(words) and words[end].gap == " " and language in (None, "tr"):
            apart = words[end].folded  # "Rotterdam dayiz"; "Rotterdam da" may also mean "Rotterdam too"
            if turkish_ending(apart) == "standing":
                sense = "standing" if len(apart) > 3 else "moving"
        yield end, end, Stem(name, "", sense)
        last = words[end - 1]
        if end - start > 1 and is_apostrophe(last.gap):
            ending = turkish_ending(last.folded) or ("moving" if last.folded == "s" else None)
            before = one_name(words[start : end - 1])
            if ending and before:
                yield end - 1, end, Stem(before, "'" + last.folded, ending)
        first_words = name[: len(name) - len(last.folded)]
        for stem in stems(last, language):
            yield end, end, stem._replace(folded=first_words + stem.folded)
            if stem.folded in lists.ordinary:
                break  # "romanın" is the novel's before it is Rome's

    def _accept(
        self, words: list[Token], start: int, end: int, following: int, stem: Stem, lists: WordLists
    ) -> _Hit | None:
        """Whether this reading is a place: see the top of this file."""
        key, areas = stem.folded, self._index.areas.get(stem.folded, ())
        rows = self._index.rows(key)
        if not rows and not areas:
            return None
        weight = max(self._index.weight(rows[0], key) if rows else 0.0, FAMOUS if areas else 0.0)
        hit = _Hit(start, end, following, key, rows, areas, stem.sense, weight)
        first = words[start].text
        if len(key) < 4 and not rows and not (stem.sense or first != first.lower() or is_arabic(first)):
            return None  # "UK", "Çin", "abd'de", but not the Dutch "vs"
        attached = bool(stem.affix) and not stem.affix.startswith("'")
        if attached and not (areas or self._index.is_everyday(rows[0], key)):
            return None
        if attached and not _likely_stem(stem, words[end - 1], weight, lists):
            return None
        capital = lists.capital_tells(words, start)
        told = lists.tell_a_place(words, start, following) or bool(self._areas_beside(words, hit))
        standing = stem.sense == "standing" or (stem.sense == "home" and len(stem.affix) > 5)
        alone = start == 0 and following == len(words)
        if key in lists.never:
            accepted = standing
        elif key in lists.people:
            accepted = standing or alone or (told and capital)
        elif key in lists.words:
            written_large = words[start].text.istitle()
            least = WELL_KNOWN if written_large else FAMOUS
            accepted = standing or alone or capital or ((told or bool(stem.sense)) and weight >= least)
        else:
            steps = (WELL_KNOWN, FAMOUS, FAMOUS) if is_arabic(key) else (LITTLE, KNOWN, WELL_KNOWN)
            least = steps[2 - (told or bool(stem.sense)) - capital]
            if end - start > 1 and not (words[start].text[0].isupper() and words[end - 1].text[0].isupper()):
                least = max(least, WELL_KNOWN)  # "new york", but not "the bank" nor "la garde"
            accepted = standing or alone or weight >= least
        return hit if accepted else None

    def _areas_beside(self, words: list[Token], hit: _Hit) -> set[str]:
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

    def _candidates(
        self, words: list[Token], hits: list[_Hit], number: int, country: str | None, language: str | None
    ) -> tuple[Place, ...]:
        """What a hit may be, likeliest first: one when it is clear."""
        hit = hits[number]
        if hit.areas and not self._index.city_named_like_its_country(hit.key):
            wanted = [code for code in hit.areas if code[:2] == country] or hit.areas
            cities = self._index.named_by_hand(hit.key)  # عمان is Oman, and Amman
            return tuple(self._area(code, language) for code in wanted) + tuple(map(self._place, cities))
        rows = sorted(hit.rows, key=lambda row: -self._weight(row, hit.key, language))
        for codes in (self._areas_beside(words, hit), {country} if country else set[str]()):
            rows = [row for row in rows if self._index.lies_in(row, codes)] or rows
        for other in hits[max(0, number - 1) : number] + hits[number + 1 : number + 2]:  # "Wedding, Berlin"
            apart = max(other.start - hit.next, hit.start - other.next)
            if other.rows and other.weight >= hit.weight and apart < 2:
                rows = [row for row in rows if self._index.kilometres(row, other.rows[0]) < _NEARBY_KM] or rows
        named = {code for other in hits for code in other.areas}
        plausible = [row for row in rows if row == rows[0] or self._comparable(rows[0], row, hit.key, language)]
        plausible = [row for row in plausible if self._index.lies_in(row, named)] or plausible
        return tuple(self._place(row) for row in plausible[:10])

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
            return ratio * (2 if by_hand else 1) < OTHER_COUNTRY_RATIO and index.countries[best] != "TR"
        return index.admin[best][0] != index.admin[other][0] and ratio < SAME_COUNTRY_RATIO


def _likely_stem(stem: Stem, word: Token, weight: float, lists: WordLists) -> bool:
    """Short stems, short affixes and ordinary words need a better known place."""
    if stem.folded in lists.never or word.folded in lists.ordinary:
        return False
    if stem.folded in lists.ordinary:
        return weight >= FAMOUS and stem.sense == "standing" and len(stem.affix) > 3
    long_enough = len(stem.folded) > 3 or (len(stem.affix) > 3 and stem.sense == "standing")
    return weight >= (WELL_KNOWN if len(stem.affix) > 1 and long_enough else 3 * FAMOUS)
