"""One look at a message: language, label, crisis, severity, place.

Nothing about crisis is left to one signal.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bot.domain.taxonomy import Severity, Taxonomy, parse_taxonomy
from bot.understanding.brain import Brain, best
from bot.understanding.crisis import Findings, Lexicon, load_lexicons
from bot.understanding.features import clean, head_and_tail, normalise
from bot.understanding.language import LANGUAGES, LanguageGuess, identify
from bot.understanding.places import Gazetteer, Mention, Place
from bot.understanding.weekdays import find_weekday

log = logging.getLogger(__name__)
Result = TypeVar("Result")

# Sums of probabilities over all crisis kinds. Chosen for recall: missing someone is the worse error, and a question
# costs one tap.
CERTAIN = 0.5
CERTAIN_IN_A_HARMLESS_SETTING = 0.6  # beside words of a film, a course, a solved past
CERTAIN_WITH_STRONG_WORDS = 0.3
CERTAIN_WHEN_SHORT, SHORT = 0.9, 3  # "my passport": from so few words nobody could be sure; "police" says even less
NEVER = 2.0
DOUBTFUL = 0.12
DOUBTFUL_WITH_WEAK_WORDS = 0.08
DOUBTFUL_WITH_STRONG_WORDS = 0.002  # unless the classifier, which hears the whole sentence, is as sure as it ever gets
DOUBTFUL_WITH_STRONG_WORDS_IN_A_HARMLESS_SETTING = 0.06
WHOLE = 20_000  # characters the lexicon reads; the classifier reads the beginning and the end
CLOSER_LOOKS = 3  # sentences
_SENTENCE_ENDS = re.compile(r"(?<=[.!?؟…])\s+")
SOS = "🆘"
UNNAMED = "medical_emergency"  # "Help!" and nothing else: the card that sends somebody
SURE_OF_KIND, NAMED_AND_LIKELY = 0.8, 0.1
LIFE_IN_DOUBT = 0.3  # a second kind this probable, and worse, decides the severity


@dataclass(frozen=True)
class Understanding:
    """What a message means. `crisis` is certain, doubtful or none; `label` a taxonomy key."""

    language: str
    language_confidence: float
    foreign: str | None  # the language it is in, when that is none of ours
    label: str
    confidence: float
    severity: Severity
    crisis: str
    crisis_kind: str | None
    alternatives: tuple[tuple[str, float], ...]
    place: Mention | None
    weekday: int | None

    @property
    def probabilities(self) -> dict[str, float]:
        """What the likeliest labels have, as far as they are known."""
        return {self.label: self.confidence, **dict(self.alternatives)}

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as sent to Rasa and printed by `bot understand`."""
        return {
            "language": self.language,
            "foreign": self.foreign,
            "label": self.label,
            "confidence": round(self.confidence, 4),
            "severity": self.severity.value,
            "crisis": self.crisis,
            "alternatives": [{"label": label, "confidence": round(p, 4)} for label, p in self.alternatives],
            "place": place_dict(self.place),
            "weekday": self.weekday,
        }


def place_fields(place: Place) -> dict[str, Any]:
    """A place as plain values."""
    return {
        "name": place.name,
        "country": place.country,
        "lat": place.lat,
        "lon": place.lon,
        "admin1": place.admin1,
        "admin2": place.admin2,
        "level": place.level,
    }


def place_dict(mention: Mention | None) -> dict[str, Any] | None:
    """A mention as plain values; None stays None."""
    if mention is None:
        return None
    return {"text": mention.text, **place_fields(mention.place), "ambiguous": mention.ambiguous}


