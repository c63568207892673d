"""The phrase lexicon: recognises cries for help with no model at all. Data in data/crisis/<language>.yml."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bot.understanding.features import normalise
from bot.understanding.yaml_files import read_yaml

MAX_GAP = 3  # words that '..' may stand for
MAX_WORDS = 4_000
LONGEST_PREFIX = 40  # characters; a "word" of thousands must not cost seconds
_ARABIC_AND = "و"


@dataclass(frozen=True)
class Findings:
    """What the lexicon saw. Kinds per strength; whether anything speaks against a crisis now."""

    strong: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()
    shielded: bool = False
    negated: bool = False
    past: bool = False
    bare: bool = False  # the message is a call for help and nothing else

    @property
    def harmless_signs(self) -> bool:
        """Something says: a film, a course, not so, or long over."""
        return self.shielded or self.negated or self.past


@dataclass
class _Phrases:
    """Phrases indexed by how their first word begins, so that a message is scanned once."""

    exact: dict[str, list[tuple[tuple[str, ...], str]]] = field(default_factory=dict)
    prefix: dict[str, list[tuple[tuple[str, ...], str]]] = field(default_factory=dict)
    lengths: list[int] = field(default_factory=list)  # of the prefixes, ascending

    def add(self, phrase: str, meaning: str) -> None:
        words = tuple(str(phrase).split())
        if not words:
            return
        first = words[0]
        index = self.prefix if first.endswith("*") else self.exact
        index.setdefault(first.rstrip("*"), []).append((words, meaning))
        self.lengths = sorted({length for length in map(len, self.prefix) if 2 <= length <= LONGEST_PREFIX})

    def find(self, words: list[str]) -> Iterable[str]:
        for start, word in enumerate(words):
            for phrase, meaning in self.exact.get(word, ()):
                if _matches(phrase, words, start):
                    yield meaning
            for length in self.lengths:
                if length > len(word):
                    break
                for phrase, meaning in self.prefix.get(word[:length], ()):
                    if _matches(phrase, words, start):
                        yield meaning


def _matches(phrase: tuple[str, ...], words: list[str], start: int) -> bool:
    """Whether the phrase stands at `start`; '..' lets up to three words pass."""
    if not phrase:
        return True
    if phrase[0] == "..":
        reach = range(start, min(start + MAX_GAP + 1, len(words)))
        return any(_matches(phrase[1:], words, place) for place in reach)
    if start >= len(words):
        return False
    wanted = phrase[0]
    here = words[start]
    fits = here.startswith(wanted[:-1]) if wanted.endswith("*") else here == wanted
    return fits and _matches(phrase[1:], words, start + 1)


def _without_and(word: str) -> str:
    """Arabic writes 'and' as a letter joined to the next word."""
    return word[1:] if word.startswith(_ARABIC_AND) and len(word) > 3 else word


def _plain_umlauts(text: str) -> str:
    """German without umlauts is written 'wuergt' or 'wurgt': both become the second."""
    return text.replace("ae", "a").replace("oe", "o").replace("ue", "u")


class Lexicon:
    """The phrases of one language."""

    def __init__(self, raw: dict[str, object], *, umlauts: bool = False) -> None:
        self._phrases = _Phrases()
        self._plain = _plain_umlauts if umlauts else str
        bare = raw.get("bare_cries") or ()
        assert isinstance(bare, Iterable)
        self._bare = frozenset(self._plain(normalise(str(phrase))) for phrase in bare)
        crisis = raw.get("crisis") or {}
        assert isinstance(crisis, dict)
        for kind, strengths in crisis.items():
            for strength in ("strong", "weak"):
                for phrase in strengths.get(strength) or ():
                    self._phrases.add(self._plain(str(phrase)), f"{strength}:{kind}")
        for key in ("shields", "negations", "past_solved"):
            listed = raw.get(key) or ()
            assert isinstance(listed, Iterable)
            for phrase in listed:
                self._phrases.add(self._plain(str(phrase)), key)

    def scan(self, text: str) -> Findings:
        """Everything the lexicon sees in a message."""
        return self.scan_normalised(normalise(text))

    def scan_normalised(self, text: str) -> Findings:
        """`scan` of words that are folded already: six languages' lexicons look at one message."""
        words = self._plain(text).split()[:MAX_WORDS]
        seen = set(self._phrases.find(words))
        if any(word.startswith(_ARABIC_AND) for word in words):
            seen |= set(self._phrases.find([_without_and(word) for word in words]))
        return Findings(
            strong=frozenset(kind[7:] for kind in seen if kind.startswith("strong:")),
            weak=frozenset(kind[5:] for kind in seen if kind.startswith("weak:")),
            shielded="shields" in seen,
            negated="negations" in seen,
            past="past_solved" in seen,
            bare=" ".join(words) in self._bare,
        )


def load_lexicons(folder: Path) -> dict[str, Lexicon]:
    """The lexicon of each language that has one."""
    return {
        path.stem: Lexicon(read_yaml(path) or {}, umlauts=path.stem == "de") for path in sorted(folder.glob("*.yml"))
    }
