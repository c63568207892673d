"""The training examples: Rasa's NLU YAML, one folder per language."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.understanding.yaml_files import read_yaml


@dataclass(frozen=True)
class Example:
    """One sentence somebody might write, in one language, under its label."""

    text: str
    label: str
    language: str


class ExamplesError(ValueError):
    """A training file that cannot be read; the message names the file and what is wrong."""


def load_examples(folder: Path) -> list[Example]:
    """Every example below `folder`/<language>/*.yml, in a stable order. Raises ExamplesError."""
    examples: list[Example] = []
    for path in sorted(folder.glob("*/*.yml")):
        try:
            parsed = read_yaml(path) or {}
            for block in parsed.get("nlu", []):
                if "intent" not in block:
                    continue
                lines = (line.strip() for line in block["examples"].splitlines())
                examples += [
                    Example(line[1:].strip(), block["intent"], path.parent.name)
                    for line in lines
                    if line.startswith("-") and line[1:].strip()
                ]
        except (yaml.YAMLError, KeyError, AttributeError, TypeError) as error:
            raise ExamplesError(f"{path}: {error}") from error
    return examples


def fingerprint(examples: list[Example]) -> str:
    """Changes when any example does."""
    digest = hashlib.sha256(b"classifier-5")  # grows when features or fitting change
    for example in examples:
        digest.update(f"{example.language}\t{example.label}\t{example.text}\n".encode())
    return digest.hexdigest()
