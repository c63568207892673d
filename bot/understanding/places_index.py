"""`data/places` in memory: names, weights, areas, positions. `places.py` says what a message means with them."""

from __future__ import annotations

import lzma
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bot.understanding.spelling import fold, is_arabic, short_name, squeeze
from bot.understanding.yaml_files import read_yaml

# Where the diaspora lives close together, and what is near to it: a name there is meant more often than its
# namesake overseas. A citizen of Türkiye means the town at home before any other.
_NEAR_COUNTRIES = (
    "DE", "NL", "BE", "FR", "AT", "CH", "GB", "SE", "DK", "NO", "IT", "BG", "GR", "CY", "RO", "MK", "XK",
    "BA", "AZ", "SA", "AE", "KW", "QA", "LU", "IE", "FI", "ES", "PT", "PL", "CZ", "SK", "HU", "SI", "HR", "RS",
    "ME", "AL", "UA", "MD", "GE",
)  # fmt: skip
NEAR = {**dict.fromkeys(_NEAR_COUNTRIES, 2), "TR": 10}
_WRITTEN_BY_HAND = 25_000  # a place in aliases.yml counts as at least this large
_SAINTS = {"st": ("sankt", "saint", "sint"), "ste": ("sainte",)}
_ABBREVIATED = tuple(f"{short} " for short in _SAINTS)
_HOLY = (*_ABBREVIATED, *(f"{long} " for longs in _SAINTS.values() for long in longs))
_METROPOLIS = 500_000
_WORTH_GUESSING = 150_000  # the weight from which a slip of the pen is forgiven


