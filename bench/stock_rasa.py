"""The peer: Rasa 3.6.21 as `rasa init` configures it, with our intents on our own examples.

Default pipeline and policies with their default epochs, REST channel, conversations in memory, no action server: each
intent is answered with a fixed sentence. Trained once (minutes) and kept in var/bench for later runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self

import requests
import yaml

from bench.load import Line, encoded
from bench.processes import cpu_seconds, family, megabytes, start, stop
from bench.understanding import at_most
from bot.settings import ROOT
from bot.supervisor import free_port
from bot.understanding.examples import Example, load_examples

ENVIRONMENT = ROOT / ".venv-rasa-full"
PYTHON = ENVIRONMENT / "bin" / "python"
SILENCE = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore", "PYTHONPATH": ""}
KEPT = ROOT / "var" / "bench"
EXAMPLES = 1  # per label and language: about 500; with ten times as many DIET alone takes the better part of an hour
START_SECONDS = 240.0
# Rasa's engine/recipes/config_files/default_config.yml, made explicit: what an empty config.yml of `rasa init` becomes.
CONFIG: dict[str, Any] = {
    "recipe": "default.v1",
    "assistant_id": "stock",
    "language": "en",
    "pipeline": [
        {"name": "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True},
        {"name": "EntitySynonymMapper"},
        {"name": "ResponseSelector", "epochs": 100, "constrain_similarities": True},
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ],
    "policies": [
        {"name": "MemoizationPolicy"},
        {"name": "RulePolicy"},
        {"name": "UnexpecTEDIntentPolicy", "max_history": 5, "epochs": 100},
        {"name": "TEDPolicy", "max_history": 5, "epochs": 100, "constrain_similarities": True},
    ],
}
STORIES = (
    ("greet", "passport_renewal", "thanks"),
    ("greet", "appointment", "consulate_contact", "goodbye"),
    ("greet", "help", "citizenship", "thanks", "goodbye"),
    ("passport_lost", "appointment", "affirm"),
    ("residence_permit", "legal_aid", "thanks"),
    ("pension_foreign_service", "ask_human"),
)


def answer_of(label: str) -> str:
    """What stock Rasa says to a message with this label."""
    return f"Answer about {label.replace('_', ' ')}."


@cache  # reading all 60,000 takes a while
def chosen_examples(per_label: int = EXAMPLES) -> list[Example]:
    """What it is trained on: always the same ones."""
    examples = load_examples(ROOT / "data" / "nlu")
    return [examples[row] for row in at_most(examples, per_label)]


def project(examples: Sequence[Example]) -> dict[str, str]:
    """The files of the project, by name."""
    blocks: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        blocks[example.label].append(example.text)
    steps = {label: [{"intent": label}, {"action": f"utter_{label}"}] for label in blocks}
    written: dict[str, dict[str, Any]] = {
        "config.yml": CONFIG,
        "domain.yml": {
            "version": "3.1",
            "intents": list(blocks),
            "responses": {f"utter_{label}": [{"text": answer_of(label)}] for label in blocks},
            "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
        },
        "data/nlu.yml": {
            "version": "3.1",
            "nlu": [
                {"intent": label, "examples": "".join(f"- {text}\n" for text in texts)}
                for label, texts in blocks.items()
            ],
        },
        "data/rules.yml": {
            "version": "3.1",
            "rules": [{"rule": f"answer {label}", "steps": pair} for label, pair in steps.items()],
        },
        "data/stories.yml": {
            "version": "3.1",
            "stories": [
                {"story": " ".join(labels), "steps": [step for label in labels for step in steps[label]]}
                for labels in STORIES
            ],
        },
    }
    return {
        name: yaml.dump(content, Dumper=_Plain, allow_unicode=True, sort_keys=False)
        for name, content in written.items()
    }


class _Plain(yaml.SafeDumper):
    """Without references to what was said before: people do not write those."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


@dataclass(frozen=True)
class StockModel:
    """A trained model and what its training took."""

    path: Path
    examples: int
    training_seconds: float  # of everything: `rasa train`
    training_cpu: float
    diet_seconds: float  # of DIET's own step alone
    diet_cpu: float


def stock_model(per_label: int = EXAMPLES) -> StockModel:
    """The model, trained now if these examples have none yet. Raises RuntimeError."""
    if not (ENVIRONMENT / ".ready").exists():
        raise RuntimeError("the unmodified Rasa is not installed: make full-rasa-environment")
    files = project(chosen_examples(per_label))
    digest = hashlib.sha256(json.dumps(files).encode()).hexdigest()[:16]
    model, facts = KEPT / f"stock-{digest}.tar.gz", KEPT / f"stock-{digest}.json"
    if not (model.exists() and facts.exists()):
        _train(files, model, facts, len(chosen_examples(per_label)))
    return StockModel(model, **json.loads(facts.read_text()))


