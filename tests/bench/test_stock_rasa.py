"""The peer's project and the arithmetic beside it, without Rasa."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bench.diet import Answers, Asked, development_set, parts
from bench.rasa import megabytes_on_disk
from bench.stock_rasa import CONFIG, ENVIRONMENT, STORIES, answer_of, project
from bot.understanding.examples import Example

LABELS = sorted({label for story in STORIES for label in story})
EXAMPLES = [Example(f"* {label}: [so] 'to' say", label, "en") for label in LABELS]


def test_each_intent_is_answered_with_its_own_sentence() -> None:
    files = {name: yaml.safe_load(content) for name, content in project(EXAMPLES).items()}
    domain = files["domain.yml"]
    assert domain["intents"] == LABELS
    assert domain["responses"]["utter_greet"] == [{"text": answer_of("greet")}]
    assert len({entry[0]["text"] for entry in domain["responses"].values()}) == len(LABELS)
    assert {rule["steps"][0]["intent"] for rule in files["data/rules.yml"]["rules"]} == set(LABELS)
    assert len(files["data/stories.yml"]["stories"]) == len(STORIES)
    assert files["data/nlu.yml"]["nlu"][0]["examples"] == f"- {EXAMPLES[0].text}\n"


@pytest.mark.skipif(not ENVIRONMENT.exists(), reason="make full-rasa-environment")
def test_it_is_configured_as_rasa_itself_would() -> None:
    (default,) = ENVIRONMENT.glob("lib/python*/site-packages/rasa/engine/recipes/config_files/default_config.yml")
    said = yaml.safe_load(default.read_text(encoding="utf-8"))
    assert (CONFIG["pipeline"], CONFIG["policies"]) == (said["pipeline"], said["policies"])


def test_right_answers_are_counted_per_language() -> None:
    answers = Answers()
    asked = [Asked("a", "greet", "en"), Asked("b", "help", "de"), Asked("c", "help", "de")]
    answers.add(asked, ["greet", "help", "thanks"], cpu_seconds=0.03)
    assert (answers.percent("en"), answers.percent("de")) == (100, 50)
    assert answers.percent_of_all == pytest.approx(200 / 3)
    assert answers.milliseconds == [pytest.approx(10)]


def test_every_message_is_in_one_part_and_every_part_has_every_language() -> None:
    asked = development_set()
    pieces = list(parts(asked, 3))
    assert [one for piece in pieces for one in piece] == asked
    assert all({one.language for one in piece} == {"ar", "de", "en", "fr", "nl", "tr"} for piece in pieces)


def test_what_python_compiles_by_itself_is_not_weighed(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"x" * 1_000_000)
    (tmp_path / "a.py").write_bytes(b"x" * 50_000)
    assert 0.04 < megabytes_on_disk(tmp_path) < 0.1
