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
from pathlib import Path
from typing import Any

from bot.understanding.place_kinds import Mention, Place
from bot.understanding.places_choice import Chooser, Hit
from bot.understanding.places_index import PlaceIndex
from bot.understanding.postal_codes import PostalCodes, codes_in, join, plausible
from bot.understanding.spelling import (
    Stem,
    Token,
    WordLists,
    clean,
    fold,
    is_apostrophe,
    is_arabic,
    one_name,
    stems,
    tokens,
    turkish_ending,
)
from bot.understanding.yaml_files import read_yaml

__all__ = ["Gazetteer", "Mention", "Place"]

SCAN_LIMIT = 2_000  # characters
LITTLE, KNOWN, WELL_KNOWN, FAMOUS = 5_000, 12_000, 50_000, 120_000  # weights
_LONGEST = 6  # words in one name
_MOST_HITS = 20  # a message with more is no message
_SENSE_RANK = {"standing": 3, "moving": 2, "": 1, "home": 0}


class Gazetteer:
    """All places in memory; make one with `load` and share it."""

    def __init__(self, index: PlaceIndex, words: dict[str, Any], codes: PostalCodes) -> None:
        self._index = index
        self._codes = codes
        self._choice = Chooser(index, frozenset(fold(word) for word in words["between"]), codes)
        self._lists = {language: WordLists.of(words, language) for language in (*words["languages"], None)}

    @classmethod
    def load(cls, folder: Path) -> Gazetteer:
        """Read `data/places`."""
        codes = PostalCodes(folder / "postal_codes.tsv.xz")
        return cls(PlaceIndex.load(folder), read_yaml(folder / "common_words.yml"), codes)

    def lookup(self, name: str, country: str | None = None) -> tuple[Place, ...]:
        """Every place of exactly this name in any spelling, likeliest first."""
        rows = self._index.rows(fold(name))
        return tuple(self._choice.place(row) for row in rows if country in (None, self._index.countries[row]))

    def country(self, name: str) -> str | None:
        """ISO 3166-1 code of a country (or of a region's country) named in any of the six languages."""
        codes = self._index.areas.get(fold(name), ())
        return codes[0][:2] if codes else name if name in self._index.area_names and len(name) == 2 else None

    def nearest(self, lat: float, lon: float) -> Place:
        """The place nearest to a position."""
        return self._choice.place(self._index.nearest(lat, lon))

    def around(self, lat: float, lon: float, kilometres: float) -> list[Place]:
        """The places at most so far from a position, the nearest first."""
        return [self._choice.place(row) for row in self._index.around(lat, lon, kilometres)]

    def postal_code(self, code: str, country: str | None = None, language: str | None = None) -> Mention | None:
        """Where a postal code is; ambiguous if several countries have it and none is given. None if unknown.

        With a country only its codes count. A language leaves the countries where it is spoken, if they have it.
        """
        places = [self._choice.spot(spot) for spot in self._codes.lookup(code, country)]
        return Mention.of(code, plausible(places, language)) if places else None

    def locate(self, code: str, name: str, language: str | None, country: str | None) -> Mention | None:
        """Of a code and a name in fields of their own the code, narrowed by the name; the name if it is unknown."""
        named = self.find(name, language, country)
        coded = self.postal_code(code, country)
        if coded is None:
            return named[0] if named else None
        near = tuple(
            one for one in coded.candidates if any(self._choice.close(one, p) for m in named for p in m.candidates)
        )
        countries = {mention.place.country for mention in named if not mention.ambiguous}
        inside = tuple(one for one in coded.candidates if one.country in countries)
        return Mention.of(coded.text, near or inside or coded.candidates)

    def find(self, text: str, language: str | None = None, country: str | None = None) -> list[Mention]:
        """The places a message names: where the person says to be first, homes in Türkiye and countries last.

        `country` (and a country beside the name) keeps only namesakes there, if there are any.
        """
        cleaned = clean(text, SCAN_LIMIT)
        words = tokens(cleaned)
        lists = self._lists[language if language in self._lists else None]
        hits: list[Hit] = []
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
            mention = Mention.of(as_written, self._choice.candidates(words, hits, number, country, language))
            is_area, is_home = mention.place.level == "country", mention.place.country == "TR"
            mentions.append(((is_area, is_home, -_SENSE_RANK[hit.sense], hit.start), mention))
        named = [mention for _, mention in sorted(mentions, key=lambda pair: pair[0])]
        codes = [
            self.postal_code(code.text, country, code.language) or self.postal_code(code.text, None, code.language)
            for code in codes_in(cleaned, language, country)
        ]
        known = [code for code in codes if code]
        return join(named, known, self._choice.close) if known else named

    def _hit_at(self, words: list[Token], at: int, language: str | None, lists: WordLists) -> Hit | None:
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
    ) -> Hit | None:
        """Whether this reading is a place: see the top of this file."""
        key, areas = stem.folded, self._index.areas.get(stem.folded, ())
        rows = self._index.rows(key)
        if not rows and not areas:
            return None
        coded = self._choice.with_code(words, start, following, rows) if rows else []
        rows = coded or rows
        weight = max(self._index.weight(rows[0], key) if rows else 0.0, FAMOUS if areas else 0.0)
        hit = Hit(start, end, following, key, rows, areas, stem.sense, weight)
        first = words[start].text
        if len(key) < 4 and not rows and not (stem.sense or first != first.lower() or is_arabic(first)):
            return None  # "UK", "Çin", "abd'de", but not the Dutch "vs"
        attached = bool(stem.affix) and not stem.affix.startswith("'")
        if attached and not (areas or self._index.is_everyday(rows[0], key)):
            return None
        by_hand = bool(rows) and self._index.is_by_hand(rows[0], key)
        if attached and is_arabic(key):
            if not _likely_arabic_stem(stem, words[end - 1], weight, by_hand or bool(areas), lists):
                return None
        elif attached and not _likely_stem(stem, words[end - 1], weight, lists):
            return None
        capital = lists.capital_tells(words, start)
        told = bool(coded) or lists.tell_a_place(words, start, following)
        beside = self._choice.areas_beside(words, hit)
        told = told or any(self._index.lies_in(row, beside) for row in rows) or bool(beside and areas)
        standing = stem.sense == "standing" or (stem.sense == "home" and len(stem.affix) > 5)
        alone = start == 0 and following == len(words)
        if key in lists.never:
            accepted = standing
        elif key in lists.people:
            accepted = standing or alone or (told and capital)
        elif key in lists.words:
            written_large = words[start].text.istitle()
            if start and words[start - 1].folded == "to" and first.islower() and not areas:
                told = False  # "to bury", "to reading"
            least = WELL_KNOWN if written_large else FAMOUS
            accepted = standing or alone or capital or ((told or bool(stem.sense)) and weight >= least)
        else:
            steps = (LITTLE, KNOWN, WELL_KNOWN)
            if is_arabic(key):
                steps = (LITTLE, LITTLE, LITTLE) if by_hand else (WELL_KNOWN, FAMOUS, FAMOUS)
            least = steps[2 - (told or bool(stem.sense)) - capital]
            large = words[start].text[0].isupper() and words[end - 1].text[0].isupper()
            if end - start > 1 and not large and not (is_arabic(key) and by_hand):
                least = max(least, WELL_KNOWN)  # "new york", but not "the bank" nor "la garde"
            accepted = standing or alone or bool(coded) or weight >= least
        return hit if accepted else None