class PlaceIndex:
    """Rows of cities and districts, found by folded name; area codes of countries and regions, too."""

    def __init__(self) -> None:
        self.geonameids: list[int] = []
        self.names: list[str] = []
        self.countries: list[str] = []
        self.population: list[int] = []
        self.admin: list[tuple[str | None, str | None]] = []
        self.districts: set[int] = set()
        self.lat: Any = np.zeros(0)
        self.lon: Any = np.zeros(0)
        self.areas: dict[str, tuple[str, ...]] = {}
        self.area_names: dict[str, dict[str, str]] = {}
        self.first_words: set[str] = set()  # of names with more than one word
        self._vectors: Any = np.zeros((0, 3))
        self._rows: dict[str, tuple[int, ...]] = {}
        self._squeezed: dict[str, tuple[int, ...]] = {}
        self._by_hand: dict[str, set[int]] = {}

    @classmethod
    def load(cls, folder: Path) -> PlaceIndex:
        """Read the places, the countries and the hand-made names."""
        index = cls()
        index._read_places(folder / "places.tsv.xz")
        aliases = read_yaml(folder / "aliases.yml")
        index._add_districts(aliases["districts"])
        index._vectors = _on_sphere(index.lat, index.lon)
        numbers = {geonameid: number for number, geonameid in reversed([*enumerate(index.geonameids)])}
        for geonameid, names in aliases["cities"].items():
            index._name_by_hand(numbers[int(geonameid)], names)
        for geonameid, names in aliases["arabic"].items():
            index._add_names(numbers[int(geonameid)], names)
        index._forgive_slips()
        for line in (folder / "countries.tsv").read_text(encoding="utf-8").splitlines():
            code, language, name = line.split("\t")
            index._add_area(code, language, name)
        for code, names in (aliases["countries"] | aliases["regions"]).items():
            for name in names:
                index._add_area(code, "", name)
        for keys in (index._rows, index.areas):
            index.first_words.update(key.split(" ", 1)[0] for key in keys if " " in key)
        return index

    def _read_places(self, path: Path) -> None:
        lat: list[str] = []
        lon: list[str] = []
        shared: dict[str, str] = {}  # one string for every repeated code
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                row = line.rstrip("\n").split("\t")
                self.geonameids.append(int(row[0]))
                self.names.append(row[1])
                self.countries.append(shared.setdefault(row[2], row[2]))
                lat.append(row[3])
                lon.append(row[4])
                self.population.append(int(row[5]))
                admin1, admin2 = (shared.setdefault(code, code) or None for code in row[6:8])
                self.admin.append((admin1, admin2))
                if row[8]:
                    self.districts.add(number)
                only = (number,)
                for key in row[9].split("|"):
                    if self._rows.setdefault(key, only) is not only:
                        self._rows[key] += only
        self.lat, self.lon = (np.array(column, dtype=np.float64) for column in (lat, lon))

    def _add_districts(self, districts: dict[int, list[list[str]]]) -> None:
        """Quarters that GeoNames lacks get rows of their own, where their city is."""
        cities = {geonameid: number for number, geonameid in enumerate(self.geonameids)}
        parents: list[int] = []
        for geonameid, quarters in districts.items():
            city = cities[int(geonameid)]
            for names in quarters:
                parents.append(city)
                number = len(self.names)
                self.districts.add(number)
                self.geonameids.append(self.geonameids[city])
                self.names.append(names[0])
                self.countries.append(self.countries[city])
                self.population.append(0)
                self.admin.append(self.admin[city])
                self._name_by_hand(number, names)
        self.lat = np.append(self.lat, self.lat[parents])
        self.lon = np.append(self.lon, self.lon[parents])

    def _name_by_hand(self, number: int, names: list[str]) -> None:
        self.names[number] = names[0]
        self._add_names(number, names)

    def _add_names(self, number: int, names: list[str]) -> None:
        for key in map(fold, names):
            self._by_hand.setdefault(key, set()).add(number)
            if number not in self._rows.get(key, ()):
                self._rows[key] = (*self._rows.get(key, ()), number)

    def _forgive_slips(self) -> None:
        """Well-known names with doubled letters are also found without them: 'Düseldorf'."""
        for key, rows in self._rows.items():
            short = squeeze(key)
            if len(key) > 6 and short != key and any(self.weight(row, key) > _WORTH_GUESSING for row in rows):
                self._squeezed[short] = rows

    def _add_area(self, code: str, language: str, name: str) -> None:
        self.area_names.setdefault(code, {}).setdefault(language, name)
        known = self.areas.get(fold(name), ())
        if code not in known:
            self.areas[fold(name)] = (*known, code)

    def rows(self, key: str) -> list[int]:
        """The places of this folded name, likeliest first."""
        rows = self._rows.get(key) or self._squeezed.get(key, ())
        if key.startswith(_ABBREVIATED) and not any(fold(self.names[row]) == key for row in rows):
            # "St. Pölten", "St-Denis"; but St. Louis is called so
            start, rest = key.split(" ", 1)
            longs = (f"{saint} {rest}" for saint in _SAINTS[start])
            rows = tuple({*rows, *(row for long in longs for row in self._rows.get(long, ()))})
        return sorted(rows, key=lambda row: -self.weight(row, key)) if len(rows) > 1 else list(rows)

    def weight(self, row: int, key: str) -> float:
        """How likely the name means this place: population, less for a foreign name, more where we are."""
        by_hand = row in self._by_hand.get(key, ())
        share = self._share(row, key, by_hand)
        people = max(self.population[row], _WRITTEN_BY_HAND if by_hand else 1_000)
        return people * share * NEAR.get(self.countries[row], 1)

    def _share(self, row: int, key: str, by_hand: bool) -> float:
        """How many of those who write this name mean this place, if nobody else had it."""
        if key.startswith(_HOLY) and not by_hand and not fold(self.names[row]).startswith(key.split(" ", 1)[0] + " "):
            return 0.2  # "St. Louis" may be Saint-Louis, but is rather called so
        if self.is_own(row, key):
            return 1.0
        return 0.001 if key in self._by_hand else 0.5 if is_arabic(key) else 0.1

    def is_own(self, row: int, key: str) -> bool:
        """Whether the place is called so where it lies, or in aliases.yml."""
        if row in self._by_hand.get(key, ()):
            return True
        return _plain(key) in (_plain(fold(self.names[row])), _plain(fold(short_name(self.names[row]))))

    def is_by_hand(self, row: int, key: str) -> bool:
        """Whether aliases.yml gives the place this name."""
        return row in self._by_hand.get(key, ())

    def is_everyday(self, row: int, key: str) -> bool:
        """Whether people would write this name without a second thought, and so with endings glued to it."""
        large = self.countries[row] in NEAR or self.population[row] > _METROPOLIS
        return row in self._by_hand.get(key, ()) or (large and (is_arabic(key) or self.is_own(row, key)))

    def city_named_like_its_country(self, key: str) -> bool:
        """'Kuveyt', 'Lüksemburg': aliases.yml says that the city is meant."""
        return any(self.countries[row] in self.areas.get(key, ()) for row in self._by_hand.get(key, ()))

    def named_by_hand(self, key: str) -> list[int]:
        """The places that aliases.yml gives this name."""
        return sorted(self._by_hand.get(key, ()))

    def lies_in(self, row: int, codes: Iterable[str]) -> bool:
        """Whether the place is in one of these countries or regions."""
        return any(code in (self.countries[row], *self.admin[row]) for code in codes)

    def kilometres(self, one: int, other: int) -> float:
        """Great-circle distance."""
        return float(6371 * np.arccos(np.clip(self._vectors[one] @ self._vectors[other], -1, 1)))

    @cached_property
    def _by_geonameid(self) -> tuple[Any, Any]:
        """Sorted geonameids, and the first row of each."""
        ids, first = np.unique(np.array(self.geonameids, dtype=np.int32), return_index=True)
        return ids, first.astype(np.int32)

    def row_of(self, geonameid: int) -> int | None:
        """The row of a GeoNames place; None if it is not here."""
        ids, rows = self._by_geonameid
        at = int(np.searchsorted(ids, geonameid))
        return int(rows[at]) if at < len(ids) and ids[at] == geonameid else None

    def nearest(self, lat: float, lon: float) -> int:
        """The row nearest to a position."""
        here = _on_sphere(np.array([lat]), np.array([lon]))[0]
        return int(np.argmax(self._vectors @ here))

    def around(self, lat: float, lon: float, kilometres: float) -> list[int]:
        """The rows at most so far from a position, the nearest first; of a city and its quarters the city."""
        cosines = self._vectors @ _on_sphere(np.array([lat]), np.array([lon]))[0]
        near = np.flatnonzero(cosines >= np.cos(kilometres / 6371))
        return [int(row) for row in near[np.argsort(-cosines[near], kind="stable")]]


def _on_sphere(lat: Any, lon: Any) -> Any:
    """Unit vectors: the nearest place has the largest dot product, as it has the smallest haversine."""
    north, east = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], axis=1)


def _plain(folded: str) -> str:
    """'koeln' and 'koln' are one name, so are 'sankt gallen' and 'st gallen'."""
    if folded.startswith(_HOLY):
        folded = "st " + folded.split(" ", 1)[1]
    return folded.replace("ae", "a").replace("oe", "o").replace("ue", "u")
