"""Sentences in the citizen's language, and dates, numbers and lists the way that language writes them."""

from __future__ import annotations

import gettext
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, get_day_names
from babel.numbers import format_decimal

from bot.i18n.texts import ALL_TEXTS
from bot.i18n.texts_staff import COUNTED

LOCALES = Path(__file__).parent / "locale"
LANGUAGES = ("tr", "de", "nl", "fr", "en", "ar")
RIGHT_TO_LEFT = frozenset({"ar"})
# Arabic of citizens in Europe is written with Western digits as often as not; phone numbers always are.
_NUMBERING = "latn"


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The compiled catalogue of a language; English falls back to the message ids themselves."""
    return gettext.translation("messages", LOCALES, [language], fallback=True)


def text(key: str, language: str, /, **values: object) -> str:
    """The sentence `key` in `language`, with its places filled. Raises KeyError on an unknown key."""
    return catalogue(language).gettext(ALL_TEXTS[key]).format(**values)


def direction(language: str) -> str:
    """'rtl' or 'ltr', for HTML."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


@cache
def locale(language: str) -> Locale:
    """Babel's locale of a language."""
    return Locale.parse(language)


def language_name(language: str, in_language: str) -> str:
    """'Deutsch' for ('de', 'de'), 'Almanca' for ('de', 'tr')."""
    return str(locale(in_language).languages.get(language, language))


def country_name(code: str, language: str) -> str:
    """The name of an ISO 3166-1 country in a language, or the code itself."""
    return str(locale(language).territories.get(code, code))


def clock_time(moment: datetime, language: str, timezone: str = "UTC") -> str:
    """A time of day as the language writes it."""
    return format_time(moment, "short", ZoneInfo(timezone), locale(language))


def day_and_time(moment: datetime, language: str, timezone: str = "UTC") -> str:
    """Date and time, short."""
    return format_datetime(moment, "short", ZoneInfo(timezone), locale(language))


def day(value: date, language: str) -> str:
    """A date, medium length."""
    return format_date(value, "medium", locale(language))


def weekday_name(weekday: int, language: str) -> str:
    """'Saturday' for 5."""
    return str(get_day_names("wide", "stand-alone", locale(language))[weekday])


def number(value: float, language: str) -> str:
    """A number with the language's separators, in Western digits."""
    return format_decimal(value, locale=locale(language), numbering_system=_NUMBERING)


def counted(key: str, count: int, language: str) -> str:
    """A sentence with a counted thing, in the form the language has for that number. Raises KeyError."""
    one, many = COUNTED[key]
    return catalogue(language).ngettext(one, many, count).format(n=number(count, language))
