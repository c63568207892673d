"""Which of our languages a message is in: sure about two words, and stable across a conversation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import log

LANGUAGES = ("tr", "de", "nl", "fr", "en", "ar")
SURE = 0.7  # below it the conversation's language stays

_ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_OTHER_SCRIPT = re.compile(
    r"[\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u0590-\u05ff\u10a0-\u10ff\u0900-\u0dff\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
_TURKISH_ONLY = re.compile(r"[ğşıİĞŞ]")


@dataclass(frozen=True)
class LanguageGuess:
    """The language, how sure (0 to 1), and whether the script is one that we do not speak."""

    language: str
    confidence: float
    foreign_script: bool = False


@lru_cache(maxsize=1)
def _identifier():  # type: ignore[no-untyped-def]
    from py3langid import langid

    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def identify(text: str, *, previous: str | None = None, trained: dict[str, float] | None = None) -> LanguageGuess:
    """Guess the language of a message.

    `trained` are the brain's probabilities, when it is there; `previous` is the conversation's
    language, kept when the message does not clearly say otherwise.
    """
    arabic, latin = len(_ARABIC.findall(text)), len(_LATIN.findall(text))
    other = len(_OTHER_SCRIPT.findall(text))
    if other > arabic + latin:
        return LanguageGuess(previous or "en", 0.0, foreign_script=True)
    if arabic > latin:
        return LanguageGuess("ar", 0.99)
    if not latin:
        return LanguageGuess(previous or "tr", 0.0)
    scores = {code: log(max(p, 1e-6)) for code, p in _identifier().rank(text) if code in LANGUAGES}
    for code in LANGUAGES:
        scores.setdefault(code, log(1e-6))
    if trained:
        # In the citizens' own words the trained n-grams are the better witness: twice the weight.
        for code in LANGUAGES:
            scores[code] = (scores[code] + 2 * log(max(trained.get(code, 0.0), 1e-6))) / 3
    if _TURKISH_ONLY.search(text):
        scores["tr"] += 2.0
    total = sum(2.718281828**value for value in scores.values())
    language = max(scores, key=lambda code: scores[code])
    confidence = 2.718281828 ** scores[language] / total
    words = len(text.split())
    if previous and language != previous and (confidence < SURE or (words < 2 and confidence < 0.9)):
        return LanguageGuess(previous, confidence)
    return LanguageGuess(language, confidence)
