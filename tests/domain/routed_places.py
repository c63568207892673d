"""200 places and the mission that data/directory says is responsible, each compared with its rows by eye.

(what is asked, country if given, mission id, what decides). Asked is a name in any spelling, a postal code or
"lat, lon". What decides is the `area_name` of the row in districts.csv, from the most specific level; or
"nearest" and "only mission" where a country has no row for the place, "no mission", "asked" (several places).
docs/routing.md shows this table: `python -m tests.domain.routed_places` writes it.
"""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "routing.md"
COLUMNS = "| asked | country given | mission | decided by |\n| --- | --- | --- | --- |\n"
POSITION = re.compile(r"(-?\d+\.\d+), (-?\d+\.\d+)")

# fmt: off
PLACES: list[tuple[str, str, str | None, str]] = [
    ("Hamburg", "DE", "de-hamburg-bk", "Hamburg"),
    ("Hannover", "DE", "de-hannover-bk", "Niedersachsen"),
    ("Bremen", "DE", "de-hannover-bk", "Bremen"),
    ("Halle (Saale)", "DE", "de-hannover-bk", "Sachsen-Anhalt"),
    ("Norderney", "DE", "de-hannover-bk", "Niedersachsen"),
    ("Köln", "DE", "de-koln-bk", "Regierungsbezirk Köln"),
    ("Kolonya", "", "de-koln-bk", "Regierungsbezirk Köln"),
    ("كولونيا", "", "de-koln-bk", "Regierungsbezirk Köln"),
    ("Aachen", "DE", "de-koln-bk", "Regierungsbezirk Köln"),
    ("Münster", "DE", "de-munster-bk", "Regierungsbezirk Münster"),
    ("Bielefeld", "DE", "de-munster-bk", "Regierungsbezirk Detmold"),
    ("Paderborn", "DE", "de-kassel-bk", "Kreis Paderborn"),  # the Kreis of this name, announced for Kassel
    ("Höxter", "DE", "de-kassel-bk", "Kreis Höxter"),
    ("Düsseldorf", "DE", "de-dusseldorf-bk", "Düsseldorf"),
    ("Duisburg", "DE", "de-dusseldorf-bk", "Duisburg"),
    ("Marxloh", "DE", "de-dusseldorf-bk", "Duisburg"),  # a quarter: the row of its city
    ("Moers", "DE", "de-dusseldorf-bk", "Moers"),
    ("Emmerich", "DE", "de-dusseldorf-bk", "Regierungsbezirk Düsseldorf"),  # Kreis Kleve: the same mission
    ("Essen", "DE", "de-essen-bk", "Essen"),  # the city before the rest of its Regierungsbezirk
    ("Altendorf Essen", "DE", "de-essen-bk", "Essen"),  # a quarter: the row of its city, not of the Regierungsbezirk
    ("Katernberg", "DE", "de-essen-bk", "Essen"),  # a quarter: the row of its city
    ("Mülheim an der Ruhr", "DE", "de-essen-bk", "Mülheim an der Ruhr"),
    ("Dortmund", "DE", "de-essen-bk", "Dortmund"),  # sourced city before the recalled Regierungsbezirk
    ("Siegen", "DE", "de-essen-bk", "Regierungsbezirk Arnsberg"),  # Kreis Siegen-Wittgenstein: the same mission
    ("Kassel", "DE", "de-kassel-bk", "Kassel"),  # the city before Hessen
    ("Fulda", "DE", "de-kassel-bk", "Regierungsbezirk Kassel"),  # a part of Hessen before Hessen
    ("Marburg", "DE", "de-frankfurt-bk", "Hessen"),
    ("Erfurt", "DE", "de-kassel-bk", "Thüringen"),  # rank 1 (2024) before Nürnberg, rank 2
    ("Nürnberg", "DE", "de-nurnberg-bk", "Regierungsbezirk Mittelfranken"),
    ("Regensburg", "DE", "de-nurnberg-bk", "Regierungsbezirk Oberpfalz"),
    ("München", "DE", "de-munih-bk", "Regierungsbezirk Oberbayern"),
    ("Münih", "", "de-munih-bk", "Regierungsbezirk Oberbayern"),
    ("Neu-Ulm", "DE", "de-munih-bk", "Regierungsbezirk Schwaben"),
    ("Lindau", "DE", "de-munih-bk", "Regierungsbezirk Schwaben"),
    ("Karlsruhe", "DE", "de-karlsruhe-bk", "Regierungsbezirk Karlsruhe"),
    ("Freiburg", "DE", "de-karlsruhe-bk", "Regierungsbezirk Freiburg"),
    ("Weil am Rhein", "DE", "de-karlsruhe-bk", "Regierungsbezirk Freiburg"),
    ("Konstanz", "DE", "de-karlsruhe-bk", "Regierungsbezirk Freiburg"),
    ("Stuttgart", "DE", "de-stuttgart-bk", "Regierungsbezirk Stuttgart"),
    ("Mainz", "DE", "de-mainz-bk", "Rheinland-Pfalz"),
    ("Saarbrücken", "DE", "de-mainz-bk", "Saarland"),
    ("Berlin", "DE", "de-berlin-bk", "Berlin"),
    ("Kreuzberg", "DE", "de-berlin-bk", "Berlin"),
    ("Frankfurt (Oder)", "DE", "de-berlin-bk", "Brandenburg"),
    ("Amsterdam", "NL", "nl-amsterdam-bk", "Noord-Holland"),
    ("Almere", "NL", "nl-amsterdam-bk", "Flevoland"),
    ("Den Haag", "NL", "nl-rotterdam-bk", "Zuid-Holland"),  # the embassy there gives no consular service
    ("Lahey", "", "nl-rotterdam-bk", "Zuid-Holland"),
    ("Eindhoven", "NL", "nl-rotterdam-bk", "Noord-Brabant"),
    ("Deventer", "NL", "nl-deventer-bk", "Overijssel"),
    ("Arnhem", "NL", "nl-deventer-bk", "Gelderland"),
    ("Maastricht", "NL", "nl-deventer-bk", "Limburg"),
    ("Vaals", "NL", "nl-deventer-bk", "Limburg"),
    ("Wien", "AT", "at-viyana-bk", "Wien"),  # the consulate general, not the embassy
    ("Viyana", "", "at-viyana-bk", "Wien"),
    ("Linz", "AT", "at-salzburg-bk", "Oberösterreich"),
    ("Bregenz", "AT", "at-bregenz-bk", "Vorarlberg"),
    ("Salzburg", "AT", "at-salzburg-bk", "Salzburg"),
    ("Antwerpen", "BE", "be-anvers-bk", "Antwerpen"),
    ("Anvers", "", "be-anvers-bk", "Antwerpen"),
    ("Bruxelles", "BE", "be-bruksel-bk", "Bruxelles-Capitale, Région de"),
    ("Schaerbeek", "BE", "be-bruksel-bk", "Bruxelles-Capitale, Région de"),
    ("Leuven", "BE", "be-anvers-bk", "Vlaams-Brabant"),  # rank 2, sourced, before rank 3, recalled
    ("Liège", "BE", "be-bruksel-bk", "wallonne, Région"),
    ("Zürich", "CH", "ch-zurih-bk", "Zürich"),
    ("Bern", "CH", "ch-bern-be", "Berne"),
    ("Cenevre", "", "ch-cenevre-bk", "Genève"),
    ("Basel", "CH", "ch-bern-be", "nearest"),
    ("Lausanne", "CH", "ch-cenevre-bk", "nearest"),
    ("London", "GB", "gb-londra-bk", "nearest"),  # never the embassy; the directory has no row for England
    ("Edinburgh", "GB", "gb-edinburgh-bk", "Scotland"),
    ("Belfast", "GB", "gb-edinburgh-bk", "Northern Ireland"),  # the honorary consulate there gives no consular service
    ("Birmingham", "GB", "gb-manchester-bk", "nearest"),
    ("Washington", "US", "us-vasington-be", "District of Columbia"),
    ("New York", "US", "us-new-york-bk", "New York"),
    ("Brooklyn", "US", "us-new-york-bk", "New York"),
    ("Los Angeles", "US", "us-los-angeles-bk", "California"),
    ("Detroit", "US", "us-sikago-bk", "Michigan"),
    ("Boston", "US", "us-boston-bk", "Massachusetts"),
    ("Atlanta", "US", "us-miami-bk", "Georgia"),
    ("Ottawa", "CA", "ca-ottava-be", "Ottawa"),
    ("Gatineau", "CA", "ca-ottava-be", "Gatineau"),
    ("Toronto", "CA", "ca-toronto-bk", "nearest"),
    ("Kingston", "CA", "ca-ottava-be", "nearest"),
    ("Sydney", "AU", "au-sidney-bk", "New South Wales"),
    ("Melbourne", "AU", "au-melburn-bk", "Victoria"),
    ("Cidde", "", "sa-cidde-bk", "Makkah al Mukarramah"),
    ("Riyad", "", "sa-riyad-be", "Ar Riyāḑ"),
    ("الرياض", "SA", "sa-riyad-be", "Ar Riyāḑ"),
    ("Burgas", "BG", "bg-burgaz-bk", "Burgas"),
    ("Sofia", "BG", "bg-sofya-be", "nearest"),
    ("Plovdiv", "BG", "bg-filibe-bk", "nearest"),
    ("Kardzhali", "BG", "bg-filibe-bk", "nearest"),
    ("Novi Pazar", "RS", "rs-yeni-pazar-bk", "Raški okrug"),
    ("Belgrade", "RS", "rs-belgrad-be", "nearest"),
    ("Abu Dhabi", "AE", "ae-abu-dabi-be", "Abū Z̧aby"),
    ("Al Ain", "AE", "ae-abu-dabi-be", "Abū Z̧aby"),
    ("Dubai", "AE", "ae-dubai-bk", "Dubayy"),
    ("دبي", "AE", "ae-dubai-bk", "Dubayy"),
    ("Fujairah", "AE", "ae-dubai-bk", "Al Fujayrah"),
    ("Roma", "IT", "it-roma-be", "Lazio"),
    ("Palermo", "IT", "it-roma-be", "Sicilia"),
    ("Milano", "IT", "it-milano-bk", "Lombardia"),
    ("Trieste", "IT", "it-milano-bk", "Friuli Venezia Giulia"),
    ("San Marino", "SM", "it-milano-bk", "San Marino"),
    ("Stockholm", "SE", "se-stokholm-be", "Sweden"),
    ("Malmö", "SE", "se-stokholm-be", "Sweden"),  # honorary there
    ("Kiruna", "SE", "se-stokholm-be", "Sweden"),
    ("San Juan, Puerto Rico", "", "us-miami-bk", "Puerto Rico"),  # PR in the gazetteer, US-PR under US in the directory
    ("Charlotte Amalie", "VI", "us-miami-bk", "Virgin Islands, U.S."),
    ("Paris", "FR", "fr-paris-bk", "nearest"),  # never the embassy
    ("Lyon", "FR", "fr-lyon-bk", "nearest"),
    ("Strasbourg", "FR", "fr-strazburg-bk", "nearest"),
    ("Marseille", "FR", "fr-marsilya-bk", "nearest"),
    ("Ajaccio", "FR", "fr-marsilya-bk", "nearest"),
    ("Gümülcine", "", "gr-gumulcine-bk", "nearest"),
    ("İskeçe", "", "gr-gumulcine-bk", "nearest"),
    ("Selanik", "", "gr-selanik-bk", "nearest"),
    ("Rodos", "", "gr-rodos-bk", "nearest"),
    ("Kos", "GR", "gr-rodos-bk", "nearest"),
    ("København", "DK", "dk-kopenhag-be", "only mission"),
    ("Oslo", "NO", "no-oslo-be", "only mission"),
    ("Helsinki", "FI", "fi-helsinki-be", "only mission"),
    ("Luxembourg", "LU", "lu-luksemburg-be", "only mission"),
    ("Dublin", "IE", "ie-dublin-be", "only mission"),
    ("Lizbon", "", "pt-lizbon-be", "only mission"),
    ("Prag", "", "cz-prag-be", "only mission"),
    ("Budapeşte", "", "hu-budapeste-be", "only mission"),
    ("Varşova", "", "pl-varsova-be", "only mission"),
    ("Tallinn", "EE", "ee-tallin-be", "only mission"),
    ("Üsküp", "", "mk-uskup-be", "only mission"),
    ("Ohri", "", "mk-uskup-be", "only mission"),
    ("Kuveyt", "", "kw-kuveyt-be", "only mission"),
    ("Doha", "QA", "qa-doha-be", "only mission"),
    ("الدوحة", "", "qa-doha-be", "only mission"),
    ("Beyrut", "", "lb-beyrut-be", "only mission"),
    ("بيروت", "", "lb-beyrut-be", "only mission"),
    ("Oran", "DZ", "dz-cezayir-be", "only mission"),
    ("Rabat", "MA", "ma-rabat-be", "only mission"),
    ("Tel Aviv", "IL", "il-tel-aviv-be", "only mission"),
    ("Mombasa", "KE", "ke-nairobi-be", "only mission"),
    ("Meksiko", "", "mx-meksiko-be", "only mission"),
    ("Valletta", "MT", "mt-valletta-be", "only mission"),
    ("Monaco", "MC", None, "no mission"),
    ("Andorra la Vella", "AD", None, "no mission"),
    ("Reykjavík", "IS", None, "no mission"),
    ("Kingston", "JM", None, "no mission"),
    ("Lefkoşa", "", "cy-lefkosa-be", "only mission"),
    ("Girne", "", "cy-lefkosa-be", "only mission"),
    ("Prizren", "XK", "xk-prizren-bk", "nearest"),
    ("Gyumri", "AM", None, "no mission"),  # near to Kars, but no mission in Armenia
    ("Yerevan", "AM", None, "no mission"),  # accredited elsewhere: no row says where
    ("Soçi", "", "ru-krasnodar-bk", "nearest"),
    ("Nahçıvan", "", "az-nahcivan-bk", "nearest"),
    ("Batum", "", "ge-batum-bk", "nearest"),
    ("Cluj-Napoca", "RO", "ro-bukres-be", "nearest"),
    ("Erbil", "", "iq-erbil-bk", "nearest"),
    ("Kerkük", "", "iq-erbil-bk", "nearest"),
    ("Banya Luka", "", "ba-banya-luka-bk", "nearest"),
    ("Vatikan", "", None, "no mission"),  # the embassy to the Holy See gives no consular service
    ("Cambridge", "GB", "gb-londra-bk", "nearest"),
    ("Valencia", "ES", "es-madrid-be", "nearest"),
    ("Valencia", "VE", "ve-karakas-be", "only mission"),
    ("Hamilton", "CA", "ca-toronto-bk", "nearest"),
    ("Hamilton", "NZ", "nz-wellington-be", "only mission"),
    ("Portland, Oregon", "US", "us-los-angeles-bk", "Oregon"),
    ("Portland, Maine", "US", "us-boston-bk", "Maine"),
    ("Córdoba", "AR", "ar-buenos-aires-be", "only mission"),
    ("Córdoba", "ES", "es-madrid-be", "nearest"),
    ("50667", "DE", "de-koln-bk", "Regierungsbezirk Köln"),
    ("1012 AB", "NL", "nl-amsterdam-bk", "Noord-Holland"),
    ("2000", "BE", "be-anvers-bk", "Antwerpen"),
    ("68163", "DE", "de-karlsruhe-bk", "Regierungsbezirk Karlsruhe"),
    ("79576", "DE", "de-karlsruhe-bk", "Regierungsbezirk Freiburg"),
    ("6411", "NL", "nl-deventer-bk", "Limburg"),
    ("6291", "NL", "nl-deventer-bk", "Limburg"),
    ("67000", "FR", "fr-strazburg-bk", "nearest"),
    ("45127", "DE", "de-essen-bk", "Essen"),
    ("33098", "DE", "de-kassel-bk", "Kreis Paderborn"),
    ("3500", "BE", "be-anvers-bk", "Limburg"),
    ("Vaduz", "LI", "ch-zurih-bk", "Liechtenstein"),  # not in the gazetteer: the country decides
    ("Frankfurt", "", None, "asked"),  # Main or Oder
    ("Cambridge", "US", None, "asked"),
    ("Tunus", "", "tn-tunus-be", "only mission"),
    ("53.055, 4.797", "", "nl-amsterdam-bk", "Noord-Holland"),
    ("51.4513, 7.0139", "", "de-essen-bk", "Essen"),
    ("47.5935, 7.6090", "", "de-karlsruhe-bk", "Regierungsbezirk Freiburg"),
    ("47.5476, 7.5896", "", "ch-bern-be", "nearest"),
    ("47.5900, 7.5610", "", "fr-strazburg-bk", "nearest"),
    ("50.7747, 6.0839", "", "de-koln-bk", "Regierungsbezirk Köln"),
    ("50.7710, 6.0180", "", "nl-deventer-bk", "Limburg"),
    ("48.3930, 10.0110", "", "de-munih-bk", "Regierungsbezirk Schwaben"),
    ("48.3984, 9.9916", "", "de-stuttgart-bk", "Regierungsbezirk Tübingen"),
    ("49.4890, 8.4670", "", "de-karlsruhe-bk", "Regierungsbezirk Karlsruhe"),
    ("49.4780, 8.4350", "", "de-mainz-bk", "Rheinland-Pfalz"),
    ("47.4940, 9.7360", "", "at-bregenz-bk", "Vorarlberg"),
    ("38.8800, -77.1060", "", "us-vasington-be", "Virginia"),
    ("31.7600, -106.4850", "", "us-houston-bk", "Texas"),
    ("31.6900, -106.4240", "", "mx-meksiko-be", "only mission"),
    ("36.9050, 27.2900", "", "gr-rodos-bk", "nearest"),
]
# What the directory says and the place data cannot tell yet: neither Kreise nor all quarters are in it.
LACKING: list[tuple[str, str, str, str]] = [
    ("Delbrück", "DE", "de-kassel-bk", "Kreis Paderborn"),
    ("Warburg", "DE", "de-kassel-bk", "Kreis Höxter"),
    ("Meschede", "DE", "de-kassel-bk", "Hochsauerlandkreis"),
    ("Arnsberg", "DE", "de-kassel-bk", "Hochsauerlandkreis"),
    ("Göttingen", "DE", "de-kassel-bk", "Südniedersachsen"),
    ("51.4500, 7.0800", "", "de-essen-bk", "Essen"),  # Steele: Überruhr-Holthausen, a quarter, is nearest
    ("48.5750, 7.7900", "", "fr-strazburg-bk", "nearest"),  # Port du Rhin: Kehl is nearer than Strasbourg
    ("41.7170, 26.3550", "", "", "no mission"),  # Kapıkule: Svilengrad is nearer than Edirne
    ("47.1410, 9.5210", "", "ch-zurih-bk", "Liechtenstein"),  # Vaduz: the gazetteer has nothing in Liechtenstein
]
# fmt: on


def line_of(asked: str, country: str) -> dict[str, str | float]:
    """The fields of `bot route` that ask for this place."""
    given: dict[str, str | float] = {"country": country} if country else {}
    if found := POSITION.fullmatch(asked):
        return given | {"lat": float(found[1]), "lon": float(found[2])}
    return given | {("postal_code" if asked[0].isdigit() else "place"): asked}


def table() -> str:
    """The places as a Markdown table."""
    rows = (f"| {asked} | {country} | {f'`{id_}`' if id_ else '-'} | {row} |\n" for asked, country, id_, row in PLACES)
    return COLUMNS + "".join(rows)


def main() -> None:
    """Write the table into docs/routing.md, where the old one stood."""
    before, _ = PAGE.read_text(encoding="utf-8").split(COLUMNS)
    PAGE.write_text(before + table(), encoding="utf-8")


if __name__ == "__main__":
    main()
