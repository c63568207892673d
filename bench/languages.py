"""Which of the six languages a message is in: ours as the gateway uses it, beside lingua limited to the same six."""

from __future__ import annotations

import multiprocessing
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench.dev_messages import Asked, dev_messages
from bench.results import Options, Result, median
from bot.classifier import brain_path
from bot.settings import load_settings
from bot.understanding.brain import Brain
from bot.understanding.features import EMBEDDING_SIZE, clean, head_and_tail
from bot.understanding.language import identify

Identifier = Callable[[str], str]
PEER = "lingua, the same six languages"


def measure(options: Options) -> Sequence[Result]:
    messages = list(dev_messages(options.quick))
    ours, theirs = _our_identifier(), _lingua()
    own_ms, peer_ms = [], []
    own_right: dict[str, float] = {}
    peer_right: dict[str, float] = {}
    for _ in range(options.rounds):
        own_right, milliseconds = _ask(ours, messages)
        own_ms.append(milliseconds)
        peer_right, milliseconds = _ask(theirs, messages)
        peer_ms.append(milliseconds)
    if min(own_right.values()) < 80:
        raise RuntimeError(f"our identification is broken: {own_right}")
    options.note(
        f"languages, {len(messages):,} messages, right in % ours / lingua: "
        + ", ".join(f"{code} {own_right[code]:.1f} / {peer_right[code]:.1f}" for code in own_right)
    )
    options.note(
        "language: our n-grams are the ones that the message's label is judged by, and we tell some hundred other "
        "languages apart from the six; CPU and memory are those of both, lingua's of the six alone"
    )
    own_mb, peer_mb = _megabytes(_our_identifier), _megabytes(_lingua)
    worst_own, worst_peer = min(own_right.values()), min(peer_right.values())
    mean_own, mean_peer = np.mean(list(own_right.values())), np.mean(list(peer_right.values()))
    return [
        Result("language right, worst of six", worst_own, worst_peer, PEER, "%", "higher"),
        Result("language right, mean of six", float(mean_own), float(mean_peer), PEER, "%", "higher"),
        Result("language, CPU per message", median(own_ms), median(peer_ms), PEER, "ms", "lower"),
        Result("language, memory", own_mb, peer_mb, PEER, "MB", "lower"),
    ]


def _ask(identifier: Identifier, messages: Sequence[Asked]) -> tuple[dict[str, float], float]:
    """Right in % by language, and milliseconds of CPU per message."""
    began = time.process_time()
    answers = [identifier(message.text) for message in messages]
    milliseconds = (time.process_time() - began) / len(messages) * 1000
    right: dict[str, list[bool]] = defaultdict(list)
    for message, answer in zip(messages, answers, strict=True):
        right[message.language].append(answer == message.language)
    return {code: 100 * sum(flags) / len(flags) for code, flags in right.items()}, milliseconds


def _our_identifier() -> Identifier:
    """Trained n-grams and the general identifier together, as `Understander.understand` joins them.

    The sentence's meaning is left out: the message's label needs it, its language does not. What the n-grams say of
    labels is computed along and counted.
    """
    brain = Brain.load(brain_path(load_settings()))
    no_meaning = np.zeros(EMBEDDING_SIZE, dtype=np.float32)

    def identifier(text: str) -> str:
        message = head_and_tail(clean(text))
        guess = identify(message, trained=brain.score(message, no_meaning).languages)
        return guess.foreign or guess.language

    identifier("warm up")
    return identifier


def _lingua() -> Identifier:
    """In its accurate mode, with all models loaded beforehand."""
    from lingua import Language, LanguageDetectorBuilder

    six = (Language.TURKISH, Language.GERMAN, Language.DUTCH, Language.FRENCH, Language.ENGLISH, Language.ARABIC)
    detector = LanguageDetectorBuilder.from_languages(*six).with_preloaded_language_models().build()

    def identifier(text: str) -> str:
        found = detector.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else ""

    identifier("warm up")
    return identifier


def _megabytes(load: Callable[[], Identifier]) -> float:
    """What a fresh process grows by when it loads an identifier."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    child = context.Process(target=_grow, args=(load, queue))
    child.start()
    try:
        return float(queue.get(timeout=120))
    finally:
        child.join(10)


def _grow(load: Callable[[], Identifier], queue: multiprocessing.Queue[float]) -> None:
    before = _resident_mb()
    identifier = load()
    queue.put(_resident_mb() - before)
    del identifier


def _resident_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