def _likely_stem(stem: Stem, word: Token, weight: float, lists: WordLists) -> bool:
    """Short stems, short affixes and ordinary words need a better known place."""
    if stem.folded in lists.never or word.folded in lists.ordinary:
        return False
    if stem.folded in lists.ordinary:
        return weight >= FAMOUS and stem.sense == "standing" and len(stem.affix) > 3
    long_enough = len(stem.folded) > 3 or (len(stem.affix) > 3 and stem.sense == "standing")
    return weight >= (WELL_KNOWN if len(stem.affix) > 1 and long_enough else 3 * FAMOUS)


def _likely_arabic_stem(stem: Stem, word: Token, weight: float, known: bool, lists: WordLists) -> bool:
    """`known`: a country, or written by hand in aliases.yml. "ببون" is in Bonn, but "بليل" at night."""
    if stem.folded in lists.never or word.folded in lists.ordinary:
        return False
    if stem.folded in lists.ordinary:
        whole = stem.affix + stem.folded == word.folded  # "بالليل" is not in Lille
        return known and whole and weight >= FAMOUS and stem.sense == "standing"
    if known:
        return len(stem.folded) > 2
    return weight >= (WELL_KNOWN if len(stem.affix) > 1 and len(stem.folded) > 3 else 3 * FAMOUS)
