"""Ready-made replies: the shipped set, coordinators' changes, and one filled in for an officer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from bot.i18n.catalogues import LANGUAGES
from bot.storage.tables_cases import ReadyReplyRow
from bot.storage.tables_staff import StaffRow
from bot.storage.unit_of_work import UnitOfWork

MAX_TEXT = 4_000
BLANK = "____"  # what an officer still has to fill in
_PLACE = re.compile(r"\{(\w+)\}")
_KEY = re.compile(r"[a-z0-9_]{2,40}")


class ReadyReplyError(ValueError):
    """A ready reply that cannot be kept; `code` names the sentence for the person who tried."""

    def __init__(self, code: str, **args: str) -> None:
        super().__init__(code)
        self.code = code
        self.args_for_text = args


@dataclass(frozen=True)
class Draft:
    """What a coordinator wants to keep. `seen` is when the reply had last changed when they began, ISO 8601."""

    key: str
    texts: dict[str, str]
    position: int
    active: bool
    seen: str = ""


def fill(texts: dict[str, str], language: str, name: str, desk: str) -> tuple[str, str]:
    """The reply with `name` and `desk` in it and blanks for the rest, and its language.

    In the wished language, else in English, else in any; ('', language) for a reply without words.
    """
    values = {"name": name, "desk": desk}
    code = next((code for code in (language, "en", *LANGUAGES) if texts.get(code)), language)
    return _PLACE.sub(lambda found: values.get(found[1], BLANK), texts.get(code, "")), code


def read_file(path: Path) -> list[tuple[str, dict[str, str]]]:
    """(key, texts by language) in order; nothing if there is no such file. Raises ValueError."""
    if not path.exists():
        return []
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = [(str(entry["key"]), {code: str(entry[code]).strip() for code in LANGUAGES}) for entry in raw]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name}: {error!r}") from error
    keys = [key for key, _ in found]
    if len(set(keys)) < len(keys) or not all(_KEY.fullmatch(key) for key in keys):
        raise ValueError(f"{path.name}: each key once, of 2 to 40 small letters, digits or _")
    return found


def store_shipped(uow: UnitOfWork, shipped: list[tuple[str, dict[str, str]]], now: datetime) -> int:
    """Bring the shipped set in; what people changed stays theirs. How many were kept."""
    kept = 0
    for position, (key, texts) in enumerate(shipped, start=1):
        row = uow.ready_replies.by_key(key)
        if row is not None and row.origin == "console":
            kept += 1
            continue
        uow.ready_replies.put(
            key, now, texts=texts, position=position * 10, active=True, origin="file", updated_by="repository"
        )
    return kept


def save(uow: UnitOfWork, draft: Draft, staff: StaffRow, now: datetime, *, new: bool) -> ReadyReplyRow:
    """Keep a coordinator's words. Raises ReadyReplyError, LookupError for one that is not there."""
    row = uow.ready_replies.by_key(draft.key)
    if new and not _KEY.fullmatch(draft.key):
        raise ReadyReplyError("reply_key_wrong")
    if new and row is not None:
        raise ReadyReplyError("reply_key_taken")
    if not new:
        if row is None:
            raise LookupError(f"no ready reply {draft.key}")
        if row.updated_at.isoformat() != draft.seen:
            raise ReadyReplyError("edited_meanwhile", name=row.updated_by)
    texts = {code: words for code, words in draft.texts.items() if words and code in LANGUAGES}
    if not texts:
        raise ReadyReplyError("reply_empty")
    if any(len(words) > MAX_TEXT for words in texts.values()):
        raise ReadyReplyError("too_long")
    fields = {"texts": texts, "position": draft.position, "active": draft.active}
    row = uow.ready_replies.put(draft.key, now, **fields, origin="console", updated_by=staff.name)
    uow.audit.record(staff.id, "ready_reply_saved", f"ready_reply:{draft.key}", now)
    return row
