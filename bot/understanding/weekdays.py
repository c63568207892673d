"""Which day of the week a message names: "und samstags?", "Cumartesi günleri açık mı?", "يوم السبت"."""

from __future__ import annotations

import re

from bot.understanding.features import normalise

# Patterns per day, Monday first, on folded words without apostrophes. Left out are short forms that are ordinary
# words somewhere ("so", "do", "sat", "mon"), unless the word before them makes a day of them ("on sat").
_PART = r"(?:s|en|abends?|morgens?|vormittags?|nachmittags?|mittags?|avonds?|avond|ochtends?|middags?)?"
_FORMER = r"(?:[وف]?(?:ب|ك)?ال|[وف]?لل|يوم )"  # "on the", "and the", attached to the Arabic word; or "day"
_DAYS = (
    rf"pazartes\w*|montag{_PART}|maandag{_PART}|lundis?|mondays?|on mon|{_FORMER}(?:اثنين|تنين|اتنين)",
    rf"sali(?:lari|ya|dan|nin)?|dienstag{_PART}|dinsdag{_PART}|mardis?|tue(?:s(?:days?)?)?"
    rf"|{_FORMER}(?:ثلاثاء|ثلاثا|تلات|تلاتاء?)",
    rf"carsamba\w*|mittwoch{_PART}|woensdag{_PART}|mercredis?|wed(?:nesdays?)?|{_FORMER}(?:اربعاء|اربعا)",
    rf"persembe\w*|donnerstag{_PART}|donderdag{_PART}|jeudis?|thu(?:rs(?:days?)?)?|{_FORMER}خميس",
    rf"cuma(?:lari|ya|dan|nin|gunu)?|freitag{_PART}|vrijdag{_PART}|vendredis?|fri(?:days?)?|{_FORMER}جمعه",
    rf"cumartes\w*|samstag{_PART}|sonnabend\w*|zaterdag{_PART}|samedis?|saturdays?|on sat|{_FORMER}سبت",
    rf"pazar(?:lari|a|dan)?(?! (?:yer|arastirma|pay|alani))|sonntag{_PART}|zondag{_PART}|dimanches?|sundays?|on sun"
    rf"|{_FORMER}(?:احد|حد)",
)
# Opening hours at the weekend are decided by the Saturday: no consulate opens on Sundays only.
_WEEKEND = r"hafta ?sonu\w*|\w*wochenendes?|week ?ends?|ويكند|ويك اند|نهايه الاسبوع"
_PATTERN = re.compile(
    r"(?<!\w)(?:"
    + "|".join(f"(?P<day{number}>{day})" for number, day in enumerate(_DAYS))
    + rf"|(?P<weekend>{_WEEKEND}))(?!\w)"
)


def find_weekday(text: str) -> int | None:
    """The first day of the week that the message names, 0 for Monday to 6 for Sunday; None without one."""
    match = _PATTERN.search(normalise(text))
    if match is None or match.lastgroup is None:
        return None
    return 5 if match.lastgroup == "weekend" else int(match.lastgroup[3:])
