"""The arithmetic of the bench's sections on tiny made-up data; nothing here is timed."""

from __future__ import annotations

import asyncio

import pytest

from bench.connections_client import open_streams
from bench.dev_messages import dev_messages
from tests.harness.scenes import play


def test_quick_means_every_eighth_message_of_each_language() -> None:
    everything, some = list(dev_messages()), list(dev_messages(quick=True))
    assert (
        {one.language for one in some} == {one.language for one in everything} == {"ar", "de", "en", "fr", "nl", "tr"}
    )
    assert len(everything) // 9 < len(some) < len(everything) // 7


def test_bm25_finds_the_line_with_the_same_words_in_the_language_of_the_question() -> None:
    pytest.importorskip("bm25s", reason="the bench's own requirements are not installed: make bench installs them")
    from bench.retrieval import Question, Score, _ask, _bm25

    search = _bm25([("passport", "en", ("renew my passport", "lost papers")), ("tax", "en", ("pay property tax",))])
    score = Score()
    _ask(
        search,
        [Question(words, topic, "en", "en", {}) for words, topic in (("property tax?", "tax"), ("x", "tax"))],
        score,
    )
    assert score.first["en"] in (50.0, 100.0)
    assert search(Question("my passport", "passport", "en", "en", {}))[0] == "passport"


def test_a_stream_counts_messages_and_signs_of_life_in_pieces_of_any_size() -> None:
    body = (
        b'HTTP/1.1 200 OK\r\n\r\nretry: 1000\n\nevent: message\nid: 1\ndata: {"author": "bot"}\n\n'
        b"event: state\ndata: {}\n\n: still here\n\n"
    )

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for start in range(0, len(body), 7):
            writer.write(body[start : start + 7])
            await writer.drain()
        await asyncio.sleep(0.2)
        writer.close()

    async def scene() -> tuple[int, int]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            streams = await open_streams(server.sockets[0].getsockname()[1], ["/events"])
            await asyncio.sleep(0.1)
            streams[0].close()
            return streams[0].messages, streams[0].comments

    assert play(scene) == (1, 1)
