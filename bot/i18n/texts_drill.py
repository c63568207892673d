"""What a page says first when it is only a drill. English is the message id."""

from __future__ import annotations

from bot.i18n.marker import N_

DRILL_TEXTS: dict[str, str] = {
    "alert.drill": N_("DRILL. Nobody is in danger. {alert}"),
}
