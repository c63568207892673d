"""'Did it help?', asked once when a case is closed; what the citizen says is kept with the case."""

from __future__ import annotations

from datetime import datetime

from bot.domain.taxonomy import Taxonomy
from bot.i18n.catalogues import text
from bot.services.replies import Reply, button, send
from bot.storage.tables import CaseRow, ConversationRow
from bot.storage.unit_of_work import UnitOfWork

COMMAND = "/helped"
FALSE_ALARM = "false_alarm"


def is_asked(taxonomy: Taxonomy, case: CaseRow) -> bool:
    """Not where somebody may read over the shoulder, not in an exercise, and not where nothing had happened."""
    return not (taxonomy.is_discreet(case.label) or case.drill or case.outcome == FALSE_ALARM)


def ask_whether_it_helped(
    uow: UnitOfWork, taxonomy: Taxonomy, conversation: ConversationRow, case: CaseRow, now: datetime
) -> None:
    """One question with two buttons; 'yes' and 'no' typed right after it count too."""
    if not is_asked(taxonomy, case):
        return
    language = conversation.language
    buttons = (
        button("button.yes", language, f"{COMMAND} yes {case.id}"),
        button("button.no", language, f"{COMMAND} no {case.id}"),
    )
    conversation.pending = {"helped": case.id}
    send(uow, conversation, Reply(text("helped.ask", language), buttons), now, case_id=case.id)
