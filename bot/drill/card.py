"""The scorecard of one drill, as one object and as text."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from bot.domain.cases import EventKind
from bot.domain.drills import CHANNEL
from bot.drill import score
from bot.drill.citizens import Sent
from bot.drill.officers import Pages
from bot.drill.plan import Talk
from bot.drill.town import Place


@dataclass(frozen=True)
class Outcome:
    """What a drill has done and seen. `took` = real seconds to the end."""

    scenario: str
    run: str
    seed: int
    planned: int
    rate: float
    speed: float
    talks: Mapping[str, Talk]
    sent: Sent
    pages: Pages
    seen: Mapping[int, float]
    finished: bool
    took: float


def scorecard(out: Outcome, place: Place, emergency: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """Everything worth knowing; `ok` is the exit status. `emergency` = by label, the numbers a card may begin with."""
    ports, sent, pages = place.town.ports, out.sent, out.pages
    with ports.database.read() as uow:
        records = score.read(uow, f"{CHANNEL}:{out.run}:")
    taxonomy = ports.knowledge.taxonomy
    lost, doubled = score.lost(records, sent.stored), score.doubled(records)
    crises = score.crises(records, out.talks, taxonomy, emergency)
    alone = score.left_alone(records)
    first_pages: dict[int, float] = {}
    alone_paged = score.paged(records)
    for _, case_id, at in pages.handed:
        if case_id in alone_paged:
            first_pages.setdefault(case_id, at)
    cases = records.cases
    kinds = [event.kind for events in records.events.values() for event in events]
    handed = [row for row, _, _ in pages.handed]
    incidents = {case.incident_id for case in cases if case.incident_id is not None}
    ok = out.finished and not (lost or doubled or crises["missed"] or alone or sent.refused)
    return {
        "scenario": out.scenario,
        "run": out.run,
        "ok": ok,
        "finished": out.finished,
        "messages": {
            "sent": len(sent.stored) + sent.refused,
            "planned": out.planned,
            "conversations": len(out.talks),
            "repeats_sent": sent.repeats,
            "refused": sent.refused,
            "lost": len(lost),
            "doubled": len(doubled),
            "lost_ids": lost[:20],
            "doubled_ids": doubled[:20],
        },
        "crises": crises,
        "milliseconds": {
            "store_to_first_reply": score.milliseconds(score.first_replies(records, sent.stored, out.seen)),
            "store_to_alert_handed_over": score.milliseconds(score.from_the_cry(records, sent.stored, first_pages)),
            "store_to_acceptance": score.milliseconds(score.from_the_cry(records, sent.stored, pages.accepted)),
            "escalation_behind_due": score.milliseconds(score.escalations(records, taxonomy, place.clock)),
        },
        "cases": {
            "opened": len(cases),
            "accepted": len(pages.accepted),
            "escalated": kinds.count(EventKind.MOVED_ON),
            "coordinators_alarmed": kinds.count(EventKind.COORDINATORS_ALARMED),
            "owner_silent": kinds.count(EventKind.OWNER_SILENT),
            "told_somebody_has_it": pages.told_somebody_has_it,
            "closed": kinds.count(EventKind.CLOSED),
            "without_owner_or_alarm": len(alone),
            "incidents": len(incidents),
            "spoken_for_by_a_page_of_their_incident": len(cases) - len(alone_paged),
        },
        "pages": {
            "handed_over": len(handed),
            "twice": len(handed) - len(set(handed)),
            "failed": sum(row.state == "failed" for row in records.outbox),
            "to_real_people": sum(row.channel != CHANNEL for row in records.outbox),
        },
        "speed": {
            "answered_per_second_at_most": round(score.throughput(records, out.seen), 1),
            "asked_rate": out.rate,
            "seconds": round(out.took, 1),
            "clock_speed": out.speed,
        },
        "where": {
            "database": ("copy" if place.own else "installation")
            + (", SQLite" if ports.database.is_sqlite else ", PostgreSQL"),
            "officers": place.officers,
            "dialogue": "rasa" if place.town.settings.rasa_url else "none",
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
            "python": platform.python_version(),
            "version": _version(),
        },
        "seed": out.seed,
    }


def _version() -> str:
    try:
        return version("hemsehri")
    except PackageNotFoundError:
        return "source"


def as_text(card: Mapping[str, Any]) -> str:
    """The scorecard for people."""
    verdict = "passed" if card["ok"] else "FAILED" if card["finished"] else "NOT FINISHED"
    lines = [f"Drill {card['scenario']}: {verdict}", ""]
    for part in ("messages", "crises", "cases", "pages", "speed", "where"):
        lines.append(part)
        lines += [f"  {_words(name):34} {value}" for name, value in card[part].items() if value != []]
    lines.append(f"{'milliseconds':36} {'count':>7} {'p50':>9} {'p95':>9} {'p99':>9} {'max':>9}")
    for name, some in card["milliseconds"].items():
        cells = " ".join(f"{some.get(column, '-'):>9}" for column in ("p50", "p95", "p99", "max"))
        lines.append(f"  {_words(name):34} {some['count']:>7} {cells}")
    return "\n".join(lines)


def _words(name: str) -> str:
    return name.replace("_", " ")
