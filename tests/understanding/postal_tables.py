"""The tables of test_postal_codes.py: numbers as people write them."""

from __future__ import annotations

# (what is special, language, message, every place in order; "?" for a question)
CODES = [
    ("PLZ", "de", "PLZ 50667", "Köln DE"),
    ("PLZ in a Turkish message", "tr", "PLZ: 67059", "Ludwigshafen am Rhein DE"),
    ("PLZ with a Turkish ending", "tr", "plz'm 67059", "Ludwigshafen am Rhein DE"),
    ("Postleitzahl", "de", "Meine Postleitzahl ist 10115", "Berlin DE"),
    ("posta kodu, German by the country", "tr", "posta kodum 10115, Almanya", "Berlin DE | DE"),
    ("posta kodu, Austrian by the country", "tr", "Avusturya'dayım posta kodum 1010", "Wien AT | AT"),
    ("posta kodu beside its place", "tr", "Köln'deyim, posta kodum 50667", "Köln DE"),
    ("posta kodu tells Frankfurts apart", "tr", "Frankfurt'tayım posta kodu 15230", "Frankfurt (Oder) DE"),
    ("a home town besides", "tr", "Konyalıyım, PLZ 10115", "Berlin DE | Konya TR"),
    ("code postal", "fr", "mon code postal est le 75010", "Paris FR"),
    ("CP", "fr", "CP 67000", "Strasbourg FR"),
    ("postcode, Dutch", "nl", "mijn postcode is 1012 AB", "Amsterdam NL"),
    ("postcode, British", "en", "my postcode is N17 6XX", "London GB"),
    ("zip code", "en", "zip code 10001", "New York City US"),
    ("zip code with four more digits", "en", "zip code 10001-1234", "New York City US"),
    ("Arabic", "ar", "الرمز البريدي 50667 في ألمانيا", "Köln DE | DE"),
    ("Arabic digits", "ar", "رمزي البريدي هو ٥٠٦٦٧ في ألمانيا", "Köln DE | DE"),
    ("a Dutch code by its form", "nl", "1012 AB", "Amsterdam NL"),
    ("the same in lower case, nothing else", "nl", "1012ab", "Amsterdam NL"),
    ("the same in a sentence", "en", "I am at 1012 AB", "Amsterdam NL"),
    ("a British code by its form", "en", "I live at SW1A 1AA", "London GB"),
    ("half a British code alone", "en", "N17", "London GB"),
    ("a Canadian code", "en", "H3A 0G4", "Montréal CA"),
    ("D-", "de", "ich wohne in D-50667", "Köln DE"),
    ("A-", "tr", "A-1100", "Wien AT"),
    ("CH- and the name", "de", "CH-8001 Zürich", "Zürich CH"),
    ("nothing else", "de", "50667", "Köln DE"),
    # the name beside the code is the place
    ("code and name", "de", "50667 Köln", "Köln DE"),
    ("code and name with an ending", "tr", "50667 Köln'deyim", "Köln DE"),
    ("code and name in an address", "de", "Hauptstraße 12, 50667 Köln", "Köln DE"),
    ("name and code", "en", "London N17", "London GB"),
    ("the code says which Frankfurt", "tr", "60311 Frankfurt", "Frankfurt am Main DE"),
    ("the code says which other Frankfurt", "de", "ich wohne in 15230 Frankfurt", "Frankfurt (Oder) DE"),
    ("the code says which Halle", "de", "06108 Halle", "Halle (Saale) DE"),
    ("the code tells Essen from food", "de", "45127 Essen", "Essen DE"),
    ("four digits and the name", "fr", "1000 Lausanne", "Lausanne CH"),
    ("Dutch code and name", "nl", "ik woon op 1012 AB Amsterdam", "Amsterdam NL"),
    ("American code and name", "en", "10001 New York", "New York City US"),
]

# (what is special, language, message, the likeliest place, countries that are possible too)
UNCLEAR = [
    ("four digits, no language", None, "1010", "Wien AT", "CH"),
    ("1000", None, "1000", "Bruxelles BE", "CH"),
    ("Berlin and New York", "tr", "posta kodu: 10115", "Berlin DE", "US"),
    ("Berlin and New York in Arabic", "ar", "الرمز البريدي 10115", "Berlin DE", "US"),
    ("German, but Austria or Switzerland", "de", "PLZ 1010", "Wien AT", "CH"),
    ("French, but Belgium or Switzerland", "fr", "code postal 1000", "Bruxelles BE", "CH"),
]

NO_CODES = [
    ("a year", "tr", "2024"),
    ("a year in a sentence", "tr", "2015'te evlendim"),
    ("a year in capitals", "tr", "2024 DE GELDIM"),
    ("since", "nl", "ik ben hier sinds 2011"),
    ("euros", "de", "ich habe 5000 Euro bezahlt"),
    ("euros, the sign", "tr", "1500 €"),
    ("lira", "tr", "1000 TL verdim"),
    ("a house number", "de", "Nr. 1010"),
    ("a room", "en", "room 1010"),
    ("a telephone number", "tr", "0170 1234567"),
    ("the same with a country", "tr", "+49 170 1234567"),
    ("an emergency number", "tr", "112"),
    ("a number sent to confirm", "tr", "123456"),
    ("a file number", "tr", "dosya no 50667"),
    ("a flight", "en", "flight TK 1671"),
    ("kilometres", "en", "2000 KM"),
    ("people", "tr", "3000 kişi öldü"),
    ("a language level", "en", "B2"),
    ("wait, in short", "en", "w8"),
    ("a price after the word", "de", "PLZ 1000 Euro"),
]
