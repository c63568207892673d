"""Memory of an open web conversation: 5,000 event streams at once on a real gateway, and a message reaches its own."""

from __future__ import annotations

import asyncio
import resource
import statistics
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.connections_client import Stream, open_streams
from bench.gateway_process import TEXT, Gateway, gateway
from bench.results import Options, Result, median, percentile
from bot.app import prepare_database, utc_now
from bot.channels.web_widget import conversation_key, make_id
from bot.settings import Settings

OPEN, OPEN_QUICK = 5000, 1000
IDLE_SECONDS = 17.0  # longer than the pause between two keep-alive comments
WRITTEN = 40  # messages while all are open
LIMIT_KB = 50.0


@dataclass(frozen=True)
class Round:
    """What one gateway did."""

    kilobytes: float  # for each open conversation
    arrival_ms: list[float]  # from a message's POST to the first reply on its stream
    idle_percent: float  # of one core, all streams open and silent
    opened_in: float  # seconds
    meanwhile_ms: float  # the slowest reply while all others were being opened


def measure(options: Options) -> Sequence[Result]:
    count = OPEN_QUICK if options.quick else OPEN
    _raise_file_limit(count)
    rounds = [_round(options.folder / str(number), count) for number in range(1 if options.quick else options.rounds)]
    arrivals = [milliseconds for one in rounds for milliseconds in one.arrival_ms]
    idle, opened = median(one.idle_percent for one in rounds), median(one.opened_in for one in rounds)
    p50, p95 = statistics.median(arrivals), percentile(arrivals, 0.95)
    options.note(
        f"with {count:,} streams open and silent the gateway used {idle:.1f} % of one core; a first reply was on its "
        f"stream {p50:.0f} ms after the message was sent (p95 {p95:.0f} ms; all {len(arrivals)} arrived, on no other "
        f"stream); all came at once in {opened:.0f} s, and who wrote meanwhile was answered within "
        f"{max(one.meanwhile_ms for one in rounds):.0f} ms"
    )
    kilobytes = median(one.kilobytes for one in rounds)
    name = f"memory per open web conversation, {count:,} at once"
    return [Result(name, kilobytes, LIMIT_KB, "the aim", "KB", "lower")]


def _raise_file_limit(count: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count + 200:
        raise RuntimeError(f"this system allows a process {hard} open files; {count} streams need more")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _round(folder: Path, count: int) -> Round:
    addresses: list[str] = []
    with gateway(folder, lambda settings: addresses.extend(_conversations(settings, count))) as server:
        return asyncio.run(_drive(server, addresses))


async def _drive(server: Gateway, addresses: list[str]) -> Round:
    port, before = server.port, server.resident_kb()
    began = time.perf_counter()
    first = (await open_streams(port, [f"{addresses[0]}/events"]))[0]
    opening = asyncio.create_task(open_streams(port, [f"{address}/events" for address in addresses[1:]]))
    meanwhile = [0.0]
    while not opening.done():
        meanwhile += await _write_to(port, {addresses[0]: first})
        await asyncio.sleep(1.5)  # a conversation may write once a second
    streams = [first, *await opening]
    opened_in = time.perf_counter() - began
    await asyncio.sleep(2)
    kilobytes = (server.resident_kb() - before) / len(streams)
    used, since = server.cpu_seconds(), time.perf_counter()
    await asyncio.sleep(IDLE_SECONDS)
    idle = (server.cpu_seconds() - used) / (time.perf_counter() - since)
    silent = [stream for stream in streams if stream.lost or not stream.comments]
    if silent:
        raise RuntimeError(f"{len(silent)} of {len(streams)} streams were not kept alive")
    arrivals = await _write_to_some(port, addresses, streams)
    for stream in streams:
        stream.close()
    return Round(kilobytes, arrivals, 100 * idle, opened_in, max(meanwhile))


async def _write_to_some(port: int, addresses: list[str], streams: list[Stream]) -> list[float]:
    """A message to every so many-th conversation. Raises if a word of it reaches somebody else."""
    chosen = range(0, len(streams), len(streams) // WRITTEN)
    others = [stream for index, stream in enumerate(streams) if index not in chosen]
    before = sum(stream.messages for stream in others)
    arrivals = await _write_to(port, {addresses[index]: streams[index] for index in chosen})
    await asyncio.sleep(1)  # what a turn says after its first line
    if sum(stream.messages for stream in others) != before:
        raise RuntimeError("a message reached somebody else's stream")
    return arrivals


async def _write_to(port: int, streams: dict[str, Stream]) -> list[float]:
    """Milliseconds from each message's POST until its first reply is on its stream. Raises if one does not come."""
    arrivals = []
    async with httpx.AsyncClient(trust_env=False, base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        for address, stream in streams.items():
            queue = stream.heard = asyncio.Queue()
            body = {"client_message_id": str(uuid.uuid4()), "text": TEXT}
            began = time.perf_counter()
            (await client.post(f"{address}/messages", json=body)).raise_for_status()
            while True:
                at, message = await asyncio.wait_for(queue.get(), 30)
                if message["author"] == "bot":
                    break
            arrivals.append((at - began) * 1000)
    return arrivals


def _conversations(settings: Settings, count: int) -> list[str]:
    """As if each had had one message: stored by the product's own code, before the gateway starts."""
    database = prepare_database(settings)
    ids = [make_id(settings.internal_token, "tr") for _ in range(count)]
    with database.write() as uow:
        for one in ids:
            row = uow.conversations.create(conversation_key(one), "web", "", "tr", utc_now())
            uow.conversations.say(row, "citizen", "Merhaba", utc_now(), language="tr")
    database.close()
    return [f"/chat/v1/conversations/{one}" for one in ids]
