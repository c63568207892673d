"""The `bot` command. Each command imports what it needs: `bot up` must start the gateway at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from bot.settings import Settings, SettingsError, load_settings

BATCH = {
    "understand": "language, label, severity, alternatives, place (JSON Lines)",
    "route": "the chain with reasons, the mission responsible, who can answer now, the numbers (JSON Lines)",
    "search": "topics that fit, best first (JSON Lines)",
    "converse": "the whole path in process, one turn per line (JSON Lines)",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns the exit status; a usage mistake prints a sentence and gives 2."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    command: Callable[[Settings, argparse.Namespace], int] = options.run
    return command(settings, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("bot", description="Hemşehri: a city desk for citizens abroad.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in BATCH.items():
        _add(commands, name, _batch, text)
    _add(commands, "up", _up, "start everything and keep it running")
    _add(commands, "gateway", _gateway, "only the web gateway")
    _add(commands, "worker", _worker, "only the worker")
    _add(commands, "prepare", _prepare, "migrate the database and import directory and content")
    _add(commands, "train", _train, "train the classifier if its examples changed")
    _add(commands, "sign-in-link", _sign_in_link, "a one-time sign-in for the first coordinator")
    _add(commands, "demo", _demo, "add demo officers to try the console with (marked as demo)")
    return parser


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[Settings, argparse.Namespace], int],
    text: str,
) -> None:
    commands.add_parser(name, help=text).set_defaults(run=run)


def _batch(settings: Settings, options: argparse.Namespace) -> int:
    from bot import batch
    from bot.app import build, configure_logs, train_classifier

    configure_logs()
    train_classifier(settings)
    town = build(settings)
    command = {
        "understand": batch.understand,
        "route": batch.route,
        "search": batch.search,
        "converse": batch.converse,
    }[options.command]
    batch.process(sys.stdin, sys.stdout, command(town))
    town.close()
    return 0


def _train(settings: Settings, _options: argparse.Namespace) -> int:
    from bot.app import train_classifier

    def progress(done: float) -> None:
        if sys.stderr.isatty():
            print(f"\rreading {done:4.0%} ", end="", file=sys.stderr, flush=True)

    print("trained" if train_classifier(settings, progress) else "up to date")
    return 0


def _prepare(settings: Settings, _options: argparse.Namespace) -> int:
    from bot.app import prepare_database

    prepare_database(settings).close()
    return 0


def _gateway(settings: Settings, _options: argparse.Namespace) -> int:
    from bot.app import configure_logs
    from bot.gateway import run

    configure_logs()
    run(settings)
    return 0


def _worker(settings: Settings, _options: argparse.Namespace) -> int:
    from bot.app import configure_logs
    from bot.worker import run

    configure_logs()
    run(settings)
    return 0


def _up(settings: Settings, _options: argparse.Namespace) -> int:
    from bot.supervisor import run

    return run(settings)


def _sign_in_link(settings: Settings, _options: argparse.Namespace) -> int:
    from bot.first_steps import first_sign_in

    link = first_sign_in(settings)
    if link is None:
        print("Somebody has a password already: sign in, or ask a coordinator for a link.", file=sys.stderr)
        return 1
    print(link)
    return 0


def _demo(settings: Settings, _options: argparse.Namespace) -> int:
    from bot.demo import add_demo

    for line in add_demo(settings):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
