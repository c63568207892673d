"""Content: every topic in every language, and no fact in it that our data does not carry."""

from __future__ import annotations

import re

import pytest
import yaml

from bot.domain.spelling import fold
from bot.i18n.catalogues import LANGUAGES
from bot.services.imports import ArticleFile, read_articles
from tests.harness.facts import DATA, DIRECTORY, TAXONOMY

ARTICLES = {(article.topic, article.language): article for article in read_articles(DATA / "faq")}
FACTS = {path.parent.name: path.read_text(encoding="utf-8") for path in (DATA / "faq").glob("*/facts.yml")}
NUMBER = re.compile(r"\+?\d[\d ]{6,}\d")
MONEY = re.compile(r"(€|\bEUR\b|\beuro\b|\bTL\b|₺|\bCHF\b|£|\$)\s?\d|\d\s?(€|EUR|euro|TL|₺|CHF|£)", re.IGNORECASE)
ADDRESS = re.compile(r"(?:https?://)?(?:[\w-]+\.)+(?:gov|com|org|de|nl|be|fr|at|uk|ch|eu|tr)(?:\.tr|\.uk)?\b")


@pytest.mark.parametrize("topic", TAXONOMY.topics)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_is_answered_in_every_language(topic: str, language: str) -> None:
    article = ARTICLES[topic, language]
    assert len({fold(question) for question in article.questions}) >= 8
    assert 20 <= len(article.body.split()) <= 170


@pytest.mark.parametrize("topic", TAXONOMY.topics)
def test_every_topic_names_its_official_channel_and_sources(topic: str) -> None:
    facts = yaml.safe_load(FACTS[topic])
    assert facts["channel"]
    assert facts["sources"], "an answer without a source is a guess"
    unknown = [key for key in facts["services"] if key not in DIRECTORY.services]
    assert not unknown
    assert all(DIRECTORY.services[key].status == "sourced" for key in facts["services"])


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


@pytest.mark.parametrize("article", ARTICLES.values(), ids=lambda a: f"{a.topic}-{a.language}")
def test_no_number_fee_or_address_in_an_answer_that_its_facts_do_not_carry(article: ArticleFile) -> None:
    known = FACTS[article.topic]
    for number in NUMBER.findall(article.body):
        assert _digits(number) in _digits(known), f"{number} has no source"
    assert not MONEY.search(article.body), "fees change: say where they are published"
    for address in ADDRESS.findall(article.body):
        host = address.split("//")[-1].removeprefix("www.")
        assert host.lower() in known.lower(), f"{address} has no source"
