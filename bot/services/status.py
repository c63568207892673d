"""'Is anyone coming?', answered from the case's own events and nothing else."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.domain.cases import CaseStatus, EventKind
from bot.i18n.catalogues import clock_time, text
from bot.services.border import UNCLEAR
from bot.services.ports import Ports
from bot.services.routing import desk_name
from bot.storage.tables import CaseRow, ConversationRow
from bot.storage.unit_of_work import UnitOfWork


def case_status(uow: UnitOfWork, ports: Ports, conversation: ConversationRow) -> str:
    """The case's story in a few lines, with local times where the mission's time zone is known."""
    language = conversation.language
    if conversation.case_id is None:
        return text("status.none", language)
    case = uow.cases.get(conversation.case_id)
    zone = _timezone(ports, case)
    lines = []
    for event in uow.cases.events(case.id):
        time = clock_time(event.at, language, zone)
        desk_id = event.data.get("desk", case.desk_id)
        desk = desk_name(uow, ports.knowledge.directory, desk_id, language)
        if event.kind == EventKind.OPENED:
            lines.append(text("status.received", language, time=time))
        elif event.kind == EventKind.ALERTED and _worth_telling(event.data.get("again") or ""):
            lines.append(text("status.alerted", language, time=time, desk=desk))
        elif event.kind == EventKind.MOVED_ON:
            lines.append(text("status.moved_on", language, time=time, desk=desk))
        elif event.kind == EventKind.COORDINATORS_ALARMED:
            lines.append(text("status.coordinators", language, time=time))
        elif event.kind == EventKind.TRANSFERRED:
            lines.append(text("status.transferred", language, time=time, desk=desk))
        elif event.kind in (EventKind.ACCEPTED, EventKind.TAKEN_OVER):
            name = event.data["name"]
            lines.append(text("status.accepted", language, time=time, name=name, desk=desk))
        elif event.kind == EventKind.CLOSED:
            lines.append(text("status.closed", language, time=time))
    if case.status == CaseStatus.OPEN:
        lines.append(text("status.waiting", language))
    return "\n".join(lines)


def _worth_telling(occasion: str) -> bool:
    """The first alert, and the one because the owner has not written; others stand in lines of their own."""
    return occasion in ("", UNCLEAR) or occasion.startswith("silent:")


def _timezone(ports: Ports, case: CaseRow) -> str:
    mission = ports.knowledge.directory.missions.get(case.mission_id or "")
    zone = mission.timezone if mission else "Europe/Istanbul"
    return ZoneInfo(zone).key
