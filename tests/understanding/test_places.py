"""Places as citizens write them: six languages, endings, slips, ordinary words, namesakes, positions."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest

from bot.understanding.places import Gazetteer, Place

DATA = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(DATA / "places")


def shown(place: Place) -> str:
    """'Köln DE'; a country is 'DE', a region 'US-TX'."""
    return f"{place.name} {place.country}" if place.level != "country" else place.admin1 or place.country


# (what is special, language, message, the first place)
NAMES = [
    # one city, many spellings
    ("local spelling", "tr", "Köln", "Köln DE"),
    ("no umlaut", "tr", "koln", "Köln DE"),
    ("umlaut as two letters", "de", "Koeln", "Köln DE"),
    ("English name", "en", "Cologne", "Köln DE"),
    ("Turkish name", "tr", "Kolonya", "Köln DE"),
    ("Dutch name", "nl", "Keulen", "Köln DE"),
    ("Arabic name", "ar", "كولونيا", "Köln DE"),
    ("capitals with a dotless I", "tr", "ISPARTA", "Isparta TR"),
    ("capitals with a dotted I", "tr", "İZMİR", "İzmir TR"),
    ("sharp s", "de", "Gießen", "Gießen DE"),
    ("double s for sharp s", "de", "giessen", "Gießen DE"),
    ("Danish letter", "tr", "kobenhavn", "København DK"),
    ("hyphens left out", "fr", "saint etienne", "Saint-Étienne FR"),
    ("two words run together", "tr", "newyork", "New York City US"),
    ("doubled letter lost", "tr", "Düseldorf", "Düsseldorf DE"),
    ("doubled letter lost in the middle", "tr", "Roterdam", "Rotterdam NL"),
    ("spelled as it sounds", "tr", "Ştutgart", "Stuttgart DE"),
    ("a name with an apostrophe", "en", "Sana'a", "Sanaa YE"),
    ("the river left out", "de", "Mülheim", "Mülheim an der Ruhr DE"),
    ("the bracket left out", "de", "Kempten", "Kempten (Allgäu) DE"),
    ("the bracket kept", "de", "Frankfurt (Oder)", "Frankfurt (Oder) DE"),
    ("an abbreviated saint", "tr", "St. Gallen'deyim", "Sankt Gallen CH"),
    # Turkish names abroad
    ("Lahey", "tr", "Lahey", "Den Haag NL"),
    ("Viyana", "tr", "Viyana", "Wien AT"),
    ("Anvers", "tr", "Anvers", "Antwerpen BE"),
    ("Brüksel", "tr", "Brüksel", "Bruxelles BE"),
    ("Münih", "tr", "munih", "München DE"),
    ("Londra", "tr", "Londra", "London GB"),
    ("Selanik", "tr", "Selanik", "Thessaloníki GR"),
    ("Üsküp", "tr", "Üsküp", "Skopje MK"),
    ("Strazburg", "tr", "strazburg", "Strasbourg FR"),
    ("Cenevre", "tr", "Cenevre", "Genève CH"),
    ("Zürih", "tr", "Zürih", "Zürich CH"),
    ("Lefkoşa", "tr", "Lefkoşa", "Nicosia CY"),
    ("Vaşington", "tr", "Vaşington", "Washington US"),
    ("Encemine", "tr", "Encemine", "N'Djamena TD"),
    ("Urumiye", "tr", "Urumiye", "Urmia IR"),
    ("Haydarabad", "tr", "Haydarabad", "Hyderabad IN"),
    ("Pretorya", "tr", "Pretorya", "Pretoria ZA"),
    ("Gümülcine", "tr", "Gümülcine", "Komotiní GR"),
    ("Filibe", "tr", "Filibe'deyiz", "Plovdiv BG"),
    # districts
    ("a Berlin district", "tr", "Neukölln", "Neukölln DE"),
    ("a district as it sounds", "tr", "Kroyzberg'deyim", "Kreuzberg DE"),
    ("a Brussels commune", "fr", "j'habite Schaerbeek", "Schaerbeek BE"),
    ("a commune in short", "nl", "ik woon in Molenbeek", "Molenbeek-Saint-Jean BE"),
    ("a London borough", "en", "I live in Tower Hamlets", "Tower Hamlets GB"),
    ("an Istanbul district", "tr", "Kadıköy", "Kadıköy TR"),
    ("a quarter of Duisburg", "tr", "Marxloh'dayım", "Marxloh DE"),
]

STANDING = [
    ("apostrophe, I am in", "tr", "Köln'deyim", "Köln DE"),
    ("no apostrophe, no umlaut", "tr", "kolndeyim yardım edin", "Köln DE"),
    ("the same, language unknown", None, "kolndeyim", "Köln DE"),
    ("the same, language mistaken", "de", "kolndeyim", "Köln DE"),
    ("writing from", "tr", "Münih'ten yazıyorum", "München DE"),
    ("towards, no apostrophe", "tr", "yarın Berline gideceğim", "Berlin DE"),
    ("living in", "tr", "Lahey'de yaşıyorum", "Den Haag NL"),
    ("we are in", "tr", "Hamburgtayız", "Hamburg DE"),
    ("the ending as a word of its own", "tr", "annem çok kötü Rotterdam dayiz", "Rotterdam NL"),
    ("Black Sea dialect", "tr", "ha buraya doktor yollayun Basel deyuz", "Basel CH"),
    ("accusative", "tr", "Viyana'yı bilmiyorum", "Wien AT"),
    ("genitive", "tr", "Köln'ün neresindesiniz", "Köln DE"),
    ("while in", "tr", "Paris'teyken pasaportum çalındı", "Paris FR"),
    ("the one who is in", "tr", "Berlin'deki oğlum", "Berlin DE"),
    ("typographic apostrophe", "tr", "Stuttgart’tayım", "Stuttgart DE"),
    ("two words with an ending", "tr", "Den Haag'dayım", "Den Haag NL"),
    ("a short name, a long ending", "tr", "ulmdayım", "Ulm DE"),
    ("place word after it", "tr", "essen konsolosluğu nerede", "Essen DE"),
    ("consulate, lower case", "tr", "münih başkonsolosluğu telefonu", "München DE"),
    ("a whole cry for help", "tr", "kocam beni dövüyor evden çıkamıyorum duisburgdayım", "Duisburg DE"),
    ("in capitals", "tr", "ACİL YARDIM ROTTERDAM", "Rotterdam NL"),
    ("German adjective", "de", "Ich bin am Kölner Flughafen", "Köln DE"),
    ("German inhabitant", "de", "Ich bin Berliner", "Berlin DE"),
    ("irregular adjective", "de", "Münchner Flughafen", "München DE"),
    ("German lower case", "de", "bin in düsseldorf und habe kein geld", "Düsseldorf DE"),
    ("German genitive", "de", "im Zentrum Londons", "London GB"),
    ("English possessive", "en", "London's airport", "London GB"),
    ("English lower case", "en", "i'm stuck in manchester", "Manchester GB"),
    ("French à", "fr", "je suis à Lyon", "Lyon FR"),
    ("French d'", "fr", "je viens d'Anvers", "Antwerpen BE"),
    ("French lower case without accent", "fr", "je suis a geneve", "Genève CH"),
    ("Dutch te", "nl", "ik woon te Gent", "Gent BE"),
    ("Dutch vanuit", "nl", "ik bel vanuit den bosch", "'s-Hertogenbosch NL"),
    ("Arabic b-", "ar", "أنا ببرلين", "Berlin DE"),
    ("Arabic b- with hamza", "ar", "أسكن بأمستردام", "Amsterdam NL"),
    ("Arabic l-", "ar", "وصلت للاهاي", "Den Haag NL"),
    ("Arabic b- and article", "ar", "نحن بالرياض", "Riyadh SA"),
    ("Arabic fi", "ar", "أعيش في شتوتغارت", "Stuttgart DE"),
    ("Arabic min", "ar", "أكتب من كولونيا", "Köln DE"),
    ("Arabic and-", "ar", "وباريس", "Paris FR"),
    ("Arabic vowel marks", "ar", "في بَرْلِين", "Berlin DE"),
    ("Arabic short name after fi", "ar", "أنا في بون", "Bonn DE"),
    ("Arabic without hamza", "ar", "انا في امستردام", "Amsterdam NL"),
    ("Latin name in an Arabic message", "ar", "أنا في Rotterdam", "Rotterdam NL"),
]

# Ordinary words that are places too: here they are not
NO_PLACE = [
    ("of, a sigh", "tr", "of ya çok sıkıldım"),
    ("van, a vehicle", "tr", "beyaz bir van çarptı"),
    ("ordu, the army", "tr", "ordu evine gittim"),
    ("bana, to me", "tr", "bana yardım edin"),
    ("sana, to you", "tr", "sana nasıl ulaşırım"),
    ("sal, let go", "tr", "beni sal artık"),
    ("can, life", "tr", "can güvenliğim yok"),
    ("Can, a child", "tr", "oğlum Can kayboldu"),
    ("batman, a film", "tr", "batman filmi ne zaman"),
    ("tokat, a slap", "tr", "bana tokat attı"),
    ("ağrı, pain", "tr", "göğsümde şiddetli ağrı var"),
    ("uşak, a servant", "tr", "biz uşak değiliz"),
    ("para, money", "tr", "hiç para kalmadı"),
    ("para with too", "tr", "para da kalmadı telefon da"),
    ("kaza, an accident", "tr", "kaza yaptık yaralı var"),
    ("polis, police", "tr", "polis geldi babamı aldı"),
    ("karşı, against", "tr", "bize karşı çok sert davrandılar"),
    ("arada, at times", "tr", "arada bir geliyor"),
    ("eşim, my spouse", "tr", "eşim hamile"),
    ("oradayım, I am there", "tr", "beş dakikaya oradayım"),
    ("evdeyim, I am at home", "tr", "evdeyim kapı kilitli"),
    ("hastanedeyim", "tr", "hastanedeyim ne yapmalıyım"),
    ("mutluyum, I am happy", "tr", "çok mutluyum teşekkürler"),
    ("Aydın, a man", "tr", "Aydın'a söyledim ama gelmedi"),
    ("Fatih, a man", "tr", "merhaba ben Fatih"),
    ("mart, March", "tr", "mart ayında evleneceğiz"),
    ("türk", "tr", "ben türk vatandaşıyım"),
    ("a small word before a country", "tr", "ama nasıl"),
    ("bath", "en", "she slipped in the bath"),
    ("reading", "en", "I was reading the form"),
    ("nice", "en", "have a nice day"),
    ("mobile", "en", "my mobile was stolen"),
    ("are", "en", "are you there"),
    ("as, at best", "en", "as soon as possible, tomorrow at best"),
    ("on time", "en", "the train was not on time"),
    ("police", "en", "the police took him"),
    ("march", "en", "since march"),
    ("split", "en", "we split the money"),
    ("George, a man", "en", "my husband George hit me"),
    ("essen, to eat", "de", "wir haben nichts zu essen"),
    ("Essen, food", "de", "Ich habe kein Essen"),
    ("zum Essen", "de", "er kam zum Essen"),
    ("singen", "de", "die kinder singen"),
    ("Halle, a hall", "de", "die Halle brennt"),
    ("weil", "de", "weil ich Angst habe"),
    ("im Hof", "de", "er liegt im Hof"),
    ("der Zug", "de", "ich sitze im Zug"),
    ("leer", "de", "mein Akku ist leer"),
    ("waren", "de", "wir waren bei der Polizei"),
    ("beste", "nl", "wat kan ik het beste doen"),
    ("wat", "nl", "wat moet ik doen"),
    ("bergen", "nl", "we gaan naar de bergen"),
    ("wil", "nl", "ik wil naar huis"),
    ("goede", "nl", "goede dag"),
    ("indien", "nl", "indien nodig bel ik terug"),
    ("nice in French slang", "fr", "c'est nice merci"),
    ("tours", "fr", "il fait des tours"),
    ("que je vienne", "fr", "il faut que je vienne demain"),
    ("garde à vue", "fr", "mon frère est en garde à vue"),
    ("eau", "fr", "nous n'avons plus d'eau"),
    ("il y a", "fr", "il y a un problème"),
    ("the night", "ar", "ضربني في الليل"),
    ("pain in the eye", "ar", "عندي ألم في العين"),
    ("how", "ar", "كيف أجدد جواز السفر"),
    ("university", "ar", "أدرس في الجامعة"),
    ("a year", "ar", "منذ سنة"),
]

# ... and here they are
EVIDENCE = [
    ("ending", "tr", "Essen'deyim", "Essen DE"),
    ("ending on a Turkish word", "tr", "Van'dayım", "Van TR"),
    ("no apostrophe", "tr", "vandayım", "Van TR"),
    ("ending on a name of people", "tr", "Aydın'dayım", "Aydın TR"),
    ("the whole message", "tr", "essen", "Essen DE"),
    ("not a word of this language", "tr", "essen çok soğuk", "Essen DE"),
    ("preposition", "de", "Ich wohne in Essen", "Essen DE"),
    ("preposition, smaller town", "de", "ich wohne in Singen", "Singen DE"),
    ("a full name", "de", "Weil am Rhein", "Weil am Rhein DE"),
    ("French à", "fr", "je suis à Nice", "Nice FR"),
    ("French à, plural look", "fr", "je suis à Tours", "Tours FR"),
    ("French verb of living", "fr", "j'habite Lens", "Lens FR"),
    ("capital inside the sentence", "en", "They live in Reading", "Reading GB"),
    ("preposition, lower case", "en", "stranded in nice", "Nice FR"),
    ("Bath", "en", "I am in Bath", "Bath GB"),
    ("a state after it", "en", "Mobile, Alabama", "Mobile US"),
    ("Dutch capital", "nl", "ik woon in Best", "Best NL"),
    ("a Dutch town before a larger namesake", "nl", "ik woon in Ede", "Ede NL"),
    ("Leiden, to suffer", "nl", "ik studeer in Leiden", "Leiden NL"),
    ("a woman's name", "en", "my flight from Florence", "Firenze IT"),
]


@pytest.mark.parametrize(("label", "language", "message", "expected"), NAMES + STANDING + EVIDENCE)
def test_finds_the_place(gazetteer: Gazetteer, label: str, language: str | None, message: str, expected: str) -> None:
    mentions = gazetteer.find(message, language)
    assert [shown(mention.place) for mention in mentions[:1]] == [expected], label


@pytest.mark.parametrize(("label", "language", "message"), NO_PLACE)
def test_ordinary_words_are_not_places(gazetteer: Gazetteer, label: str, language: str, message: str) -> None:
    assert [mention.text for mention in gazetteer.find(message, language)] == [], label


# (what is special, language, message, every place in order)
SEVERAL = [
    ("city before its country", "tr", "Frankfurt am Main, Almanya", "Frankfurt am Main DE | DE"),
    ("country before its city", "tr", "Hollanda Rotterdam", "Rotterdam NL | NL"),
    ("both with endings", "tr", "Almanya'da Köln'deyim", "Köln DE | DE"),
    ("where I am before where I go", "tr", "Londra'ya uçacağım, Lyon'dayım", "Lyon FR | London GB"),
    ("home town last", "tr", "Trabzonluyum, Köln'deyim", "Köln DE | Trabzon TR"),
    ("home town last, written first", "tr", "Konya'lıyım ama Gent'te oturuyorum", "Gent BE | Konya TR"),
    ("home country last", "tr", "Türkiye'den Berlin'e geldim", "Berlin DE | TR"),
    ("district before its city", "de", "Neukölln, Berlin", "Neukölln DE | Berlin DE"),
    ("a district known by its city", "de", "wedding berlin", "Wedding DE | Berlin DE"),
    ("a country alone", "tr", "Almanyadayım", "DE"),
    ("a country in short", "tr", "abd'de yaşıyorum", "US"),
    ("a country in Arabic", "ar", "أعيش في ألمانيا", "DE"),
    ("a region stands for itself", "tr", "Texas'tayım", "US-TX"),
    ("a German land", "de", "ich lebe in Bayern", "DE-BY"),
    ("a city named like its country", "tr", "Kuveyt'teyim", "Kuwait City KW"),
    ("a country named like its capital", "tr", "Cezayir'deyim", "DZ"),
]


@pytest.mark.parametrize(("label", "language", "message", "expected"), SEVERAL)
def test_orders_several_places(gazetteer: Gazetteer, label: str, language: str, message: str, expected: str) -> None:
    found = [shown(mention.place) for mention in gazetteer.find(message, language)]
    assert found == expected.split(" | "), label


# (what is special, language, message, country given, the place, whether to ask)
NAMESAKES = [
    ("Main is 11 times Oder", "tr", "Frankfurt'tayım", None, "Frankfurt am Main DE", True),
    ("country does not help", "tr", "Frankfurt, Almanya", None, "Frankfurt am Main DE", True),
    ("Main is said", "de", "Frankfurt am Main", None, "Frankfurt am Main DE", False),
    ("Oder is said", "de", "Frankfurt Oder", None, "Frankfurt (Oder) DE", False),
    ("Halle in two lands", "de", "in Halle", None, "Halle (Saale) DE", True),
    ("Neustadt, ten of them", "de", "ich bin in Neustadt", None, None, True),
    ("Valencia in two countries", "en", "I am in Valencia", None, "Valencia ES", True),
    ("Georgia, a country and a state", "en", "I am in Georgia", None, "GE", True),
    ("Nis is Nice and Niš", "tr", "Nis'teyim", None, None, True),
    ("Amman and Oman in Arabic", "ar", "في عمان", None, None, True),
    ("Springfield", "en", "Springfield", None, None, True),
    ("Springfield with its state", "en", "Springfield, Illinois", None, "Springfield US", False),
    ("Paris in Texas is far smaller", "tr", "Paris'teyim", None, "Paris FR", False),
    ("Paris, Texas", "en", "Paris, Texas", None, "Paris US", False),
    ("Cologne in Italy is far smaller", "en", "Cologne", None, "Köln DE", False),
    ("Cologne Italy", "en", "Cologne Italy", None, "Cologne IT", False),
    ("country as an argument", "en", "Cologne", "IT", "Cologne IT", False),
    ("an argument that does not fit", "tr", "Köln'deyim", "FR", "Köln DE", False),
    ("Rome, and Roma in Texas", "tr", "Roma'dayım", None, "Roma IT", False),
    ("Vienna in Virginia is far smaller", "en", "Vienna", None, "Wien AT", False),
    ("Freiburg", "de", "in Freiburg", None, "Freiburg im Breisgau DE", False),
    ("Fribourg", "fr", "à Fribourg", None, "Fribourg CH", False),
    ("Brugg is not Brugge", "de", "in Brugg", None, "Brugg CH", False),
    ("Hagen", "de", "ich wohne in Hagen", None, "Hagen DE", False),
    ("Münster, not the village Munster", "de", "in Münster", None, "Münster DE", False),
    ("Manchester", "en", "Manchester", None, "Manchester GB", False),
    ("London, Ontario", "en", "London, Ontario", None, "London CA", False),
    ("London, then another country", "en", "from London to Canada", None, "London GB", False),
    ("from Paris to America", "tr", "Paris'ten Amerika'ya uçtum", None, "Paris FR", False),
    ("Tripoli", "tr", "Trablus'tayım", None, "Tripoli LY", False),
    ("Sinop, at home", "tr", "Sinop", None, "Sinop TR", False),
]


@pytest.mark.parametrize(("label", "language", "message", "country", "expected", "ask"), NAMESAKES)
def test_asks_only_when_it_matters(
    gazetteer: Gazetteer,
    label: str,
    language: str,
    message: str,
    country: str | None,
    expected: str | None,
    ask: bool,
) -> None:
    mention = gazetteer.find(message, language, country)[0]
    assert mention.ambiguous is ask, label
    assert mention.candidates[0] == mention.place
    assert (len(mention.candidates) > 1) is ask
    if expected:
        assert shown(mention.place) == expected, label


ROUGH = [
    ("nothing", ""),
    ("blanks", " \n\t "),
    ("emoji only", "😭😭🆘"),
    ("lone surrogates", "\ud83d \udc00"),
    ("control characters", "\x00\x07"),
    ("digits", "0049 170 1234567"),
    ("an apostrophe alone", "'"),
    ("an ending alone", "'deyim"),
    ("Arabic marks alone", "َُِّْ"),
    ("brackets", "((((((("),
]


@pytest.mark.parametrize(("label", "message"), ROUGH)
def test_says_nothing_to_nothing(gazetteer: Gazetteer, label: str, message: str) -> None:
    for language in (None, "tr", "ar", "xx"):
        assert gazetteer.find(message, language) == [], label


@pytest.mark.parametrize(
    "message",
    [
        "\ud800Köln\u200b'deyim 😀",
        "K\u200böln",
        "ko\u0308ln",
        "🆘Köln🆘",
        "Köln!!!",
        "(köln)",
        "\u202bKöln\u202c",
        "KÖLN'DEYİM",
        "Köln" + "\ufe0f",
        "#köln",
    ],
)
def test_reads_through_dirt(gazetteer: Gazetteer, message: str) -> None:
    assert [shown(mention.place) for mention in gazetteer.find(message, "tr")] == ["Köln DE"]


def test_text_is_as_written(gazetteer: Gazetteer) -> None:
    message = "Merhaba, ben Den Haag'da yaşıyorum, oğlum kolnde"
    assert {mention.text for mention in gazetteer.find(message, "tr")} == {"Den Haag", "kolnde"}


@pytest.mark.parametrize("piece", ["a b c d ", "Köln'deyim kolndeyim ", "ببرلين في لندن ", "x", "''''", "Halle "])
def test_long_messages_are_bounded(gazetteer: Gazetteer, piece: str) -> None:
    message = (piece * 20_000)[:20_000]
    started = time.perf_counter()
    mentions = gazetteer.find(message)
    assert time.perf_counter() - started < 0.25  # 0.03 on a quiet machine
    assert len(mentions) <= 20


@pytest.mark.parametrize(
    ("label", "lat", "lon", "country", "admin"),
    [
        ("Köln cathedral", 50.9413, 6.9583, "DE", "GN:DE.07.053"),
        ("Kreuzberg", 52.4970, 13.4100, "DE", "DE-BE"),
        ("Antwerpen station", 51.2172, 4.4211, "BE", "BE-VAN"),
        ("The Hague", 52.0705, 4.3007, "NL", "NL-ZH"),
        ("Strasbourg, near Germany", 48.5734, 7.7521, "FR", "FR-GES"),
        ("New York", 40.7128, -74.0060, "US", "US-NY"),
        ("Sydney", -33.8688, 151.2093, "AU", "AU-NSW"),
        ("Trabzon", 41.0027, 39.7168, "TR", "TR-61"),
        ("date line", -18.1416, 178.4419, "FJ", None),
        ("the North Pole is near somewhere", 90.0, 0.0, None, None),
    ],
)
def test_nearest(
    gazetteer: Gazetteer, label: str, lat: float, lon: float, country: str | None, admin: str | None
) -> None:
    place = gazetteer.nearest(lat, lon)
    if country:
        assert place.country == country, label
    if admin:
        assert admin in (place.admin1, place.admin2), label


def test_nearest_is_fast(gazetteer: Gazetteer) -> None:
    started = time.perf_counter()
    for step in range(100):
        gazetteer.nearest(50 + step / 50, 7)
    assert (time.perf_counter() - started) / 100 < 0.005


def test_looks_up_exact_names(gazetteer: Gazetteer) -> None:
    assert gazetteer.lookup("MÜNIH")[0].name == "München"
    assert gazetteer.lookup("Cologne", "IT")[0].country == "IT"
    assert {place.country for place in gazetteer.lookup("Paris")} >= {"FR", "US"}
    assert gazetteer.lookup("no such place") == ()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Almanya", "DE"),
        ("Deutschland", "DE"),
        ("deutschland", "DE"),
        ("USA", "US"),
        ("ABD", "US"),
        ("Amerika", "US"),
        ("UK", "GB"),
        ("İngiltere", "GB"),
        ("Pays-Bas", "NL"),
        ("Nederland", "NL"),
        ("ألمانيا", "DE"),
        ("المانيا", "DE"),
        ("KKTC", "CY"),
        ("Texas", "US"),
        ("DE", "DE"),
        ("Köln", None),
        ("", None),
    ],
)
def test_names_countries(gazetteer: Gazetteer, name: str, code: str | None) -> None:
    assert gazetteer.country(name) == code


def test_districts_know_their_city(gazetteer: Gazetteer) -> None:
    marxloh = gazetteer.find("Marxloh'dayım", "tr")[0].place
    duisburg = gazetteer.lookup("Duisburg")[0]
    assert (marxloh.level, duisburg.level) == ("district", "city")
    assert (marxloh.geonameid, marxloh.admin2) == (duisburg.geonameid, duisburg.admin2)
    assert gazetteer.lookup("Kreuzberg", "DE")[0].level == "district"


def test_speaks_the_codes_of_the_directory(gazetteer: Gazetteer) -> None:
    """Every area of districts.csv that has a code has a place in it; every city of it is found by name."""
    index = gazetteer._index
    codes = {code for pair in index.admin for code in pair}
    with (DATA / "directory" / "districts.csv").open(encoding="utf-8") as file:
        for area in csv.DictReader(file):
            if area["level"] == "city":
                assert gazetteer.lookup(area["area_name"], area["country_code"])[0].name == area["area_name"]
            elif area["area_code"] and area["level"] != "country":
                assert area["area_code"] in codes, area


def test_finds_every_seat_of_a_mission_by_its_turkish_name(gazetteer: Gazetteer) -> None:
    unclear = {"ss-cuba-be", "va-roma-be"}  # Juba is "Cuba" in Turkish; the Holy See is in Rome
    with (DATA / "directory" / "missions.csv").open(encoding="utf-8") as file:
        missing = [
            mission["id"]
            for mission in csv.DictReader(file)
            if mission["country_code"]
            not in {
                place.country
                for mention in gazetteer.find(f"{mission['city_tr']}'dayım", "tr")[:1]
                for place in mention.candidates
            }
        ]
    assert set(missing) == unclear


def test_stays_small() -> None:
    assert (DATA / "places" / "places.tsv.xz").stat().st_size < 1_900_000
    started = time.perf_counter()
    Gazetteer.load(DATA / "places")
    assert time.perf_counter() - started < 6  # 0.7 s on a quiet machine
