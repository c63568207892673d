"""Words as people type them: one folded form per spelling, and the stems under prefixes and suffixes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

_APOSTROPHES = "'’‘ʼ`´ʹ′"
# Letters that Unicode does not take apart, and Arabic-script letters that people use for one another.
_LETTERS = str.maketrans(
    {
        "ı": "i", "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
        "ə": "e",
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ي", "ؤ": "و",
        "ء": None, "ک": "ك", "گ": "ك", "پ": "ب", "چ": "ج", "ڤ": "ف", "ھ": "ه", "ہ": "ه", "ە": "ه", "ۃ": "ه",
        **dict.fromkeys(_APOSTROPHES), **dict.fromkeys("-‐‑‒–/.,()", " "),
    }
)  # fmt: skip
_UNSEEN = {"Cf", "Cs", "Co"}  # zero-width and direction marks, lone surrogates, private use
_SURNAME = re.compile(r" \(| am | an der | im | in der | ob der | vor der | bei ")
_WORD = re.compile(r"[^\W\d_]+")


class Token(NamedTuple):
    """A word with what stands before it (`gap`) and where it is in the cleaned text."""

    text: str
    folded: str
    start: int
    end: int
    gap: str


class Stem(NamedTuple):
    """A word without its affix, and what the affix says about the person.

    `standing`: is there ("Köln'deyim", "ببرلين"). `moving`: to, from or of it. `home`: comes from there
    ("Konyalıyım").
    """

    folded: str
    affix: str
    sense: str


def clean(text: str, limit: int) -> str:
    """At most `limit` characters, composed, without invisible characters and vowel marks."""
    text = unicodedata.normalize("NFC", "".join(c for c in text[:limit] if unicodedata.category(c) not in _UNSEEN))
    return "".join(c for c in text if c != "ـ" and not unicodedata.combining(c))


def fold(text: str) -> str:
    """'Köln' -> 'koln', 'İSTANBUL' -> 'istanbul', 'Saint-Denis' -> 'saint denis', 'القاهرة' -> 'القاهره'."""
    plain = text.lower().translate(_LETTERS)
    if not plain.isascii():
        letters = (c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
        plain = "".join(c for c in letters if unicodedata.category(c) not in _UNSEEN).translate(_LETTERS)
    return " ".join(plain.split())


def short_name(name: str) -> str:
    """'Frankfurt (Oder)' -> 'Frankfurt', 'Mülheim an der Ruhr' -> 'Mülheim': what people call it."""
    return _SURNAME.split(name, maxsplit=1)[0]


def is_arabic(text: str) -> bool:
    """Whether it is written in Arabic script."""
    return "\u0600" <= text[:1] < "\u0700"


def tokens(text: str) -> list[Token]:
    """The words of a cleaned text."""
    found: list[Token] = []
    end = 0
    for match in _WORD.finditer(text):
        folded = fold(match.group())
        if folded:
            found.append(Token(match.group(), folded, match.start(), match.end(), text[end : match.start()]))
            end = match.end()
    return found


_TURKISH = (
    ("standing", re.compile(r"n?[dt][ae](?:y[iu][mz]|y[iu]?ken|yd[iu][mkn]?|ym[iu]s\w*)?")),
    ("standing", re.compile(r"n?[dt][ae](?:s[iu]n(?:[iu]z)?|l[ae]r|ki\w*)")),
    ("moving", re.compile(r"n?[dt][ae]n|y?[aeiu]|n?[iu]n|y?l[ae]|[dt][iu]r")),
    ("home", re.compile(r"l[iu](?:y[iu][mz]|l[ae]r\w*|s[iu]n\w*)?")),
)  # fmt: skip


_N_BUFFER = re.compile("n[dt]")  # only after a possessive: "Kos adasında", "Beyoğlunda", but not "romanda"


def turkish_ending(folded: str) -> str | None:
    """What a case ending says: 'deyim' -> 'standing', 'ten' -> 'moving'; None if it is none."""
    return next((sense for sense, pattern in _TURKISH if pattern.fullmatch(folded)), None)


def turkish_stems(folded: str) -> Iterator[Stem]:
    """'kolndeyim' -> 'koln'; the stem keeps at least three letters. Longest stem first."""
    for cut in range(len(folded) - 1, 2, -1):
        sense = turkish_ending(folded[cut:])
        if sense and (not _N_BUFFER.match(folded, cut) or folded[cut - 1] in "iu"):
            yield Stem(folded[:cut], folded[cut:], sense)


def arabic_stems(folded: str) -> Iterator[Stem]:
    """'ببرلين' -> 'برلين', 'للاهاي' -> 'لاهاي', 'بالرياض' -> 'الرياض' and 'رياض', 'عتركيا' -> 'تركيا'."""
    for conjunction in ("و", ""):
        for preposition in ("في", "من", "ب", "ل", "ع", ""):
            prefix = conjunction + preposition
            if not prefix or not folded.startswith(prefix):
                continue
            rest = folded[len(prefix) :]
            sense = {"ب": "standing", "في": "standing", "": ""}.get(preposition, "moving")
            yield Stem(rest, prefix, sense)
            if preposition == "ل" and rest.startswith("ل"):  # ل + ال is written لل
                yield Stem("ا" + rest, prefix, sense)
                yield Stem(rest[1:], prefix, sense)
            elif preposition and rest.startswith("ال"):
                yield Stem(rest[2:], prefix, sense)


def germanic_stems(folded: str) -> Iterator[Stem]:
    """'kolner' -> 'koln', 'londons' -> 'london'."""
    for ending in ("er", "s"):
        if folded.endswith(ending) and len(folded) > len(ending) + 3:
            yield Stem(folded[: -len(ending)], ending, "moving")


def stems(word: Token, language: str | None) -> Iterator[Stem]:
    """The stems that the language of the message, or the script, allows."""
    if is_arabic(word.text):
        yield from arabic_stems(word.folded)
        return
    for stem in turkish_stems(word.folded):
        if language in (None, "tr") or (stem.sense == "standing" and len(stem.affix) > 4):
            yield stem
    if language != "tr" and word.text[0].isupper():
        yield from germanic_stems(word.folded)


@dataclass(frozen=True)
class WordLists:
    """`common_words.yml` for one language, or for all when the language is not known."""

    words: frozenset[str]
    never: frozenset[str]
    people: frozenset[str]
    ordinary: frozenset[str]  # the three together
    before: frozenset[str]
    after: frozenset[str]
    capitals_tell: bool

    @classmethod
    def of(cls, raw: dict[str, Any], language: str | None) -> WordLists:
        """The union of all languages for None; then one-letter words such as the French 'a' tell nothing."""
        chosen = [language] if language else list(raw["languages"])

        def listed(kind: str) -> frozenset[str]:
            texts = (raw["languages"][one][kind] for one in chosen)
            return frozenset(word.replace("_", " ") for text in texts for word in text.split())

        def around(side: str) -> frozenset[str]:
            folded = {fold(word) for one in chosen for word in raw[side][one]}
            return frozenset(word for word in folded if language or len(word) > 1)

        words, never = listed("words"), listed("never")
        people = frozenset(name.replace("_", " ") for name in raw["people"].split())
        together = words | never | people
        return cls(words, never, people, together, around("before"), around("after"), language != "de")

    def tell_a_place(self, words: Sequence[Token], start: int, end: int) -> bool:
        """Whether a word before or after words[start:end] says that they are a place."""
        if start and not ends_sentence(words[start].gap):
            last = words[start - 1]
            pair = f"{words[start - 2].folded} {last.folded}" if start > 1 else ""
            if last.folded in self.before or pair in self.before or last.text in "àÀ":
                return True
            if last.folded == "d" and is_apostrophe(words[start].gap):
                return True
        return end < len(words) and words[end].folded in self.after and not ends_sentence(words[end].gap)

    def capital_tells(self, words: Sequence[Token], start: int) -> bool:
        """Whether the first letter is a capital that grammar did not ask for."""
        if not self.capitals_tell or not start or not words[start].text[0].isupper():
            return False
        shouting = 2 * sum(word.text.isupper() for word in words) > len(words)
        return not shouting and not ends_sentence(words[start].gap)


def ends_sentence(gap: str) -> bool:
    """Whether a new sentence or line begins after what stands between two words."""
    return any(sign in gap for sign in ".!?:;…\n؟")


def is_apostrophe(gap: str) -> bool:
    """Whether two tokens are one word in writing: "Köln'deyim"."""
    return len(gap) == 1 and gap in _APOSTROPHES


def one_name(words: Sequence[Token]) -> str | None:
    """The folded words as one name if nothing but blanks, hyphens and apostrophes is between them."""
    name = words[0].folded
    elided = len(words) > 1 and len(name) == 1 and is_apostrophe(words[1].gap)
    if elided and not (words[0].text.isupper() and words[1].text[0].isupper()):
        return None  # "d'Anvers" is not Danvers, but "L'Aquila" and "N'Djamena" are names
    for word in words[1:]:
        if len(word.gap) > 2 or (word.gap.strip(" -./()") and not is_apostrophe(word.gap)):
            return None
        name += word.folded if is_apostrophe(word.gap) else " " + word.folded
    return name


def squeeze(folded: str) -> str:
    """'dusseldorf' -> 'duseldorf': doubled letters are the commonest slip."""
    return re.sub(r"(.)\1", r"\1", folded)
