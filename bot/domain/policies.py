"""An installation's own rules over the shipped ones: chains, clocks, permissions, which desk follows which."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from bot.domain.accounts import KEPT, PERMISSIONS, Permission, Role, Table
from bot.domain.desks import COORDINATION, NATIONAL_LINE
from bot.domain.taxonomy import DeskKind, Severity, SeverityRule, Taxonomy

QUESTION = "question"  # the chain of every request that is neither a crisis nor about a topic
STEPS = tuple(kind for kind in DeskKind if kind not in (DeskKind.COORDINATION, DeskKind.NATIONAL_LINE))
LONGEST_CHAIN = 12
# The longest a case may wait for somebody. A working day counts as a day here.
LONGEST = {
    Severity.LIFE: timedelta(minutes=5),
    Severity.URGENT: timedelta(minutes=60),
    Severity.NORMAL: timedelta(days=3),
}
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(\d{1,4}) *([mhd])")
_WORKING_DAYS = re.compile(r"(\d{1,4}) +working +days?")


class PolicyError(Exception):
    """A rule that cannot be; `code` names the sentence for the person who tried."""

    def __init__(self, code: str, **words: str) -> None:
        super().__init__(code)
        self.code, self.words = code, words


@dataclass(frozen=True)
class Policies:
    """The own rules of one installation. What is not in here is as shipped."""

    chains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    clocks: Mapping[Severity, SeverityRule] = field(default_factory=dict)
    roles: Table = field(default_factory=dict)
    next_desks: Mapping[str, str] = field(default_factory=dict)


def apply(taxonomy: Taxonomy, policies: Policies) -> Taxonomy:
    """The taxonomy with an installation's own chains and clocks."""
    chains = policies.chains
    crisis = {key: replace(kind, desks=chains[key]) if key in chains else kind for key, kind in taxonomy.crisis.items()}
    topics = {
        key: replace(topic, desks=chains[key]) if key in chains else topic for key, topic in taxonomy.topics.items()
    }
    return replace(
        taxonomy,
        crisis=crisis,
        topics=topics,
        otherwise=chains.get(QUESTION, taxonomy.otherwise),
        severities={**taxonomy.severities, **policies.clocks},
        next_desks=dict(policies.next_desks),
    )


def permissions(policies: Policies) -> Table:
    """The table in force: who may do what."""
    return {**PERMISSIONS, **policies.roles}


def labels_with_chains(taxonomy: Taxonomy) -> tuple[str, ...]:
    """Everything that has a chain of its own."""
    return (*taxonomy.crisis, *taxonomy.topics, QUESTION)


def chain_of(steps: Iterable[str], desks: Collection[str]) -> tuple[str, ...]:
    """Steps as a chain: kinds of desk, or ids out of `desks`. Raises PolicyError."""
    chain = tuple(steps)
    if not chain:
        raise PolicyError("chain_empty")
    if len(chain) > LONGEST_CHAIN:
        raise PolicyError("chain_too_long", most=str(LONGEST_CHAIN))
    for place, step in enumerate(chain):
        if step in (COORDINATION, NATIONAL_LINE):
            raise PolicyError("chain_step_last", desk=step)
        if step not in STEPS and step not in desks:
            raise PolicyError("desk_unknown", desk=step)
        if step in chain[:place]:
            raise PolicyError("chain_step_twice", desk=step)
    return steps_of(chain)


def steps_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Stored steps as a chain needs them: the words for kinds become kinds."""
    return tuple(DeskKind(text) if text in STEPS else text for text in texts)


def clock_of(severity: Severity, acknowledge_within: str, escalate_every: str) -> SeverityRule:
    """Two durations such as '2m', '1h', '2 working days' as the clocks of a severity. Raises PolicyError."""
    within, within_days = _duration(severity, acknowledge_within)
    every, every_days = _duration(severity, escalate_every)
    return SeverityRule(within, every, within_days, every_days)


def _duration(severity: Severity, text: str) -> tuple[timedelta | None, int]:
    plain = " ".join(text.lower().split())
    if found := _WORKING_DAYS.fullmatch(plain):
        days = int(found[1])
        length = timedelta(days=days)
    elif found := _DURATION.fullmatch(plain):
        days, length = 1, timedelta(**{_UNITS[found[2]]: int(found[1])})
    else:
        raise PolicyError("clock_unreadable", text=text)
    if not length:
        raise PolicyError("clock_zero", severity=severity.value)
    if length > LONGEST[severity]:
        raise PolicyError(f"clock_too_long_{severity.value}", text=text)
    return (None, days) if "working" in plain else (length, 1)


def clock_texts(rule: SeverityRule) -> tuple[str, str]:
    """The two clocks of a severity in the notation that `clock_of` reads."""
    return (
        _duration_text(rule.acknowledge_within, rule.acknowledge_days),
        _duration_text(rule.escalate_every, rule.escalate_days),
    )


def duration_in_order(text: str) -> str:
    """'60 m' and '1h' are one duration: the shorter way to write it; what cannot be read stays as it is."""
    try:
        return clock_texts(clock_of(Severity.NORMAL, text, text))[0]
    except PolicyError:
        return text


def _duration_text(length: timedelta | None, days: int) -> str:
    if length is None:
        return f"{days} working day{'' if days == 1 else 's'}"
    minutes = int(length.total_seconds()) // 60
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def role_of(role: Role, names: Iterable[str]) -> frozenset[Permission]:
    """What a role may do. Raises PolicyError for an unknown permission, or one that the role must keep."""
    wanted = set()
    for name in names:
        if name not in {*Permission}:
            raise PolicyError("permission_unknown", permission=name)
        wanted.add(Permission(name))
    lost = sorted(KEPT[role] - wanted)
    if lost:
        raise PolicyError("permission_kept", permission=lost[0], role=role.value)
    if Permission.EDIT_CONTENT in wanted and Permission.READ_CONTENT not in wanted:
        raise PolicyError("permission_needs", permission=Permission.EDIT_CONTENT, needs=Permission.READ_CONTENT)
    return frozenset(wanted)


def loop_in(next_desks: Mapping[str, str]) -> tuple[str, ...]:
    """The desks of a loop, the first one again at its end; empty if there is none."""
    for start in sorted(next_desks):
        path = [start]
        while path[-1] in next_desks:
            following = next_desks[path[-1]]
            if following in path:
                return (*path[path.index(following) :], following)
            path.append(following)
    return ()


def policies_of(rows: Mapping[str, Mapping[str, Any]]) -> tuple[Policies, tuple[str, ...]]:
    """Stored rows (key -> value) as policies, and the keys nobody can read: those rules stay as shipped."""
    chains: dict[str, tuple[str, ...]] = {}
    clocks: dict[Severity, SeverityRule] = {}
    roles: dict[Role, frozenset[Permission]] = {}
    next_desks: dict[str, str] = {}
    unreadable = []
    for key, value in rows.items():
        topic, _, name = key.partition(":")
        try:
            if topic == "chain":
                steps = [str(step) for step in value["desks"]]
                chains[name] = chain_of(steps, steps)
            elif topic == "clock":
                severity = Severity(name)
                clocks[severity] = clock_of(severity, value["acknowledge_within"], value["escalate_every"])
            elif topic == "role":
                roles[Role(name)] = role_of(Role(name), value["may"])
            elif topic == "next":
                next_desks[name] = str(value["desk"])
            else:
                unreadable.append(key)
        except (PolicyError, ValueError, KeyError, TypeError, AttributeError):
            unreadable.append(key)
    return Policies(chains, clocks, roles, next_desks), tuple(unreadable)
