"""Translators: one contract for all of them, and a server that misbehaves in every way."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bot.clients import translation
from bot.clients.translation import LibreTranslate
from bot.services.ports import NullTranslator, Translator
from tests.harness.servers import free_port
from tests.harness.translators import LibreTranslateServer, ScriptedTranslator


@pytest.fixture
def server() -> Iterator[LibreTranslateServer]:
    with LibreTranslateServer() as running:
        yield running


@pytest.fixture(params=["libretranslate", "scripted", "null"])
def translator(request: pytest.FixtureRequest) -> Translator:
    if request.param == "libretranslate":
        return LibreTranslate(request.getfixturevalue("server").url)
    return ScriptedTranslator() if request.param == "scripted" else NullTranslator()


@pytest.mark.parametrize("words", ["Ich brauche Hilfe", "Köln [[0]]", "\n", "سلام"])
def test_every_translator_answers_with_words_or_with_nothing(translator: Translator, words: str) -> None:
    answer = translator.translate(words, "de", "tr")
    assert answer == (None if isinstance(translator, NullTranslator) else f"<{words}>")


def test_the_server_is_asked_as_its_interface_says(server: LibreTranslateServer) -> None:
    LibreTranslate(f"{server.url}/").translate("Hilfe", "de", "tr")
    assert server.paths == ["/translate"]
    assert server.bodies == [{"q": "Hilfe", "source": "de", "target": "tr", "format": "text"}]


BROKEN = [
    ("an error", 500, b"{}"),
    ("a refusal", 403, b'{"error": "Visit us to get a key"}'),
    ("another address: words must not follow there", 302, b"{}"),
    ("no JSON", 200, b"<html>"),
    ("JSON of another kind", 200, b"[1]"),
    ("no translation in it", 200, b'{"translated": "x"}'),
    ("a number for a text", 200, b'{"translatedText": 7}'),
    ("an empty text", 200, b'{"translatedText": ""}'),
    ("far too much", 200, json.dumps({"translatedText": "x" * 60_000}).encode()),
]


@pytest.mark.parametrize(("status", "body"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_server_that_misbehaves_gives_no_translation(server: LibreTranslateServer, status: int, body: bytes) -> None:
    server.answer = (status, body, 0.0)
    assert LibreTranslate(server.url).translate("Hilfe", "de", "tr") is None
    assert server.paths == ["/translate"]


def test_a_server_that_is_slow_or_away_is_not_waited_for(
    server: LibreTranslateServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translation, "TIMEOUT", 0.05)
    server.answer = (200, b"", 0.5)
    assert LibreTranslate(server.url).translate("Hilfe", "de", "tr") is None
    assert LibreTranslate(f"http://127.0.0.1:{free_port()}").translate("Hilfe", "de", "tr") is None
