"""JSON Lines in, one line out per line in, in order, flushed at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from bot.understanding.understand import Understander, place_dict

Line = dict[str, Any]


class InputError(ValueError):
    """A line that cannot be used; the message says why."""


def process(source: Iterable[str], sink: TextIO, answer: Callable[[Line], Line]) -> None:
    """Answer every line; a bad one gets an `error` instead of stopping the rest."""
    for number, text in enumerate(source, start=1):
        if not text.strip():
            continue
        line: Line = {}
        try:
            parsed = json.loads(text)
            if not isinstance(parsed, dict):
                raise InputError("a line must be a JSON object")
            line = parsed
            result = answer(line)
        except (InputError, json.JSONDecodeError) as error:
            result = {"id": line.get("id"), "error": f"line {number}: {error}"}
        sink.write(json.dumps(result, ensure_ascii=False) + "\n")
        sink.flush()


def text_of(line: Line, key: str = "text") -> str:
    """A text that must be there. Raises InputError."""
    value = line.get(key)
    if not isinstance(value, str):
        raise InputError(f'"{key}" must be a text')
    return value


def understand(understander: Understander) -> Callable[[Line], Line]:
    """`bot understand`: language, label, severity, alternatives, place."""

    def answer(line: Line) -> Line:
        seen = understander.understand(text_of(line), line.get("lang"))
        place = seen.place
        if isinstance(line.get("place"), str) and place is None:
            place = next(iter(understander.gazetteer.find(line["place"])), None)
        return {
            "id": line.get("id"),
            "lang": seen.foreign or seen.language,
            "label": seen.label,
            "confidence": round(seen.confidence, 4),
            "severity": seen.severity.value,
            "crisis": seen.crisis,
            "alternatives": [{"label": label, "confidence": round(p, 4)} for label, p in seen.alternatives],
            "place": place_dict(place),
        }

    return answer
