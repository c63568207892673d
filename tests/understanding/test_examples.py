"""Training data: every label in every language, nothing under two labels, lexicons for every kind."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from bot.i18n.catalogues import LANGUAGES
from bot.understanding.crisis import load_lexicons
from bot.understanding.examples import load_examples
from bot.understanding.features import normalise
from bot.understanding.yaml_files import read_yaml
from tests.harness.facts import DATA, TAXONOMY
from tests.harness.town import understander

EXAMPLES = load_examples(DATA / "nlu")
COUNTS = Counter((example.language, example.label) for example in EXAMPLES)
LEXICONS = load_lexicons(DATA / "crisis")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_has_examples(language: str) -> None:
    least = {label: 36 if label in TAXONOMY.crisis else 16 for label in TAXONOMY.labels}
    short = {label: COUNTS[language, label] for label in TAXONOMY.labels if COUNTS[language, label] < least[label]}
    assert short == {}


def test_no_example_has_a_label_that_the_taxonomy_does_not_know() -> None:
    assert {example.label for example in EXAMPLES} <= set(TAXONOMY.labels)


def test_no_sentence_stands_under_two_labels_of_one_language() -> None:
    seen: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for example in EXAMPLES:
        seen[example.language, normalise(example.text)].add(example.label)
    assert {key: labels for key, labels in seen.items() if len(labels) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lexicon_knows_every_kind_of_crisis(language: str) -> None:
    raw = read_yaml(DATA / "crisis" / f"{language}.yml")
    assert set(raw["crisis"]) == set(TAXONOMY.crisis)
    assert all(len(kind["strong"]) >= 25 and len(kind["weak"]) >= 15 for kind in raw["crisis"].values())
    assert all(raw[key] for key in ("shields", "negations", "past_solved"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_are_written_as_they_are_compared(language: str) -> None:
    raw = read_yaml(DATA / "crisis" / f"{language}.yml")
    listed = [phrase for kind in raw["crisis"].values() for words in kind.values() for phrase in words]
    wrong = [
        phrase
        for phrase in listed
        for word in str(phrase).split()
        if word != ".." and normalise(word.rstrip("*")) != word.rstrip("*")
    ]
    assert wrong == [], "such a phrase can never match"


@pytest.mark.parametrize(
    ("what", "language", "text", "strong", "harmless"),
    [
        ("a plain cry", "tr", "Babam nefes almıyor, yardım edin!", True, False),
        ("without diacritics", "de", "HILFE er wuergt mich", True, False),
        ("Arabic with the joined 'and'", "ar", "ومات ابوي هون بالمانيا ومو عارف شو اعمل", True, False),
        ("an everyday sentence", "en", "what time does the consulate open", False, False),
    ],
)
def test_lexicon(what: str, language: str, text: str, strong: bool, harmless: bool) -> None:
    found = LEXICONS[language].scan(text)
    assert bool(found.strong) is strong, what
    assert found.harmless_signs is harmless, what


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("tr", "İMDAT!!!"),
        ("de", "Hilfe"),
        ("nl", "help aub"),
        ("fr", "à l'aide !"),
        ("en", "please help"),
        ("ar", "النجدة!"),
    ],
)
def test_a_call_for_help_and_nothing_else_is_heard(language: str, text: str) -> None:
    found = LEXICONS[language].scan(text)
    assert found.bare or found.strong
    seen = understander().understand(text, language)
    assert seen.crisis in ("doubtful", "certain"), "the number and one question, at least"
