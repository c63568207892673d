"""The options of `bot drill`. Imports nothing heavy: every `bot` command reads this."""

from __future__ import annotations

import argparse

MESSAGES = 200
RATE = 25.0  # messages a second; a machine with two processors keeps up with it


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--scenario", metavar="NAME", help="which (see --list)")
    parser.add_argument("--list", action="store_true", help="name the scenarios")
    parser.add_argument(
        "--messages", type=_count, default=MESSAGES, metavar="N", help=f"how many, 1 to 100000 ({MESSAGES})"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another number, other people (1)")
    parser.add_argument(
        "--rate", type=_positive, default=RATE, metavar="N", help=f"messages a second on average ({RATE:g})"
    )
    parser.add_argument(
        "--clock-speed", type=_speed, default=1.0, metavar="N", help="town seconds in a real one, 1 to 60 (1)"
    )
    parser.add_argument("--at", metavar="TIME", help="when it happens, ISO 8601 or 'now' (the scenario's own hour)")
    parser.add_argument("--keep", action="store_true", help="keep the copied database, under var/drills/")
    parser.add_argument("--here", action="store_true", help="in the installation itself; its worker must run")
    parser.add_argument(
        "--page-people", action="store_true", help="with --here: page the people on duty, with the word for drill first"
    )


def _count(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 100_000):
        raise argparse.ArgumentTypeError("a number of messages from 1 to 100000")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 10_000:
        raise argparse.ArgumentTypeError("a number above 0, at most 10000")
    return value


def _speed(text: str) -> float:
    value = _positive(text)
    if not 1 <= value <= 60:
        raise argparse.ArgumentTypeError("a number from 1 to 60: leases of messages run on the same clock")
    return value