def _train(files: dict[str, str], model: Path, facts: Path, examples: int) -> None:
    print(f"training stock Rasa on {examples} examples, once ...", flush=True)
    model.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="stock-rasa-") as folder:
        place = Path(folder)
        for name, content in files.items():
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_text(content, encoding="utf-8")
        log = KEPT / "stock-train.log"
        with log.open("wb") as output:
            command = [PYTHON, Path(__file__).with_name("stock_train.py")]
            status = subprocess.run(
                command, cwd=place, env=os.environ | SILENCE, stdout=output, stderr=output, check=False
            ).returncode
        if status:
            raise RuntimeError(f"training stock Rasa failed; see {log}")
        timing = json.loads((place / "timing.json").read_text())
        kept = {"examples": examples, "training_seconds": timing["all"][0], "training_cpu": timing["all"][1],
                "diet_seconds": timing["diet"][0], "diet_cpu": timing["diet"][1]}  # fmt: skip
        partial = model.with_suffix(".partial")
        partial.write_bytes((place / "model.tar.gz").read_bytes())
        partial.rename(model)
        facts.write_text(json.dumps(kept, indent=1) + "\n")


@dataclass
class StockRasa:
    """`with StockRasa(folder) as rasa:` trains if need be, starts, waits for a right reply, stops in the end."""

    folder: Path
    per_label: int = EXAMPLES
    ready_seconds: float = 0.0  # from the start of the process to the first right reply
    port: int = 0
    model: StockModel = field(init=False)
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def url(self) -> str:
        """Its address; the webhook is /webhooks/rest/webhook."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it printed."""
        return self.folder / "stock-rasa.log"

    def __enter__(self) -> Self:
        self.model = stock_model(self.per_label)
        self.port = free_port(0)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "credentials.yml").write_text("rest:\n")
        (self.folder / "endpoints.yml").write_text("{}\n")
        command = [str(PYTHON), "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(self.port)]
        command += ["--model", str(self.model.path), "--credentials", "credentials.yml", "--endpoints", "endpoints.yml"]
        command += ["--enable-api"]  # for /model/parse
        example = chosen_examples(self.per_label)[0]
        began = time.monotonic()
        self.process = start(command, self.folder, SILENCE, self.log)
        try:
            self._wait(example, began + START_SECONDS)
        except BaseException:
            stop(self.process)
            raise
        self.ready_seconds = time.monotonic() - began
        return self

    def _wait(self, example: Example, until: float) -> None:
        with requests.Session() as client:
            client.trust_env = False
            while time.monotonic() < until:
                if self.process.poll() is not None:
                    raise RuntimeError(f"stock Rasa has ended; see {self.log}: {self.log.read_text()[-500:]}")
                with contextlib.suppress(requests.RequestException, ValueError):
                    replies = self.ask(client, f"ready-{time.time_ns()}", example.text)
                    if [reply.get("text") for reply in replies] == [answer_of(example.label)]:
                        return
                time.sleep(0.1)
        raise RuntimeError(f"stock Rasa gave no right reply in {START_SECONDS:.0f} s; see {self.log}")

    def ask(self, client: requests.Session, sender: str, text: str) -> list[dict[str, Any]]:
        """Its replies to one message."""
        body = {"sender": sender, "message": text}
        replies: list[dict[str, Any]] = client.post(f"{self.url}/webhooks/rest/webhook", json=body, timeout=60).json()
        return replies if isinstance(replies, list) else []

    def messages(self, count: int) -> list[tuple[str, str]]:
        """(text, reply) of messages it is sure to answer right: of its own examples, each tried once."""
        found: list[tuple[str, str]] = []
        line = Line(self.url)
        for number, example in enumerate(chosen_examples(self.per_label)):
            body = {"sender": f"known-{number}-{time.time_ns()}", "message": example.text}
            answer = answer_of(example.label)
            if answer.encode() in line.send(encoded(f"{self.url}/webhooks/rest/webhook", body)):
                found.append((example.text, answer))
            if len(found) == count:
                break
        line.close()
        return found

    @property
    def pids(self) -> list[int]:
        """Its processes: the server and whatever it has started."""
        return family(self.process.pid)

    @property
    def megabytes(self) -> float:
        """Memory of its processes."""
        return sum(map(megabytes, self.pids))

    @property
    def cpu(self) -> float:
        """Seconds of CPU it has used so far."""
        return sum(map(cpu_seconds, self.pids))

    def __exit__(self, *_: object) -> None:
        stop(self.process)


if __name__ == "__main__":
    print(stock_model())
