"""Group commit: what callers hand in at the same time is written in one transaction, and each hears its own result.

A commit costs a disk write however much it holds. While one is under way the next callers gather, and the next commit
takes all of them: nobody waits on purpose, and a caller who is alone is written at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

MOST = 50  # items in one commit: it must not hold up the other writers of the process for long
LEAST_PATIENCE = 0.05  # seconds; also who has waited for long gets one try


class WriteLockTaken(SQLAlchemyError):  # noqa: N818 - a state of the world, not a mistake
    """Another writer did not finish in time."""


NOBODYS_FAULT = (OperationalError, InterfaceError, NoConnection, WriteLockTaken)  # the database, not the item


@dataclass
class _Ticket[Item, Result]:
    item: Item
    since: float
    future: Future[Result] = field(default_factory=Future)


class GroupCommit[Item, Result]:
    """Hands groups of items to `write(items, patience)`, from one thread.

    `write` commits all of them, in this order, and returns one result each; or it raises, and none of them is stored.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item], float], Sequence[Result]],
        patience: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write, self._patience, self._clock = write, patience, clock
        self._changed = threading.Condition()
        self._waiting: list[_Ticket[Item, Result]] = []
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, item: Item) -> Future[Result]:
        """The result, or the error, is there as soon as the item is committed or was refused.

        It cannot be taken back: a citizen who hangs up has written all the same.
        """
        ticket: _Ticket[Item, Result] = _Ticket(item, self._clock())
        ticket.future.set_running_or_notify_cancel()
        with self._changed:
            if self._thread is None:  # not before: a process may fork after it has built its parts
                self._thread = threading.Thread(target=self._run, daemon=True, name="group-commit")
                self._thread.start()
            self._waiting.append(ticket)
            self._changed.notify()
        return ticket.future

    def close(self) -> None:
        """Write what waits, and end the thread. Whoever hands in something later starts another."""
        with self._changed:
            thread, self._closed = self._thread, True
            self._changed.notify()
        if thread is not None:
            thread.join()
        with self._changed:
            self._thread, self._closed = None, False

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            self._commit(group)

    def _commit(self, group: list[_Ticket[Item, Result]]) -> None:
        until = group[0].since + self._patience  # the first one has waited longest
        try:
            results = self._written(group, until)
        except Exception as error:
            if len(group) == 1:
                group[0].future.set_exception(error)
            else:
                self._one_by_one(group, until)
            return
        for ticket, result in zip(group, results, strict=True):
            ticket.future.set_result(result)

    def _one_by_one(self, group: list[_Ticket[Item, Result]], until: float) -> None:
        """One of them spoils the group, or the database is away: then the rest need not find that out again."""
        away: Exception | None = None
        for ticket in group:
            if away is not None:
                ticket.future.set_exception(away)
                continue
            try:
                ticket.future.set_result(self._written([ticket], until)[0])
            except Exception as error:
                ticket.future.set_exception(error)
                away = error if isinstance(error, NOBODYS_FAULT) else None

    def _written(self, group: list[_Ticket[Item, Result]], until: float) -> Sequence[Result]:
        patience = max(LEAST_PATIENCE, until - self._clock())
        results = self._write([ticket.item for ticket in group], patience)
        if len(results) != len(group):
            raise AssertionError(f"{len(results)} results for {len(group)} items")
        return results
