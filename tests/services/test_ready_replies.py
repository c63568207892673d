"""Ready replies: the shipped set is whole, and what people change is kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.i18n.catalogues import LANGUAGES
from bot.services.imports import import_all
from bot.services.ready_replies import BLANK, Draft, ReadyReplyError, fill, read_file, save, store_shipped
from bot.settings import ROOT
from tests.harness.town import Town

SHIPPED = read_file(ROOT / "data" / "ready_replies.yml")
PLACE = re.compile(r"\{\w+\}")


@pytest.mark.parametrize(("key", "texts"), SHIPPED, ids=[key for key, _ in SHIPPED])
def test_a_shipped_reply_says_the_same_in_six_languages(key: str, texts: dict[str, str]) -> None:
    assert set(texts) == set(LANGUAGES)
    assert len(set(texts.values())) == len(LANGUAGES), "no language was copied from another"
    assert len({frozenset(PLACE.findall(words)) for words in texts.values()}) == 1, "the same places to fill"
    for words in texts.values():
        assert 0 < len(words) < 200, "short"
        assert not re.search(r"\d|https?:", words), "no number and no address from memory"


def test_there_are_enough_to_be_useful() -> None:
    assert len(SHIPPED) >= 16


def test_name_and_desk_are_filled_and_the_rest_is_a_blank() -> None:
    texts = {"de": "{name}, {desk}, bis {time} {0}"}
    assert fill(texts, "de", "Ayşe {desk}", "Köln") == (f"Ayşe {{desk}}, Köln, bis {BLANK} {BLANK}", "de")


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        ({"de": "d", "en": "e"}, ("d", "de")),
        ({"en": "e", "tr": "t"}, ("e", "en")),
        ({"ar": "a"}, ("a", "ar")),
        ({"de": ""}, ("", "de")),
    ],
    ids=["the wished language", "else English", "else any", "or nothing"],
)
def test_a_missing_language_falls_back_and_says_so(texts: dict[str, str], wanted: tuple[str, str]) -> None:
    assert fill(texts, "de", "", "") == wanted


def a_draft(key: str = "own_words", **fields: object) -> Draft:
    values = {"texts": {"de": "Hallo"}, "position": 5, "active": True, "seen": ""} | fields
    return Draft(key, **values)  # type: ignore[arg-type]


def test_what_a_coordinator_changed_is_kept_when_the_files_come_again(town: Town) -> None:
    staff = town.coordinator("Nur")
    with town.database.write() as uow:
        before = {row.key: row for row in uow.ready_replies.all()}
        seen = before["safe_now"].updated_at.isoformat()
        save(uow, a_draft("safe_now", seen=seen), staff, town.clock(), new=False)
    with town.database.write() as uow:
        assert store_shipped(uow, [("safe_now", {"de": "neu"}), ("where_exactly", {"de": "neu"})], town.clock()) == 1
        assert uow.ready_replies.by_key("safe_now").texts == {"de": "Hallo"}
        assert uow.ready_replies.by_key("where_exactly").texts == {"de": "neu"}


def test_a_prepared_database_has_the_shipped_set_in_its_order(town: Town) -> None:
    with town.database.read() as uow:
        assert [row.key for row in uow.ready_replies.all(active=True)] == [key for key, _ in SHIPPED]
    assert not import_all(town.database, town.settings.data, town.clock()).changed, "once is enough"


REFUSED = [
    ("a short name with letters of its own", a_draft("größe"), True, "reply_key_wrong"),
    ("a short name that is taken", a_draft("safe_now"), True, "reply_key_taken"),
    ("no words at all", a_draft(texts={"de": "", "xx": "words of nobody"}), True, "reply_empty"),
    ("too many words", a_draft(texts={"de": "x" * 4001}), True, "too_long"),
    ("somebody was faster", a_draft("safe_now", seen="2020-01-01T00:00:00+00:00"), False, "edited_meanwhile"),
]


@pytest.mark.parametrize(("draft", "new", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_kept_is_refused_with_a_reason(town: Town, draft: Draft, new: bool, code: str) -> None:
    staff = town.coordinator("Nur")
    with town.database.write() as uow, pytest.raises(ReadyReplyError) as refused:
        save(uow, draft, staff, town.clock(), new=new)
    assert refused.value.code == code


BAD_FILES = [
    ("a language is missing", "- {key: ab, de: x}"),
    ("a key twice", "\n".join(["- {key: ab, tr: x, de: x, nl: x, fr: x, en: x, ar: x}"] * 2)),
    ("a key that no address could hold", "- {key: 'a/b', tr: x, de: x, nl: x, fr: x, en: x, ar: x}"),
    ("no list", "just words"),
    ("no YAML", "- {key: [}"),
]


@pytest.mark.parametrize("content", [row[1] for row in BAD_FILES], ids=[row[0] for row in BAD_FILES])
def test_a_file_that_is_wrong_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ready_replies.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"ready_replies\.yml"):
        read_file(path)


def test_an_installation_without_the_file_has_none(tmp_path: Path) -> None:
    assert read_file(tmp_path / "ready_replies.yml") == []
