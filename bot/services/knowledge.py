"""What answers and decisions are made from: one snapshot of directory, content and their search index.

Refreshed when the database's revision changes, so that an edit is live within seconds in every process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import structlog

from bot.domain.accounts import Table
from bot.domain.directory import Directory
from bot.domain.policies import Policies, apply, permissions, policies_of
from bot.domain.taxonomy import Taxonomy
from bot.services.search import SearchIndex
from bot.storage.database import Database

Document = tuple[str, str, Sequence[str]]  # topic, language, lines

log = structlog.get_logger()
CHECK_EVERY = 1.0  # seconds between looks at the revision
COPIES = ("github.com", "wikipedia.org")
AT_ONCE = 64  # new lines whose meanings an edit waits for; a first start has thousands


@dataclass(frozen=True)
class Article:
    """One answer in one language."""

    topic: str
    language: str
    title: str
    body: str
    questions: tuple[str, ...]
    version: int


@dataclass(frozen=True)
class TopicFacts:
    """Where a topic is officially done and who says so."""

    channel: str
    source: str
    seen: date | None


@dataclass(frozen=True)
class Snapshot:
    """Everything known at one revision."""

    revision: str
    directory: Directory
    articles: dict[tuple[str, str], Article]
    facts: dict[str, TopicFacts]
    build_index: Callable[[], SearchIndex]

    @cached_property
    def index(self) -> SearchIndex:
        """The search over all articles, built when somebody first searches: a worker seldom does."""
        return self.build_index()


def _best_source(sources: list[Any]) -> str:
    """The source a citizen is shown: an office's own page, never somebody's copy of one."""
    urls = [str(source["url"]) for source in sources if str(source["url"]).startswith("http")]
    own = [url for url in urls if not any(host in url for host in COPIES)]
    official = [url for url in own if ".gov." in url or ".europa.eu" in url or ".bund.de" in url]
    return (official or own or [""])[0]


class Knowledge:
    """Gives the newest snapshot; keeps the last one while the database is away."""

    def __init__(self, database: Database, taxonomy: Taxonomy, cache: Path) -> None:
        self.shipped = taxonomy
        self._rules: tuple[str, Policies, Taxonomy] = ("", Policies(), taxonomy)
        self._database = database
        self._cache = cache
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._checked = 0.0

    @property
    def current(self) -> Snapshot:
        """The snapshot to use now."""
        snapshot = self._snapshot
        if snapshot is None or time.monotonic() - self._checked > CHECK_EVERY:
            snapshot = self.refresh()
        return snapshot

    @property
    def directory(self) -> Directory:
        """The directory's facts."""
        return self.current.directory

    @property
    def taxonomy(self) -> Taxonomy:
        """The shipped rules with the installation's own over them; as shipped while they were never read."""
        self._look()
        return self._rules[2]

    @property
    def permissions(self) -> Table:
        """Who may do what, by the rules in force."""
        self._look()
        return permissions(self._rules[1])

    def _look(self) -> None:
        """Like `current`, for what must answer without a database too."""
        if self._snapshot is None and time.monotonic() - self._checked < CHECK_EVERY:
            return  # the database was away a moment ago: a cry for help does not wait for it twice
        try:
            _ = self.current
        except Exception:
            log.warning("policies_unknown")

    def refresh(self) -> Snapshot:
        """Look whether anything changed and reload if so. Raises only when there was never a snapshot."""
        stale = self._snapshot
        if not self._lock.acquire(blocking=stale is None):
            assert stale is not None
            return stale  # somebody is looking already: nobody waits for a database that may hang
        try:
            return self._refreshed()
        except Exception:
            if self._snapshot is None:
                raise
            log.warning("knowledge_is_stale")
            return self._snapshot
        finally:
            self._checked = time.monotonic()
            self._lock.release()

    def _refreshed(self) -> Snapshot:
        with self._database.read() as uow:
            revision = f"{uow.content.revision()}:{uow.content.meta('directory_revision')}"
            rules = uow.policies.revision()
            rows = uow.policies.all() if rules != self._rules[0] else None
        if rows is not None:
            policies, unreadable = policies_of(rows)
            for key in unreadable:
                log.error("policy_unreadable", key=key)
            self._rules = (rules, policies, apply(self.shipped, policies))
        if self._snapshot is None or self._snapshot.revision != revision:
            self._snapshot = self._load(revision)
        return self._snapshot

    def _load(self, revision: str) -> Snapshot:
        with self._database.read() as uow:
            articles = {
                (row.topic, row.language): Article(
                    row.topic, row.language, row.title, row.body, tuple(row.questions), row.version
                )
                for row in uow.content.articles()
            }
            facts = {
                topic: TopicFacts(
                    row.channel,
                    _best_source(row.sources),
                    date.fromisoformat(row.seen) if row.seen else None,
                )
                for topic, row in uow.content.facts().items()
            }
            directory = uow.directory.snapshot()
        documents = [(a.topic, a.language, (a.title, *a.questions, a.body)) for a in articles.values()]
        return Snapshot(revision, directory, articles, facts, lambda: self._index(revision, documents))

    def _index(self, revision: str, documents: Sequence[Document]) -> SearchIndex:
        index = SearchIndex.build(documents, self._cache, AT_ONCE)
        if index.meanings is None:
            arguments = (revision, documents)
            threading.Thread(target=self._complete, args=arguments, daemon=True, name="search-index").start()
        return index

    def _complete(self, revision: str, documents: Sequence[Document]) -> None:
        """The meanings of a first start, computed while citizens are answered already."""
        index = SearchIndex.build(documents, self._cache, None)
        with self._lock:
            if self._snapshot and self._snapshot.revision == revision:
                self._snapshot = replace(self._snapshot, build_index=lambda: index)
