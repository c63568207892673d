"""The light Rasa against the package as it was released: same model, same messages, same replies, same events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.rasa.harness import FULL, FULL_PYTHON, KOELN, LIGHT, PYTHON, ROOT, Servers, servers, trained

pytestmark = [
    pytest.mark.skipif(not (PYTHON.exists() and FULL_PYTHON.exists()), reason="make full-rasa-environment"),
    pytest.mark.timeout(1200),
    pytest.mark.rasa,
    pytest.mark.slow,
]
Message = tuple[str, dict[str, Any] | None]


def said(text: str, label: str, language: str = "de", **more: Any) -> Message:
    """A message with what the gateway understood of it."""
    understanding = {
        "language": language, "label": label, "confidence": 0.9, "severity": "normal", "crisis": "none",
        "alternatives": [], "place": None, "weekday": None,
    } | more  # fmt: skip
    return text, {"understanding": understanding, "case": None, "location": None, "language": language}


KOLN = {**KOELN, "text": "Köln", "ambiguous": False, "level": "city"}
CONVERSATIONS: dict[str, list[Message]] = {
    "greeting and thanks": [said("Hallo", "greet"), said("danke", "thanks"), said("tschüss", "goodbye")],
    "a crisis to its end": [
        said("Mein Kind ist weg", "missing_person", crisis="certain", severity="urgent"),
        said("In Köln", "share_location", place=KOLN),
        said("ja", "affirm"),
        said("0170 000 00 00", "out_of_scope"),
    ],
    "a crisis with a stop": [
        said("Yardım edin", "violence_domestic", "tr", crisis="certain", severity="life"),
        said("/stop_questions", "out_of_scope", "tr"),
        said("teşekkürler", "thanks", "tr"),
    ],
    "a contact question with context": [
        said("Welches Konsulat für Köln?", "consulate_contact", place=KOLN),
        said("und samstags?", "out_of_scope", confidence=0.2, weekday=5),
    ],
    "every topic and act": [
        said("x", label)
        for label in ("passport_renewal", "ask_human", "case_status", "my_data", "forget_me", "bot_identity", "help",
                      "change_language", "subscribe_alerts", "complaint_suggestion", "sister_city", "deny")
    ],
    "unsure": [said("hm", "pension_foreign_service", confidence=0.1), said("ja", "affirm")],
    "typed commands": [said("/restart", "out_of_scope"), said("/greet", "out_of_scope"), said("///", "out_of_scope")],
    "without the gateway's help": [("Merhaba", None), ("Pasaportumu nasıl yenilerim?", None), ("", None), ("🙂", None)],
    "long and odd": [said("a" * 5000, "out_of_scope"), said("عايز أجدد الباسبور", "passport_renewal", "ar")],
}  # fmt: skip
CHANGING = ("timestamp", "message_id", "input_channel", "model_id", "assistant_id")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Servers, Servers]]:
    """(light, full), started at the same time on one model."""
    folders = [tmp_path_factory.mktemp(name) for name in ("light", "full")]
    for folder in folders:
        (folder / "brain").symlink_to(ROOT / "var" / "brain")
    model = trained()
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        started = pool.map(
            lambda pair: stack.enter_context(servers(pair[0], model, pair[1])), zip(folders, (LIGHT, FULL), strict=True)
        )
        light, full = started
        yield light, full


def replay(rasa: Servers, name: str, messages: list[Message]) -> dict[str, Any]:
    """Replies of every turn, and the events that the conversation is made of."""
    replies = [
        requests.post(
            f"{rasa.url}/webhooks/rest/webhook",
            json={"sender": name, "message": text} | ({"metadata": metadata} if metadata else {}),
            timeout=60,
        ).json()
        for text, metadata in messages
    ]
    tracker = requests.get(f"{rasa.url}/conversations/{name}/tracker?include_events=ALL", timeout=30).json()
    return {"replies": replies, "events": [_lasting(event) for event in tracker["events"]], "slots": tracker["slots"]}


def _lasting(value: Any) -> Any:
    """Without what differs from run to run."""
    if isinstance(value, dict):
        return {key: _lasting(inner) for key, inner in value.items() if key not in CHANGING}
    if isinstance(value, list):
        return [_lasting(inner) for inner in value]
    return round(value, 6) if isinstance(value, float) else value


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_light_and_full_say_and_remember_the_same(both: tuple[Servers, Servers], name: str) -> None:
    light, full = (replay(rasa, name, CONVERSATIONS[name]) for rasa in both)
    assert json.dumps(light, sort_keys=True, indent=1) == json.dumps(full, sort_keys=True, indent=1)
    assert any(light["replies"]), "a conversation in which nobody says anything proves nothing"


def test_the_light_one_is_light(both: tuple[Servers, Servers]) -> None:
    """Resident memory, a hard fact of one process; the figures stand in docs/performance.md."""
    light, full = (_memory(rasa.processes["rasa"]) for rasa in both)
    assert light < full / 2


def _memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])
