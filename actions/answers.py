"""Short answers to our own questions, in six languages: yes, no, enough, here, I don't know, how to reach me.

The classifier knows "yes" and "no" too, but a form must not depend on it: these few words decide first.
"""

from __future__ import annotations

import re

from bot.understanding.features import normalise


def _phrases(text: str) -> frozenset[str]:
    """Phrases separated by commas, folded as messages are."""
    return frozenset(normalise(phrase) for phrase in text.split(","))


_YES = _phrases(
    "evet, aynen, tabii, tamam, ja, jawohl, jep, oui, ouais, si, yes, yeah, yep, ok, okay, "
    "نعم, أيوه, أيوا, إي, آه, أكيد"
)
_NO = _phrases("hayır, yok, nein, nee, no, nope, non, nah, لا, كلا")
# Words that turn a sentence around, and words after which a "yes" is no plain yes any more.
_NOT = _NO | _phrases(
    "değil, değilim, değiliz, nicht, kein, keine, niet, geen, pas, not, dont, isnt, arent, never, "
    "مو, مش, ليس, لست, ماني"
)
_TURKISH_NOT = re.compile(r"\w+m[iu]yor\w*")  # "hissetmiyorum"
_BUT = _phrases("ama, fakat, aber, doch, maar, mais, but, لكن, بس")
_SAFE = re.compile(r"guvende\w*|emniyette\w*|sicher|sicherheit|veilig|securite|safe|(?:بال|ب|ال)?امان|بخير")
_UNSAFE = re.compile(r"unsicher|onveilig|unsafe|danger|gefahr|gevaar|tehlike\w*|(?:بال|ب|ال)?خطر")
_STOP = _phrases(
    "dur, yeter, başka soru yok, başka soru istemiyorum, soru sorma, daha fazla soru yok, stop, stopp, genug, hör auf, "
    "keine fragen mehr, keine weiteren fragen, geen vragen meer, genoeg, hou op, arrête, arrêtez, plus de questions, "
    "ça suffit, assez, no more questions, enough, stop asking, توقف, كفى, لا مزيد من الأسئلة, بدون أسئلة, خلص"
)
_HERE = _phrases("burada, buradan, burdan, burası, hier, ici, here, هنا, هون")
_UNKNOWN = _phrases(
    "bilmiyorum, bilmiyom, bilemiyorum, weiß nicht, weis nicht, keine ahnung, weet niet, weet het niet, geen idee, "
    "sais pas, aucune idée, don't know, do not know, no idea, dunno, لا أعرف, ما بعرف, لا أدري, ما أعرف, مابعرف"
)
_PHONE = re.compile(r"(?:\+|00)?\d[\d\s()./-]{5,}\d")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}|(?<!\w)@\w{3,}")


def wants_to_stop(text: str) -> bool:
    """'No more questions', as a message of its own."""
    return normalise(text) in _STOP


def does_not_know(text: str) -> bool:
    """'I don't know', with or without more words."""
    words = f" {normalise(text)} "
    return any(f" {phrase} " in words for phrase in _UNKNOWN)


def is_safe(text: str, intent: str) -> bool | None:
    """The answer to 'Are you safe right now?'; None if it is no plain answer, then it is asked once more."""
    words = normalise(text).split()
    if "?" in text or "؟" in text or not _BUT.isdisjoint(words):
        return None
    denied = any(word in _NOT or _TURKISH_NOT.fullmatch(word) for word in words)
    if any(_UNSAFE.fullmatch(word) for word in words):
        return None if denied else False  # "not in danger", "no, danger": ask rather than guess
    if any(_SAFE.fullmatch(word) for word in words):
        return not denied
    if words and words[0] in _NO:
        return False
    if words and words[0] in _YES:
        return None if denied else True
    return {"affirm": True, "deny": False}.get(intent)


def how_to_reach(text: str) -> str | None:
    """The whole text, if a phone number, mail address or user name stands in it."""
    found = _PHONE.search(_western_digits(text)) or _ADDRESS.search(text)
    return text.strip() if found else None


def phone_in(text: str) -> str | None:
    """The phone number in a longer message; at least nine digits, so that no date is taken for one."""
    match = _PHONE.search(_western_digits(text))
    number = match.group().strip() if match else ""
    return number if sum(char.isdigit() for char in number) >= 9 else None


def is_here(text: str) -> bool:
    """'Just here', as the question suggests."""
    words = normalise(text).split()
    return len(words) <= 4 and not _HERE.isdisjoint(words)


def _western_digits(text: str) -> str:
    """Arabic-Indic digits as ASCII; the length stays the same."""
    return "".join(str(int(char)) if char.isdecimal() else char for char in text)
