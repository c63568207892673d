"""The look-up at the gateway: read-only, with the token, and never in the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actions import gateway
from tests.rasa.harness import TOKEN, FakeGateway


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGateway]:
    server = FakeGateway()
    monkeypatch.setenv("HEMSEHRI_GATEWAY_URL", server.url)
    monkeypatch.setenv("HEMSEHRI_INTERNAL_TOKEN", TOKEN)
    yield server
    server.shutdown()
    server.server_close()


def test_places_are_looked_up_with_what_is_known(running: FakeGateway) -> None:
    found = gateway.places("in Köln", "de", "DE") or []
    assert [place["name"] for place in found] == ["Köln"]
    assert running.asked == [{"text": "in Köln", "language": "de", "country": "DE"}]


def test_no_place_is_an_answer(running: FakeGateway) -> None:
    assert gateway.places("nowhere", None, None) == []


def test_a_wrong_token_a_broken_and_an_absent_gateway_are_no_answer(
    running: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEMSEHRI_INTERNAL_TOKEN", "wrong")
    assert gateway.places("Köln", None, None) is None
    running.broken = True
    assert gateway.places("Köln", None, None) is None
    monkeypatch.setenv("HEMSEHRI_GATEWAY_URL", "http://127.0.0.1:1")
    assert gateway.places("Köln", None, None) is None