class Understander:
    """Lexicons, gazetteer and, once trained, the brain. Without the brain it still hears a cry for help."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        lexicons: dict[str, Lexicon],
        gazetteer: Gazetteer,
        brain: Brain | None = None,
    ) -> None:
        self.taxonomy = taxonomy
        self.gazetteer = gazetteer
        self.brain = brain
        self._lexicons = lexicons

    @classmethod
    def load(cls, data: Path, brain_path: Path | None = None) -> Understander:
        """Read everything below the data folder; the brain only if its file is there."""
        raw = yaml.safe_load((data / "taxonomy.yml").read_text(encoding="utf-8"))
        brain = Brain.load(brain_path) if brain_path and brain_path.exists() else None
        gazetteer = Gazetteer.load(data / "places")
        return cls(parse_taxonomy(raw), load_lexicons(data / "crisis"), gazetteer, brain)

    def sounds_urgent(self, text: str) -> bool:
        """Whether any language's lexicon hears a cry for help. Quick, and no judgement: `understand` makes that."""
        message = head_and_tail(clean(text, WHOLE))
        words = normalise(message)
        seen = (lexicon.scan_normalised(words) for lexicon in self._lexicons.values())
        return SOS in message or any(found.strong or found.bare for found in seen)

    def understand(self, text: str, language: str | None = None, country: str | None = None) -> Understanding:
        """Judge one message. `language` is the conversation's so far, `country` the citizen's if known."""
        whole = clean(text, WHOLE)
        message = head_and_tail(whole)
        has_words = bool(normalise(message))  # a lone emoji says nothing that the classifier could read
        scores = self._or_else(None, lambda: self.brain.score(message) if self.brain and has_words else None)
        guess = self._or_else(
            LanguageGuess(language or LANGUAGES[0], 0.0),
            lambda: identify(message, previous=language, trained=scores.languages if scores else None),
        )
        findings = self._scan(whole, guess.language)
        labels = self._or_else(
            scores.labels if scores else None,
            lambda: self._closer_look(scores.labels, whole, guess.language, findings) if scores else None,
        )
        label, confidence, crisis, kind = self._decide(findings, labels, len(normalise(message).split()))
        ranked = sorted((labels or {}).items(), key=lambda item: -item[1])
        nowhere: list[Mention] = []
        mentions = self._or_else(nowhere, lambda: self.gazetteer.find(message, guess.language, country))
        return Understanding(
            language=guess.language,
            language_confidence=guess.confidence,
            foreign=guess.foreign,
            label=label,
            confidence=confidence,
            severity=self._severity(kind, findings, labels or {}),
            crisis=crisis,
            crisis_kind=kind,
            alternatives=tuple(pair for pair in ranked if pair[0] != label)[:3],
            place=mentions[0] if mentions else None,
            weekday=find_weekday(message),
        )

    @staticmethod
    def _or_else(fallback: Result, attempt: Callable[[], Result]) -> Result:
        """One part of understanding may break; a cry for help must be heard by the others all the same."""
        try:
            return attempt()
        except Exception:
            log.exception("a part of understanding broke")
            return fallback

    def _scan(self, message: str, language: str) -> Findings:
        """The message's own lexicon in full; the others too, because frightened people mix languages."""
        words = normalise(message)
        own = self._lexicons[language].scan_normalised(words) if language in self._lexicons else Findings()
        strong, weak, bare = set(own.strong), set(own.weak), own.bare
        for code, lexicon in self._lexicons.items():
            if code != language:
                seen = lexicon.scan_normalised(words)
                bare |= seen.bare
                weak |= seen.strong  # another language's strong word may be an everyday word here
        bare |= SOS in message
        return Findings(frozenset(strong), frozenset(weak), own.shielded, own.negated, own.past, bare)

    def _closer_look(self, labels: dict[str, float], whole: str, language: str, findings: Findings) -> dict[str, float]:
        """Where strong words stand among other sentences: what the classifier makes of those sentences alone."""
        sentences = _SENTENCE_ENDS.split(whole)
        if not findings.strong or len(sentences) < 2 or not self.brain:
            return labels
        lexicon = self._lexicons.get(language)
        alarming = [sentence for sentence in sentences if lexicon and lexicon.scan(sentence).strong]
        looks = [labels, *(self.brain.score(sentence).labels for sentence in alarming[-CLOSER_LOOKS:])]
        return max(looks, key=self._crisis_mass)

    def _crisis_mass(self, labels: dict[str, float]) -> float:
        return sum(labels.get(kind, 0.0) for kind in self.taxonomy.crisis)

    def _decide(
        self, findings: Findings, labels: dict[str, float] | None, words: int
    ) -> tuple[str, float, str, str | None]:
        """(label, confidence, certain|doubtful|none, crisis kind). One word alone ("police") is never certain."""
        if labels is None:
            return self._without_brain(findings)
        kinds = list(self.taxonomy.crisis)
        mass = self._crisis_mass(labels)
        harmless, strong = findings.harmless_signs, findings.strong
        if mass >= _certain_from(findings, words):
            kind = self._named_or_likeliest(strong, labels)
            return kind, labels.get(kind, 0.0), "certain", kind
        if findings.bare and not strong:
            return (*best(labels), "doubtful", UNNAMED)
        kind = self._kind(strong or findings.weak or frozenset(kinds), labels)
        if strong and not harmless and mass >= CERTAIN_WITH_STRONG_WORDS:
            return kind, labels.get(kind, 0.0), "certain", kind
        label, confidence = best(labels)
        if findings.bare or mass >= _doubtful_from(findings):
            if mass > confidence:  # no single kind is likeliest, some kind is
                label, confidence = kind, labels.get(kind, 0.0)
            return label, confidence, "doubtful", kind
        return label, confidence, "none", None

    def _named_or_likeliest(self, named: frozenset[str], labels: dict[str, float]) -> str:
        """The likeliest kind, unless strong words name another one and the classifier is not sure against it."""
        likeliest, sure = best(labels, list(self.taxonomy.crisis))
        if not named or likeliest in named:
            return likeliest
        by_name = self._kind(named, labels)
        return by_name if sure < SURE_OF_KIND or labels.get(by_name, 0.0) >= NAMED_AND_LIKELY else likeliest

    def _without_brain(self, findings: Findings) -> tuple[str, float, str, str | None]:
        """The first seconds of an installation: the lexicon alone."""
        found = sorted(findings.strong or findings.weak, key=self._rank)
        if findings.strong and not findings.harmless_signs:
            return found[0], 0.9, "certain", found[0]
        if found or findings.bare:
            return "out_of_scope", 0.0, "doubtful", found[0] if found else UNNAMED
        return "out_of_scope", 0.0, "none", None

    def _rank(self, kind: str) -> int:
        return self.taxonomy.severity_of(kind).rank

    def _kind(self, found: frozenset[str], labels: dict[str, float]) -> str:
        """Of the kinds the lexicon saw the most probable one; danger to life on a tie."""
        return min(found, key=lambda kind: (-round(labels.get(kind, 0.0), 2), self._rank(kind), kind))

    def _severity(self, kind: str | None, findings: Findings, labels: dict[str, float]) -> Severity:
        """Possible danger to life wins over the best guess."""
        if kind is None:
            return Severity.NORMAL
        possible = [self.taxonomy.severity_of(kind)]
        if not findings.harmless_signs:
            possible += [self.taxonomy.severity_of(strong) for strong in findings.strong]
        possible += [
            rule.severity for key, rule in self.taxonomy.crisis.items() if labels.get(key, 0.0) >= LIFE_IN_DOUBT
        ]
        return min(possible, key=lambda severity: severity.rank)


def _certain_from(findings: Findings, words: int) -> float:
    """From which probability of any crisis a message opens a case."""
    if words <= SHORT and not findings.strong:
        return NEVER if words == 1 else CERTAIN_WHEN_SHORT
    return CERTAIN_IN_A_HARMLESS_SETTING if findings.harmless_signs else CERTAIN


def _doubtful_from(findings: Findings) -> float:
    """From which probability of any crisis a message is worth the check question."""
    if findings.strong and not findings.harmless_signs:
        return DOUBTFUL_WITH_STRONG_WORDS
    if findings.strong:
        return DOUBTFUL_WITH_STRONG_WORDS_IN_A_HARMLESS_SETTING
    return DOUBTFUL_WITH_WEAK_WORDS if findings.weak else DOUBTFUL
