"""The whole way: a message written at the widget, durable, understood, answered and shown, beside stock Rasa's webhook.

Ours is everything that `bot up` starts, with production settings; a reply counts when it has come through the open
stream of the citizen who asked, and is the right one. Stock Rasa's is the answer of its REST webhook, nothing kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench import surge
from bench.dev_messages import Asked, dev_messages
from bench.dispatch import people
from bench.load import Load, latency, throughput
from bench.processes import start, stop
from bench.results import Options, Result, median
from bench.stock_rasa import StockRasa, stock_model
from bench.town import CITIZEN, PATIENCE, Citizen, Door, Said, Town, ask_around, learn, town
from bot.services.cases import accept
from bot.settings import ROOT, load_settings
from bot.supervisor import free_port

PEER = "stock Rasa's bare webhook"
CLIENTS = 8
CRY = Said("İmdat, evde yangın var, Köln'deyiz", b"112", "tr")
SMALL_TALK = ("greet", "thanks", "goodbye", "bot_identity")
MESSAGES = 60
LINES_TO_A_PERSON = 10  # messages that each of those writes who are talking with an officer
START_AIM = 3.0  # seconds


@dataclass
class Figures:
    """One list per figure, one entry per round."""

    by_name: dict[str, list[float]] = field(default_factory=dict)

    def add(self, **figures: float) -> None:
        """What a round has found."""
        for name, figure in figures.items():
            self.by_name.setdefault(name, []).append(figure)

    def __getitem__(self, name: str) -> float:
        return median(self.by_name[name])


def measure(options: Options) -> Sequence[Result]:
    """Rounds of stock Rasa and ours in turn, then one surge."""
    stock_model()  # trained before anything is measured
    seconds, singles = (4.0, 60) if options.quick else (12.0, 300)
    figures = Figures()
    for number in range(1 if options.quick else options.rounds):
        _stock(options.folder / f"stock-{number}", figures, seconds, singles)
        _ours(options.folder / f"ours-{number}", figures, seconds, singles)
    folder = options.folder / "surge"
    with town(folder) as place:
        people(place.desk)
        flood = surge.measure(place, _questions(place), CRY, 1000 if options.quick else 10_000)
        afterwards = place.megabytes
    for _ in range(options.rounds):
        figures.add(first=first_crisis_answer(folder))  # the same folder: installed, and used before
    options.note(
        f"Surge: {flood.messages:,} messages thrown in at {flood.taken_per_second:.0f}/s, all answered after"
        f" {flood.seconds:.0f} s ({flood.messages / flood.seconds:.0f}/s), none lost; {len(flood.cries)} cries"
        f" meanwhile, p50 {flood.at(0.5):.0f} ms, p99 {flood.at(0.99):.0f} ms, slowest {max(flood.cries):.0f} ms;"
        f" memory {afterwards:.0f} MB afterwards, as the worker has helped to answer and keeps what it loaded for that."
    )
    met = "met" if figures["first"] <= START_AIM else "MISSED"
    options.note(f"`make run` to the first crisis answer: {figures['first']:.2f} s, aim {START_AIM:g} s: {met}.")
    options.note(f"Crisis card to one client without a surge: p50 {figures['cry p50']:.0f} ms.")
    return _results(figures, flood)


def _results(figures: Figures, flood: surge.Surge) -> list[Result]:
    peer = figures["stock"]
    many = f"messages/s, {CLIENTS} clients"
    throughputs = (
        ("answered with a Rasa turn", "dialogue", 5),
        ("answered from the content", "content", 20),
        ("crisis card, case and alert", "cry", 20),
        ("carried to a person", "person", 20),
    )
    return [
        *(Result(name, figures[key], peer, PEER, many, "higher", goal) for name, key, goal in throughputs),
        Result("p50 of a reply, from the content", figures["content p50"], figures["stock p50"], PEER, "ms", "lower",
               goal=3),
        Result("p50 of a reply, Rasa turn", figures["dialogue p50"], figures["stock p50"], PEER, "ms", "lower", goal=3),
        Result("crisis card in a surge, p99", flood.at(0.99), figures["stock p99"], f"{PEER}, one client, p99",
               "ms", "lower"),
        Result("memory of everything", figures["memory"], figures["stock memory"], "stock Rasa alone", "MB", "lower",
               goal=1 / 0.6),
        Result("start to the first answer (ours: crisis)", figures["first"], figures["stock first"], "stock Rasa",
               "s", "lower"),
    ]  # fmt: skip


def _stock(folder: Path, figures: Figures, seconds: float, singles: int) -> None:
    with StockRasa(folder) as rasa:
        messages = rasa.messages(60)
        throughput(rasa.url, messages, 2, 2.0)  # warm
        one = latency(rasa.url, messages, singles).checked()
        figures.add(**{"stock p50": one.at(0.5), "stock p99": one.at(0.99), "stock first": rasa.ready_seconds})
        loads = [throughput(rasa.url, messages, clients, seconds).checked() for clients in (1, CLIENTS)]
        figures.add(stock=max(load.per_second for load in loads), **{"stock memory": rasa.megabytes})


def _ours(folder: Path, figures: Figures, seconds: float, singles: int) -> None:
    with town(folder) as place:
        people(place.desk)
        # What the dialogue says depends on what was said before: each of those messages is somebody's first.
        for name, said, turns in (("content", _questions(place), 5), ("dialogue", _small_talk(place), 1)):
            ask_around(place, said, 2, 2.0, turns=turns)  # warm
            figures.add(**{f"{name} p50": _one_by_one(place, said, singles, turns).at(0.5)})
            figures.add(**{name: ask_around(place, said, CLIENTS, seconds, turns=turns).checked().per_second})
        figures.add(**{"cry p50": _one_by_one(place, [CRY], singles // 10, turns=1).at(0.5)})
        figures.add(cry=ask_around(place, [CRY], CLIENTS, seconds, turns=1).checked().per_second)
        place.wait_until_answered()
        figures.add(person=_with_a_person(place, int(8 * seconds)))
        figures.add(memory=place.megabytes)
        ((failed,),) = place.query("select count(*) from inbox where state = 'failed'")
        if failed:
            raise RuntimeError(f"{failed} messages failed")


def _one_by_one(place: Town, said: Sequence[Said], count: int, turns: int) -> Load:
    citizen, load = Citizen(place, turns), Load()
    for number in range(count):
        load.milliseconds.append(citizen.asks(said[number % len(said)]))
    citizen.close()
    return load


def _questions(place: Town) -> list[Said]:
    """Of the development set, questions in six languages that the content answers."""
    topics = place.desk.ports.knowledge.taxonomy.topics
    return learn(place, _some(lambda asked: asked.label in topics), dialogue=False)


def _small_talk(place: Town) -> list[Said]:
    return learn(place, _some(lambda asked: asked.label in SMALL_TALK), dialogue=True)


def _some(wanted: Callable[[Asked], bool]) -> list[Asked]:
    """Sixty ordinary messages, of every label and language as many."""
    fitting = [asked for asked in dev_messages() if asked.kind == "ordinary" and wanted(asked)]
    return fitting[:: max(1, len(fitting) // MESSAGES)]


def _with_a_person(place: Town, count: int) -> float:
    """Lines per second that citizens write to officers who have their cases, until each shows as delivered."""
    citizens = [Citizen(place, turns=1 + LINES_TO_A_PERSON) for _ in range(count)]
    for citizen in citizens:
        citizen.enter(place.new_conversation("tr"), "tr")
        citizen.writes(CRY.text)
    place.wait_until_answered()
    accept_all(place, [citizen.key for citizen in citizens])

    def talk(citizen: Citizen) -> None:
        for number in range(LINES_TO_A_PERSON):
            words = f"Satır {number}"
            citizen.asks(Said(words, words.encode(), "tr", CITIZEN))
        citizen.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(talk, citizens))
    return count * LINES_TO_A_PERSON / (time.perf_counter() - began)


def accept_all(place: Town, keys: Sequence[str]) -> None:
    """An officer takes the case of each of these conversations."""
    ports = place.desk.ports
    with ports.database.write() as uow:
        officer = uow.staff.everyone()[0]
        for key in keys:
            conversation = uow.conversations.by_key(key)
            assert conversation is not None
            assert conversation.case_id is not None
            accept(uow, ports, conversation.case_id, officer, ports.clock())


def first_crisis_answer(folder: Path) -> float:
    """Seconds from `make run` to a crisis card in a citizen's stream."""
    port = free_port(0)
    secret = load_settings({"HEMSEHRI_VAR_DIR": str(folder)}).internal_token
    environment = {"HEMSEHRI_VAR_DIR": str(folder), "HEMSEHRI_PORT": str(port)}
    began = time.monotonic()
    process = start(["make", "--silent", "run"], ROOT, environment, folder / "make-run.log")
    try:
        while True:
            with suppress(OSError):
                citizen = Citizen(Door(f"http://127.0.0.1:{port}", secret), turns=1)
                citizen.asks(CRY)
                return time.monotonic() - began
            if process.poll() is not None or time.monotonic() > began + PATIENCE:
                raise RuntimeError(f"`make run` does not answer: {(folder / 'make-run.log').read_text()[-500:]}")
            time.sleep(0.02)
    finally:
        stop(process)
