"""What everybody in a drill writes, and when: decided before it begins, the same for the same seed."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bot.drill.scenario import Cry, Scenario, Spot

Position = tuple[float, float]  # latitude, longitude
SENT_AGAIN = 4  # how often the network delivers a repeated message after the first time
PAUSE = (15.0, 90.0)  # seconds between two messages of one person
PLACE_LEFT_OUT = 0.25  # of the cries; then the town must ask
ONLY_FROM = 0.3  # the part of the drill at which a lonely cry comes


@dataclass(frozen=True)
class Line:
    """One message. `after` = seconds since the drill began; `repeats` = how often it comes again."""

    after: float
    text: str = ""
    position: Position | None = None
    repeats: int = 0


@dataclass(frozen=True)
class Talk:
    """One citizen's side of a conversation. `cry` is None for an ordinary one."""

    number: int
    language: str
    cry: Cry | None
    lines: tuple[Line, ...]


def plan(scenario: Scenario, messages: int, seed: int, span: float, positions: Mapping[str, Position]) -> list[Talk]:
    """Exactly `messages` messages (repeats not counted) by as many citizens as it takes, in `span` seconds.

    `positions` has every place of the scenario by its name.
    """
    rng = random.Random(f"{scenario.name}:{seed}")
    talks: list[Talk] = []
    left = messages
    while left > 0:
        cry = _next_cry(rng, scenario, len(talks))
        begin = span * (ONLY_FROM if scenario.only is not None and cry else _arrival(rng, scenario))
        language = _spoken(rng, scenario, cry)
        lines = _lines(rng, scenario, cry, language, begin, positions)[:left]
        talks.append(Talk(len(talks), language, cry, tuple(lines)))
        left -= len(lines)
    return talks


def _next_cry(rng: random.Random, scenario: Scenario, before: int) -> Cry | None:
    if scenario.only is not None:
        cries = before < scenario.only
    else:
        cries = before == 0 or rng.random() * 100 >= scenario.ordinary  # the first one always: a drill without is none
    return rng.choices(scenario.cries, [cry.weight for cry in scenario.cries])[0] if cries else None


def _spoken(rng: random.Random, scenario: Scenario, cry: Cry | None) -> str:
    """A language, of those in which there is something to say."""
    texts = cry.texts if cry else scenario.shared["ordinary"]
    choices = sorted(language for language in scenario.languages if language in texts)
    return rng.choices(choices, [scenario.languages[one] for one in choices])[0]


def _arrival(rng: random.Random, scenario: Scenario) -> float:
    """When a conversation begins, as a part of the drill: a burst, then a long tail that grows thin."""
    if rng.random() * 100 < scenario.burst:
        return rng.random() * scenario.first
    return scenario.first + (1 - scenario.first) * float(rng.random() ** 1.5)


def _lines(
    rng: random.Random,
    scenario: Scenario,
    cry: Cry | None,
    language: str,
    begin: float,
    positions: Mapping[str, Position],
) -> list[Line]:
    texts = scenario.shared
    if cry is None:
        lines = [Line(0, rng.choice(texts["ordinary"][language]))]
        if rng.random() < 0.4:
            lines.append(Line(0, rng.choice(texts["thanks"][language])))
    else:
        lines = list(_cry(rng, scenario, cry, language, positions))
    timed, at = [], begin
    for line in lines:
        repeats = SENT_AGAIN if rng.random() * 100 < scenario.repeated else 0
        timed.append(replace(line, after=round(at, 3), text=roughly(rng, line.text, language), repeats=repeats))
        at += rng.uniform(*PAUSE)
    return timed


def _cry(
    rng: random.Random, scenario: Scenario, cry: Cry, language: str, positions: Mapping[str, Position]
) -> Iterator[Line]:
    spot = rng.choice(scenario.places)
    names_it = rng.random() >= PLACE_LEFT_OUT
    text = rng.choice(cry.texts[language])
    yield Line(0, _at(text, spot.called(language) if names_it else ""))
    if rng.random() * 100 >= scenario.follow_up:
        return
    texts = scenario.shared
    if rng.random() * 100 < scenario.position:
        yield Line(0, position=_near(rng, positions[spot.name]))
    elif not names_it:
        yield Line(0, _where(rng, scenario, language, spot))
    for _ in range(rng.randint(0, 2)):
        yield Line(0, rng.choice(texts["more"][language]))
    if rng.random() < 0.3:
        yield Line(0, rng.choice(texts["thanks"][language]))


def _where(rng: random.Random, scenario: Scenario, language: str, spot: Spot) -> str:
    return _at(rng.choice(scenario.shared["where"][language]), spot.called(language))


def _at(text: str, place: str) -> str:
    return re.sub(r"\s{2,}", " ", text.replace("{place}", place)).strip(" ,.")


def _near(rng: random.Random, position: Position) -> Position:
    """Within a kilometre or so."""
    return round(position[0] + rng.uniform(-0.008, 0.008), 5), round(position[1] + rng.uniform(-0.008, 0.008), 5)


def roughly(rng: random.Random, text: str, language: str) -> str:
    """The same words as people type them in a hurry: without dots and hooks, without commas, a letter too many."""
    way = rng.random()
    if way < 0.5 or not text:
        return text
    if way < 0.65:
        return text.lower()
    if way < 0.8:
        return text if language == "ar" else _plain(text)
    if way < 0.9:
        return re.sub(r"[,.!?؟،:]", "", text)
    words = text.split(" ")
    longest = max(range(len(words)), key=lambda index: len(words[index]))
    word = words[longest]
    where = rng.randrange(1, len(word)) if len(word) > 6 else 0
    words[longest] = word[:where] + word[where - 1] + word[where:] if where else word
    return " ".join(words)


def _plain(text: str) -> str:
    """Without diacritics, as on a keyboard of another country."""
    decomposed = unicodedata.normalize("NFD", text.replace("ı", "i").replace("ß", "ss"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
