"""The `bot` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from bot import batch
from bot.app import Town, brain_fingerprint, build, configure_logs, prepare_database
from bot.first_steps import first_sign_in
from bot.settings import Settings, SettingsError, load_settings

BATCH: dict[str, Callable[[Town], Callable[[batch.Line], batch.Line]]] = {
    "understand": batch.understand,
    "route": batch.route,
    "search": batch.search,
    "converse": batch.converse,
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Returns the exit status; a usage mistake prints a sentence and gives 2."""
    options = _parser().parse_args(arguments)
    configure_logs()
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    if options.command in BATCH:
        train(settings, quiet=True)
        town = build(settings)
        batch.process(sys.stdin, sys.stdout, BATCH[options.command](town))
        town.close()
        return 0
    command: Callable[[Settings, argparse.Namespace], int] = options.run
    return command(settings, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("bot", description="Hemşehri: a city desk for citizens abroad.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, helper in BATCH.items():
        commands.add_parser(name, help=(helper.__doc__ or "").split(": ", 1)[-1])
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


def train(settings: Settings, *, quiet: bool = False) -> bool:
    """Train the classifier unless the one for these examples is there. Returns whether it worked."""
    path = settings.brain_folder / f"{brain_fingerprint(settings)}.npz"
    if path.exists():
        return False
    from bot.understanding.examples import load_examples
    from bot.understanding.training import train as fit

    def progress(done: float) -> None:
        if not quiet:
            print(f"\rreading {done:4.0%}", end="", file=sys.stderr, flush=True)

    fit(load_examples(settings.data / "nlu"), progress).save(path)
    return True


def _train(settings: Settings, _options: argparse.Namespace) -> int:
    print("trained" if train(settings) else "up to date")
    return 0


def _prepare(settings: Settings, _options: argparse.Namespace) -> int:
    prepare_database(settings).close()
    return 0


def _gateway(settings: Settings, _options: argparse.Namespace) -> int:
    from bot.gateway import run

    run(settings)
    return 0


def _worker(settings: Settings, _options: argparse.Namespace) -> int:
    from bot.worker import run

    run(settings)
    return 0


def _up(settings: Settings, _options: argparse.Namespace) -> int:
    from bot.supervisor import run

    return run(settings)


def _sign_in_link(settings: Settings, _options: argparse.Namespace) -> int:
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
