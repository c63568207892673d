"""Ten thousand people write at once; how long somebody who cries for help meanwhile waits for the card."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.load import TURNS
from bench.results import percentile
from bench.town import Citizen, Said, Town

WRITERS = 4
EVERY = 0.4  # seconds between two cries, by a clock and not by the answers: who waits does not keep others silent


@dataclass
class Surge:
    """What came of it. `cries` are the milliseconds from writing to the card, each of another person."""

    messages: int
    taken_per_second: float
    seconds: float  # until the last one was answered
    cries: list[float]

    def at(self, share: float) -> float:
        """The latency of a cry below which `share` (0 to 1) of them lie."""
        return percentile(self.cries, share)


def measure(place: Town, said: Sequence[Said], cry: Said, messages: int) -> Surge:
    """Raises RuntimeError if a message was not stored, lost or left without an answer, or a cry without its card."""
    ((before,),) = place.query("select count(*) from inbox where state = 'done'")
    broken: list[Exception] = []
    cries: list[float] = []
    callers: list[threading.Thread] = []

    def write(number: int) -> None:
        citizen = Citizen(place)
        try:
            for turn in range(messages // WRITERS):
                one = said[(turn // TURNS + number * 7) % len(said)]
                if turn % TURNS == 0:
                    citizen.enter(place.new_conversation(one.language), one.language)
                citizen.writes(one.text)
        except Exception as error:
            broken.append(error)
        citizen.close()

    def call() -> None:
        citizen = Citizen(place, turns=1)
        try:
            cries.append(citizen.asks(cry))
        except Exception as error:
            broken.append(error)
        citizen.close()

    writers = [threading.Thread(target=write, args=(number,), daemon=True) for number in range(WRITERS)]
    began = time.perf_counter()
    for writer in writers:
        writer.start()
    taken = 0.0
    while not broken:
        callers.append(threading.Thread(target=call, daemon=True))
        callers[-1].start()
        time.sleep(max(0.0, began + EVERY * len(callers) - time.perf_counter()))
        if not taken and not any(writer.is_alive() for writer in writers):
            taken = time.perf_counter() - began
        if taken and not place.waiting():
            break
    seconds = time.perf_counter() - began
    for caller in callers:
        caller.join()
    if broken:
        raise RuntimeError(f"{len(broken)} broke in the surge, the first: {broken[0]!r}")
    place.wait_until_answered()
    ((after,),) = place.query("select count(*) from inbox where state = 'done'")
    expected = messages // WRITERS * WRITERS + len(callers)
    if int(str(after)) - int(str(before)) != expected:
        raise RuntimeError(f"{expected} messages were written, {int(str(after)) - int(str(before))} answered")
    return Surge(messages, messages / taken, seconds, cries)
