"""What speaks against a setup that a file describes. Only what the file changes is judged: old sins block nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import available_timezones

from bot.domain import policies
from bot.domain.accounts import Role
from bot.domain.desks import COORDINATION
from bot.domain.directory import Directory
from bot.domain.hours import MINUTES_A_DAY, HoursError, Span, parse_hours
from bot.domain.mail import is_mail_address
from bot.domain.policies import PolicyError
from bot.domain.setup import Change, Merged, Remark, Row, Setup
from bot.domain.taxonomy import DeskKind, Severity, Taxonomy

MISSION_KINDS = (DeskKind.CONSULATE, DeskKind.EMBASSY)
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_MONTH = 31  # days: longer turns are a mistake


@dataclass(frozen=True)
class Known:
    """What a file may refer to besides itself. `countries`: ISO 3166-1 alpha-2, `languages`: the console's."""

    directory: Directory
    shipped: Taxonomy
    countries: frozenset[str]
    languages: tuple[str, ...]


def check(before: Setup, merged: Merged, known: Known) -> list[Remark]:
    """Every mistake in what would change."""
    found = [remark for change in merged.changes for remark in _of_change(change, merged.after, known)]
    return found + _loops(before, merged) + _coordinators(before, merged)


def _of_change(change: Change, after: Setup, known: Known) -> Iterator[Remark]:
    if change.new is None:
        return
    checks: dict[str, Callable[[Change, Row, Setup, Known], Iterator[Remark]]] = {
        "desks": _desk,
        "people": _person,
        "members": _member,
        "rosters": _roster,
        "next_desks": _next,
        "chains": _chain,
        "clocks": _clock,
        "permissions": _permissions,
    }
    yield from checks[change.table](change, change.new, after, known)


def _at(change: Change, place: str, code: str, /, **words: str) -> Remark:
    return Remark(change.raw.at(place), code, words)


def _desk(change: Change, row: Row, _after: Setup, known: Known) -> Iterator[Remark]:
    (desk_id,), text = change.key, {name: str(value) for name, value in row.items()}
    missions = known.directory.missions
    if text["kind"] not in {*DeskKind} - {DeskKind.NATIONAL_LINE}:
        kinds = ", ".join(kind for kind in DeskKind if kind is not DeskKind.NATIONAL_LINE)
        yield _at(change, "kind", "kind_unknown", text=text["kind"], kinds=kinds)
    elif change.old is not None and text["kind"] != change.old["kind"]:
        yield _at(change, "kind", "kind_stays", row=desk_id)
    elif (text["kind"] == DeskKind.COORDINATION) != (desk_id == COORDINATION):
        yield _at(change, "kind", "one_coordination")
    elif change.old is None and text["kind"] in MISSION_KINDS and desk_id not in missions:
        yield _at(change, "id", "mission_unknown", text=desk_id)
    elif change.old is None and text["kind"] not in MISSION_KINDS:
        if not _ID.fullmatch(desk_id) or desk_id in {*DeskKind} or desk_id in missions:
            yield _at(change, "id", "id_wrong", text=desk_id)
        for column in ("name", "country", "city"):
            if not text[column]:
                yield _at(change, column, "value_missing", column=column)
    if text["timezone"] not in available_timezones():
        yield _at(change, "timezone", "timezone_wrong", text=text["timezone"])
    if text["country"] and text["country"] not in known.countries:
        yield _at(change, "country", "country_wrong", text=text["country"])
    if text["email"] and not is_mail_address(text["email"]):
        yield _at(change, "email", "email_wrong", text=text["email"])
    if text["telegram_group"] and not re.fullmatch(r"-?[0-9]{1,19}", text["telegram_group"]):
        yield _at(change, "telegram_group", "telegram_wrong", text=text["telegram_group"])
    if text["webhook_url"] and not re.fullmatch(r"https://[^\s/@]+(/\S*)?", text["webhook_url"]):
        yield _at(change, "webhook_url", "webhook_wrong", text=text["webhook_url"])
    yield from _hours(change, text["hours"])


def _hours(change: Change, text: str) -> Iterator[Remark]:
    try:
        spans = parse_hours(text)
    except HoursError as error:
        yield _at(change, "hours", "hours_wrong", detail=str(error))
        return
    if overlaps_itself(spans):
        yield _at(change, "hours", "hours_overlap", text=text)


def overlaps_itself(spans: tuple[Span, ...]) -> bool:
    """Whether two spans of one weekly plan hold at the same time."""
    return any(overlapping((one,), spans[:place]) for place, one in enumerate(spans) if place)


def overlapping(first: tuple[Span, ...], second: tuple[Span, ...], shift: int = 0) -> bool:
    """Whether two weekly plans ever hold together; no spans: always. `shift`: minutes the second's clock lags."""
    if not first or not second:
        return True
    week = 7 * MINUTES_A_DAY
    for one in first:
        for two in second:
            start = one.day * MINUTES_A_DAY + one.start
            other = two.day * MINUTES_A_DAY + two.start + shift
            if (other - start) % week < one.end - one.start or (start - other) % week < two.end - two.start:
                return True
    return False


