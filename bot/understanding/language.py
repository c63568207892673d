"""Which of our languages a message is in: sure about two words, stable across a conversation, honest about others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log
from types import MappingProxyType

from bot.i18n.other_languages import EXCUSES

LANGUAGES = ("tr", "de", "nl", "fr", "en", "ar")
SURE, ONE_WORD_SURE = 0.7, 0.98  # below it the conversation's language stays; "Essen" and "Paris" are places too
# A language that we can at least answer in is believed from three words on, when it is likely and far ahead of all of
# ours: that happens to one in 10,000 of our own examples.
FOREIGN, FOREIGN_AHEAD, FOREIGN_WORDS = 0.3, 10, 3
_LEAST = 1e-6

_ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_TURKISH_ONLY = re.compile(r"[ğşıİĞŞ]")
# Scripts that none of our languages uses: which languages are written in them, the likeliest first.
_SCRIPTS = tuple(
    (re.compile(f"[{letters}]"), languages)
    for letters, languages in (
        (r"\u0400-\u052f", ("ru", "uk", "bg", "sr", "mk", "kk")),
        (r"\u0370-\u03ff", ("el",)),
        (r"\u0590-\u05ff", ("he",)),
        (r"\u10a0-\u10ff", ("ka",)),
        (r"\u0530-\u058f", ("hy",)),
        (r"\u0900-\u097f", ("hi", "ne")),
        (r"\u0980-\u0dff", ("bn", "ta", "pa")),
        (r"\u0e00-\u0e7f", ("th",)),
        (r"\u1200-\u137f", ("am", "ti")),
        (r"\u3040-\u30ff", ("ja",)),
        (r"\uac00-\ud7af", ("ko",)),
        (r"\u3400-\u9fff", ("zh",)),
    )
)
# What the identifier calls by another name. Who writes the first six understands us; the rest share one answer.
_SAME = MappingProxyType(
    {"ary": "ar", "arz": "ar", "ars": "ar", "apc": "ar", "acm": "ar", "aeb": "ar", "af": "nl", "lb": "de", "gsw": "de",
     "pcm": "en", "sco": "en", "crh": "tr", "az": "tr", "tk": "tr", "wa": "fr", "bs": "hr", "sh": "hr", "nn": "no",
     "nb": "no", "sdh": "ckb", "an": "es", "gl": "pt", "zh-cn": "zh"}
)  # fmt: skip


@dataclass(frozen=True)
class LanguageGuess:
    """The language we answer in, how sure (0 to 1), and the language that it is in if we do not speak that one.

    `foreign` is an ISO 639 code.
    """

    language: str
    confidence: float
    foreign: str | None = None


@lru_cache(maxsize=1)
def _identifier():  # type: ignore[no-untyped-def]
    from py3langid import langid

    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)


def _ranked(text: str) -> dict[str, float]:
    """Probabilities of all the languages that the identifier knows, relatives added up."""
    ranked: dict[str, float] = {}
    for code, probability in _identifier().rank(text):
        code = _SAME.get(code, code)
        if code == "sr" and _LATIN.search(text):
            code = "hr"  # in Latin letters one answer serves both
        ranked[code] = ranked.get(code, 0.0) + float(probability)
    return ranked


def identify(text: str, *, previous: str | None = None, trained: dict[str, float] | None = None) -> LanguageGuess:
    """Guess the language of a message.

    `trained` are the brain's probabilities, when it is there; `previous` is the conversation's
    language, kept when the message does not clearly say otherwise.
    """
    arabic, latin = len(_ARABIC.findall(text)), len(_LATIN.findall(text))
    of_script = {languages: len(letters.findall(text)) for letters, languages in _SCRIPTS}
    if sum(of_script.values()) > arabic + latin:
        script = max(of_script, key=lambda languages: of_script[languages])
        if of_script[("ja",)]:
            script = ("ja",)  # Japanese mixes its own letters with Chinese ones
        ranked = _ranked(text)
        return LanguageGuess(previous or "en", 0.0, max(script, key=lambda code: ranked.get(code, 0.0)))
    if not arabic and not latin:
        return LanguageGuess(previous or "tr", 0.0)
    ranked = _ranked(text)
    if foreign := _foreign(text, ranked):
        return LanguageGuess(previous or "en", 0.0, foreign)
    if arabic > latin:
        return LanguageGuess("ar", 0.99)
    return _ours(text, ranked, previous, trained)


def _foreign(text: str, ranked: dict[str, float]) -> str | None:
    """Another language in letters that we read, if it is beyond doubt."""
    if len(text.split()) < FOREIGN_WORDS:
        return None
    code = max(ranked, key=lambda known: ranked[known])
    ours = sum(ranked.get(known, 0.0) for known in LANGUAGES)
    far_ahead = ranked[code] >= max(FOREIGN, FOREIGN_AHEAD * ours)
    return code if code in EXCUSES and far_ahead else None


def _ours(text: str, ranked: dict[str, float], previous: str | None, trained: dict[str, float] | None) -> LanguageGuess:
    scores = {code: log(max(ranked.get(code, 0.0), _LEAST)) for code in LANGUAGES}
    if trained:
        # In the citizens' own words the trained n-grams are the better witness: twice the weight.
        for code in LANGUAGES:
            scores[code] = (scores[code] + 2 * log(max(trained.get(code, 0.0), _LEAST))) / 3
    if _TURKISH_ONLY.search(text):
        scores["tr"] += 2.0
    language = max(scores, key=lambda code: scores[code])
    confidence = exp(scores[language]) / sum(exp(value) for value in scores.values())
    words = len(text.split())
    if previous and language != previous and (confidence < SURE or (words < 2 and confidence < ONE_WORD_SURE)):
        return LanguageGuess(previous, confidence)
    return LanguageGuess(language, confidence)
