"""Sentences for a place that may be several, or that is near to a border. English is the message id."""

from __future__ import annotations

from bot.i18n.marker import N_

BORDER_TEXTS: dict[str, str] = {
    "card.in_country": N_("{country}: call {number} ({service})."),
    "card.local_number": N_("{country}: call the local emergency number."),
    "reason.responsible_if": N_("responsible if it is {place}"),
    "reason.responsible_either": N_("responsible for every place that it may be: {places}"),
    "reason.across_border": N_("responsible on the other side of the border that is close by: {place}"),
    "reason.higher_level": N_("the embassy in {country}, above the consulates as long as the place is not clear"),
    "reason.place_unclear": N_("it is not clear yet which place is meant: {places}"),
}