def _person(change: Change, row: Row, _after: Setup, known: Known) -> Iterator[Remark]:
    if change.old is None and not is_mail_address(change.key[0]):
        yield _at(change, "email", "email_wrong", text=change.key[0])
    if row["role"] not in {*Role}:
        yield _at(change, "role", "role_unknown", text=str(row["role"]), roles=", ".join(Role))
    if row["language"] not in known.languages:
        yield _at(
            change, "language", "language_unknown", text=str(row["language"]), languages=", ".join(known.languages)
        )
    languages = row["languages"] if isinstance(row["languages"], tuple) else ()
    for language in languages:
        if not re.fullmatch("[a-z]{2,3}", language):
            yield _at(change, "languages", "language_unknown", text=language, languages=", ".join(known.languages))


def _member(change: Change, _row: Row, after: Setup, _known: Known) -> Iterator[Remark]:
    desk_id, email = change.key
    if desk_id == COORDINATION:
        yield _at(change, "desk", "members_by_role")
    elif (desk_id,) not in after["desks"]:
        yield _at(change, "desk", "desk_unknown", desk=desk_id)
    if (email,) not in after["people"]:
        yield _at(change, "person", "person_unknown", text=email)


def _roster(change: Change, row: Row, after: Setup, _known: Known) -> Iterator[Remark]:
    desk_id = change.key[0]
    if (desk_id,) not in after["desks"] or desk_id == COORDINATION:
        yield _at(change, "desk", "members_by_role" if desk_id == COORDINATION else "desk_unknown", desk=desk_id)
        return
    turn_days = row["turn_days"]
    if isinstance(turn_days, int) and turn_days > _MONTH:
        yield _at(change, "turn_days", "turn_too_long", most=str(_MONTH))
    people = row["people"] if isinstance(row["people"], tuple) else ()
    for email in people:
        if not is_member(after, desk_id, email):
            yield _at(change, "people", "not_at_desk", text=email, desk=desk_id)
    yield from _hours(change, str(row["hours"]))


def is_member(setup: Setup, desk_id: str, email: str) -> bool:
    """Whether somebody works at a desk and may sign in."""
    return (desk_id, email) in setup["members"] and bool(setup["people"].get((email,), {}).get("active"))


def _desk_ids(after: Setup, known: Known) -> set[str]:
    return {key[0] for key in after["desks"]} | set(known.directory.missions)


def _next(change: Change, row: Row, after: Setup, known: Known) -> Iterator[Remark]:
    if change.key not in after["desks"] or change.key[0] == COORDINATION:
        yield _at(change, "desk", "desk_unknown", desk=change.key[0])
    if row["next"] == COORDINATION:
        yield _at(change, "next", "chain_step_last", desk=COORDINATION)
    elif row["next"] not in _desk_ids(after, known):
        yield _at(change, "next", "desk_unknown", desk=str(row["next"]))


def _chain(change: Change, row: Row, after: Setup, known: Known) -> Iterator[Remark]:
    if change.key[0] not in policies.labels_with_chains(known.shipped):
        yield _at(change, "label", "label_unknown", text=change.key[0])
    steps = row["desks"] if isinstance(row["desks"], tuple) else ()
    try:
        policies.chain_of(steps, _desk_ids(after, known))
    except PolicyError as error:
        yield Remark(change.raw.at("desks"), error.code, error.words)


def _clock(change: Change, row: Row, _after: Setup, _known: Known) -> Iterator[Remark]:
    if change.key[0] not in {*Severity}:
        yield _at(change, "severity", "severity_unknown", text=change.key[0], severities=", ".join(Severity))
        return
    severity = Severity(change.key[0])
    for column in ("acknowledge_within", "escalate_every"):
        try:
            policies.clock_of(severity, str(row[column]), str(row[column]))
        except PolicyError as error:
            yield Remark(change.raw.at(column), error.code, error.words)


def _permissions(change: Change, row: Row, _after: Setup, _known: Known) -> Iterator[Remark]:
    if change.key[0] not in {*Role}:
        yield _at(change, "role", "role_unknown", text=change.key[0], roles=", ".join(Role))
        return
    names = row["may"] if isinstance(row["may"], tuple) else ()
    try:
        policies.role_of(Role(change.key[0]), names)
    except PolicyError as error:
        yield Remark(change.raw.at("may"), error.code, error.words)


def next_desks(setup: Setup) -> Mapping[str, str]:
    """Desk id -> the desk behind it."""
    return {key[0]: str(row["next"]) for key, row in setup["next_desks"].items()}


def _loops(before: Setup, merged: Merged) -> list[Remark]:
    """One remark for a loop that the file closes, at the row that does."""
    loop = policies.loop_in(next_desks(merged.after))
    if not loop or policies.loop_in(next_desks(before)) == loop:
        return []
    part = [change for change in merged.changes if change.table == "next_desks" and change.key[0] in loop]
    return [_at(part[-1], "next", "next_desk_loop", desks=" → ".join(loop))] if part else []


def _coordinators(before: Setup, merged: Merged) -> list[Remark]:
    def count(setup: Setup) -> int:
        return sum(row["role"] == Role.COORDINATOR and bool(row["active"]) for row in setup["people"].values())

    if not count(before) or count(merged.after):
        return []
    last = next(change for change in reversed(merged.changes) if change.table == "people")
    return [_at(last, "role", "last_coordinator")]
