"""`bot drill`: the options, where it happens, and what is printed."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from contextlib import AbstractContextManager
from typing import Any

from bot.app import configure_logs, utc_now
from bot.classifier import train_classifier
from bot.drill import scenario as scenarios
from bot.drill.card import as_text
from bot.drill.clock import DrillClock
from bot.drill.run import Options, drill, new_run
from bot.drill.scenario import Scenario, ScenarioError
from bot.drill.town import Place, begin_of, copied, here
from bot.settings import Settings


def run(settings: Settings, options: argparse.Namespace) -> int:
    """0 if nothing was lost or doubled, every cry got its card and no case was left alone; 1 if not; 2: a mistake."""
    folder = settings.data / "drills"
    if options.list:
        known = scenarios.names(folder)
        print(json.dumps(known, ensure_ascii=False) if options.json else _listed(known))
        return 0
    try:
        _check(options)
        scenario = scenarios.load(folder, options.scenario)
        card = _happen(settings, options, scenario)
    except ScenarioError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(card, ensure_ascii=False) if options.json else as_text(card))
    return 0 if card["ok"] else 1


def _check(options: argparse.Namespace) -> None:
    if not options.scenario:
        raise ScenarioError("Which scenario? --list names them, --scenario NAME runs one.")
    if options.page_people and not options.here:
        raise ScenarioError("--page-people needs --here: people can only take cases that their console knows.")
    if options.here and (options.at or options.clock_speed != 1 or options.keep):
        raise ScenarioError("--here happens now and at the speed of real life: without --at, --clock-speed, --keep.")


def _happen(settings: Settings, options: argparse.Namespace, scenario: Scenario) -> dict[str, Any]:
    configure_logs(logging.CRITICAL)  # every escalation of a drill would be a line
    train_classifier(settings)
    name = new_run()
    where: AbstractContextManager[Place]
    if options.here:
        where = here(settings, DrillClock(utc_now()))
    else:
        where = copied(settings, scenario, name, begin_of(scenario, options.at), keep=options.keep)
    chosen = Options(
        messages=options.messages,
        seed=options.seed,
        rate=options.rate,
        speed=options.clock_speed,
        page_people=options.page_people,
    )
    with where as place:
        return drill(place, scenario, chosen, run=name)


def _listed(known: dict[str, str]) -> str:
    return "\n".join(f"{name:18} {about}" for name, about in known.items())
