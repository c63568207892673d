"""The `bot` command. Each command imports what it needs: `bot up` must start the gateway at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from bot.drill.options import add_options
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
    # Python's default of 5 ms lets a thread that computes hold up one that only wants to write its next row.
    sys.setswitchinterval(0.0005)
    command: Callable[[Settings, argparse.Namespace], int] = options.run
    return command(settings, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("bot", description="Hemşehri: a city desk for citizens abroad.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in BATCH.items():
        _add(commands, name, _understand if name == "understand" else _batch, text)
    _add(commands, "up", _up, "start everything and keep it running")
    _add(commands, "gateway", _gateway, "only the web gateway")
    _add(commands, "worker", _worker, "only the worker")
    _add(commands, "prepare", _prepare, "migrate the database and import directory and content")
    _add(commands, "train", _train, "train the classifier if its examples changed")
    _add(commands, "sign-in-link", _sign_in_link, "a one-time sign-in for the first coordinator")
    _add(commands, "demo", _demo, "add demo officers to try the console with (marked as demo)")
    add_options(_add(commands, "drill", _drill, "an invented surge on the whole path, with a scorecard"))
    duty = _add(commands, "coverage", _coverage, "the hours to come in which nobody at a desk is on duty")
    duty.add_argument("--days", type=_days, default=365, metavar="N", help="how far to look, 1 to 3660 (365)")
    duty.add_argument("--desk", metavar="ID", help="only this desk")
    duty.add_argument("--json", action="store_true", help="one JSON object instead of text")
    rules = commands.add_parser("settings", help="desks, people, rosters, chains, clocks, permissions as files")
    parts = rules.add_subparsers(dest="part", required=True)
    out = _add(parts, "export", _settings_export, "write the setup to a file; CSV into a folder, one file per table")
    out.add_argument("--format", choices=("yaml", "csv"), default="yaml")
    out.add_argument("file", metavar="FILE", help="- for standard output")
    into = _add(parts, "import", _settings_import, "change what files name, after saying what changes")
    into.add_argument("--dry-run", action="store_true", help="only say what would change")
    into.add_argument("files", metavar="FILE", nargs="+", help="YAML, CSV, or a folder of CSV files")
    return parser


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[Settings, argparse.Namespace], int],
    text: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text)
    parser.set_defaults(run=run)
    return parser


def _days(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 3660):
        raise argparse.ArgumentTypeError("a number of days from 1 to 3660")
    return int(text)


def _batch(settings: Settings, options: argparse.Namespace) -> int:
    from bot import batch, json_lines
    from bot.app import build, configure_logs
    from bot.classifier import train_classifier

    configure_logs()
    train_classifier(settings)
    town = build(settings)
    command = {
        "route": batch.route,
        "search": batch.search,
        "converse": batch.converse,
    }[options.command]
    json_lines.process(sys.stdin, sys.stdout, command(town))
    town.close()
    return 0


def _understand(settings: Settings, _options: argparse.Namespace) -> int:
    """Without database, web or Telegram: a third of the memory."""
    from bot import json_lines
    from bot.classifier import load_understander, train_classifier

    train_classifier(settings)
    json_lines.process(sys.stdin, sys.stdout, json_lines.understand(load_understander(settings)))
    return 0


def _train(settings: Settings, _options: argparse.Namespace) -> int:
    from bot.classifier import train_classifier

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
    from bot.understanding.warm import warm_up

    warm_up()
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


def _drill(settings: Settings, options: argparse.Namespace) -> int:
    from bot.drill.command import run

    return run(settings, options)


def _settings_export(settings: Settings, options: argparse.Namespace) -> int:
    from bot.setup_commands import export

    return export(settings, options.format, options.file)


def _settings_import(settings: Settings, options: argparse.Namespace) -> int:
    from bot.setup_commands import bring_in

    return bring_in(settings, options.files, dry_run=options.dry_run)


def _coverage(settings: Settings, options: argparse.Namespace) -> int:
    import json

    import yaml

    from bot.app import prepare_database, utc_now
    from bot.domain.policies import apply, policies_of
    from bot.domain.taxonomy import parse_taxonomy
    from bot.services.coverage import as_text, coverage

    taxonomy = parse_taxonomy(yaml.safe_load((settings.data / "taxonomy.yml").read_text(encoding="utf-8")))
    database = prepare_database(settings)
    try:
        with database.read() as uow:
            directory, email = uow.directory.snapshot(), settings.mail_server is not None
            taxonomy = apply(taxonomy, policies_of(uow.policies.all())[0])
            report = coverage(uow, taxonomy, directory, utc_now(), options.days, options.desk, email=email)
    except LookupError:
        print(f"There is no desk '{options.desk}'.", file=sys.stderr)
        return 2
    finally:
        database.close()
    if not settings.telegram_token:
        print("Telegram is not set up here: people with a Telegram chat count as if it were.", file=sys.stderr)
    print(json.dumps(report, ensure_ascii=False) if options.json else as_text(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
