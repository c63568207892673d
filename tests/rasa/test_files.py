"""What must stay true between the taxonomy, the catalogue and Rasa's own files."""

from __future__ import annotations

from typing import Any

import yaml

from actions.message import TAXONOMY
from bot.i18n.texts import TEXTS
from tests.rasa.harness import ROOT


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def steps_of(name: str, kind: str) -> list[dict[str, Any]]:
    return [step for item in read(name)[kind] for step in item["steps"]]


RULE_FILES = sorted((ROOT / "data/rules").glob("*.yml"))
RULES = [step for path in RULE_FILES for step in steps_of(f"data/rules/{path.name}", "rules")]


def test_every_label_of_the_taxonomy_is_an_intent() -> None:
    assert set(read("domain.yml")["intents"]) == {*TAXONOMY.labels, "stop_questions"}


def test_every_intent_has_a_rule() -> None:
    alternatives = [alternative for step in RULES for alternative in step.get("or", [step])]
    ruled = {alternative["intent"] for alternative in alternatives if "intent" in alternative}
    assert ruled == {*TAXONOMY.labels, "stop_questions", "nlu_fallback"}


def test_every_topic_fills_the_topic_slot() -> None:
    mappings = read("domain.yml")["slots"]["topic"]["mappings"]
    assert [(mapping["intent"], mapping["value"]) for mapping in mappings] == [(key, key) for key in TAXONOMY.topics]


def test_responses_are_directives_whose_sentences_exist() -> None:
    for name, variants in read("domain.yml")["responses"].items():
        for variant in variants:
            assert list(variant) == ["custom"], f"{name} carries a sentence"
            key = variant["custom"].get("key")
            assert key is None or key in TEXTS, f"{name}: no such text {key}"


def test_rules_and_stories_name_only_what_exists() -> None:
    domain = read("domain.yml")
    known = {*domain["actions"], *domain["responses"], *domain["forms"], "action_listen"}
    steps = RULES + steps_of("data/stories/conversations.yml", "stories")
    assert {step["action"] for step in steps if "action" in step} <= known
