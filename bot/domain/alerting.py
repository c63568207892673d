"""How long each way is tried, and how soon the next one is taken when an alert does not get through."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.cases import CaseStatus
from bot.domain.taxonomy import Severity


@dataclass(frozen=True)
class Retry:
    """Pauses double from `first` to `longest` seconds; after `give_up` it has failed for good."""

    first: float
    longest: float
    give_up: timedelta

    def pause(self, attempts: int) -> timedelta:
        """How long to wait after this many attempts."""
        return timedelta(seconds=min(self.first * 2 ** min(max(attempts - 1, 0), 20), self.longest))


# A pause that the other side asks for is obeyed instead, and counts as no attempt. docs/operations.md shows this table.
RETRIES = {
    "telegram": Retry(2, 30, timedelta(hours=24)),
    "push": Retry(2, 30, timedelta(hours=1)),
    "email": Retry(2, 30, timedelta(hours=24)),
    "webhook": Retry(2, 30, timedelta(hours=24)),
}
OTHER_WAYS = Retry(2, 30, timedelta(hours=24))

# An alert that has not arrived after this long goes by the next way as well, while the first keeps trying.
NEXT_WAY_AFTER = {
    Severity.LIFE: timedelta(seconds=30),
    Severity.URGENT: timedelta(minutes=2),
    Severity.NORMAL: timedelta(minutes=15),
}

ALERT = "alert:"  # begins the key of every alert in the outbox
_KEY = re.compile(
    r"alert:(?P<case>\d+):(?P<desk>[^:]*):(?P<again>.*):"
    r"(?P<way>telegram_group|webhook|email|(?:telegram|push|email):(?P<staff>\d+)(?::.*)?)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Alert:
    """What an alert's key says: which case and desk, on which occasion, by which way, to whom (None: a desk)."""

    case_id: int
    desk_id: str
    again: str
    way: str  # telegram | push | email | webhook | telegram_group
    staff_id: int | None = None

    def same_occasion(self, other: Alert) -> bool:
        """Whether both tell the same desk the same thing."""
        return (self.case_id, self.desk_id, self.again) == (other.case_id, other.desk_id, other.again)


def read_key(dedup_key: str) -> Alert | None:
    """The alert behind an outbox row's key; None for any other row."""
    found = _KEY.fullmatch(dedup_key)
    if found is None:
        return None
    staff = found["staff"]
    way = found["way"].split(":")[0]
    return Alert(int(found["case"]), found["desk"], found["again"], way, int(staff) if staff else None)


def is_over(
    status: str, accepted_at: datetime | None, replied_at: datetime | None, again: str, queued_at: datetime
) -> bool:
    """Whether the occasion of an alert that has not arrived yet has passed: then it only frightens, and is not sent."""
    if status == CaseStatus.CLOSED:
        return True
    if status != CaseStatus.ACCEPTED:
        return False
    if again.startswith("silent") and replied_at is not None and replied_at > queued_at:
        return True
    return accepted_at is not None and accepted_at > queued_at
