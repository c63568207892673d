"""The emergency card: the number first, one calm line, and the call centre. Needs nothing but facts."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.directory import Directory, Helpline
from bot.domain.numbers import CALL_CENTRE, call_centre, numbers_known_of, numbers_of_several
from bot.domain.taxonomy import Taxonomy
from bot.i18n.catalogues import country_name, text
from bot.i18n.texts import TEXTS
from bot.services.replies import Button, Reply, button


def emergency_card(
    taxonomy: Taxonomy, directory: Directory, kind: str, country: str | None, language: str, also: Sequence[str] = ()
) -> Reply:
    """The card of one kind of crisis. Without a country: the European number, said as such."""
    lines = [*number_lines(taxonomy, directory, kind, country, language, also)]
    lines.insert(len(lines) - 1 if len(lines) > 1 else 0, text(f"card.{kind}", language))
    if taxonomy.is_discreet(kind):
        lines.append(text("card.not_safe_to_call", language))
    return Reply("\n".join(lines), first=True)


def number_lines(
    taxonomy: Taxonomy, directory: Directory, kind: str, country: str | None, language: str, also: Sequence[str] = ()
) -> list[str]:
    """The numbers, most useful first; the last line is the consular call centre.

    `also`: the other countries where the person may be; their numbers are marked with them.
    """
    numbers = numbers_of_several(directory, taxonomy, kind, country, also)
    local = [line for line in numbers if line.service != CALL_CENTRE]
    centre = [line for line in numbers if line.service == CALL_CENTRE]
    lines = []
    if not local:
        lines.append(text("card.unknown_country", language))
    for position, line in enumerate(local):
        if line.country in also:
            name, service = country_name(line.country, language), service_name(line, language)
            lines.append(text("card.in_country", language, country=name, number=line.number, service=service))
        elif line.country == "EU" and country not in directory.eu_members:
            lines.append(text("card.europe", language, number=line.number))
        else:
            key = "card.call" if position == 0 else "card.call_also"
            lines.append(text(key, language, number=line.number, service=service_name(line, language)))
    if any(line.country in also for line in local):
        unknown = [other for other in also if not numbers_known_of(directory, taxonomy, kind, other)]
        names = (country_name(other, language) for other in unknown)
        lines += [text("card.local_number", language, country=name) for name in names]
    if centre:
        numbers_text = ", ".join(line.number for line in centre)
        lines.append(text("card.call_centre", language, number=numbers_text))
    return lines


def service_name(line: Helpline, language: str) -> str:
    """The kind of line in the citizen's language, or the line's own name."""
    key = f"service.{line.service}"
    return text(key, language) if key in TEXTS else line.name


def call_centre_number(directory: Directory, country: str | None) -> str:
    """The call centre's number to print in a sentence."""
    return ", ".join(line.number for line in call_centre(directory, country)[:2])


def yes_no(language: str) -> tuple[Button, Button]:
    """The two buttons of a question that one word answers."""
    return button("button.yes", language, "/yes"), button("button.no", language, "/no")
