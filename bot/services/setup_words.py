"""A plan of the setup in words: mistakes, warnings and changes, in the reader's language."""

from __future__ import annotations

from bot.domain.setup import Change, Remark, Value, write_value
from bot.i18n.catalogues import text
from bot.services.setup import Plan

_TABLES = {
    "desks": "console.desks",
    "people": "console.people",
    "members": "setup.table.members",
    "rosters": "setup.table.rosters",
    "next_desks": "setup.table.next_desks",
    "chains": "setup.chains",
    "clocks": "setup.clocks",
    "permissions": "setup.permissions",
}


def table_name(table: str, language: str) -> str:
    """How a table is called."""
    return text(_TABLES[table], language)


def sentence(remark: Remark, language: str) -> str:
    """'desks.csv, line 3, hours: The hours cannot be read: …'."""
    what, place = text(f"setup.{remark.code}", language, **remark.words), remark.place
    if not place.file:
        return what
    key = "at" if place.line and place.column else "at_line" if place.line else "at_file"
    return text(f"setup.{key}", language, file=place.file, line=place.line, column=place.column, what=what)


def kind_of(change: Change) -> str:
    """'added', 'changed' or 'removed'."""
    return "added" if change.old is None else "removed" if change.new is None else "changed"


def differences(change: Change) -> list[tuple[str, str, str]]:
    """(column, old, new) as texts; a row without other columns has none."""
    return [(name, _written(old), _written(new)) for name, old, new in change.fields if _written(old) != _written(new)]


def _written(value: Value | None) -> str:
    return "" if value is None else write_value(value)


def to_do(plan: Plan, language: str) -> list[str]:
    """What remains to be done by hand after a plan was applied."""
    found = []
    if plan.invited:
        people = ", ".join(key[0] for key in plan.invited)
        found.append(text("setup.invite", language, people=people, page=text("console.people", language)))
    if plan.without_secret:
        found.append(text("setup.secrets", language, desks=", ".join(plan.without_secret)))
    return found


def as_text(plan: Plan, language: str = "en") -> str:
    """The whole plan for a terminal."""
    if plan.mistakes:
        lines = [sentence(remark, language) for remark in plan.mistakes]
        return "\n".join([*lines, text("setup.mistakes", language)])
    if not plan.changes:
        return text("setup.no_changes", language)
    lines = []
    for change in plan.changes:
        row = ", ".join(change.key)
        lines.append(f"{table_name(change.table, language)}: {row}: {text(f'setup.{kind_of(change)}', language)}")
        if change.new is not None:
            lines += [f"    {column}: {old or '-'} → {new or '-'}" for column, old, new in differences(change)]
    if plan.warnings:
        lines.append(f"{text('setup.warnings', language)}:")
        lines += [f"    {sentence(remark, language)}" for remark in plan.warnings]
    return "\n".join(lines)
