"""Answers in every language, their versions, and the facts they rest on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.storage.tables_staff import ArticleRow, ArticleVersionRow, MetaRow, TopicFactsRow


class ContentRepository:
    """Reads and writes content within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def articles(self) -> list[ArticleRow]:
        """Every live answer."""
        query = select(ArticleRow).order_by(ArticleRow.topic, ArticleRow.language)
        return list(self._session.scalars(query))

    def article(self, topic: str, language: str) -> ArticleRow | None:
        """The live answer of a topic in a language."""
        return self._session.get(ArticleRow, (topic, language))

    def publish(
        self,
        topic: str,
        language: str,
        title: str,
        body: str,
        questions: list[str],
        *,
        origin: str,
        by: str,
        now: datetime,
    ) -> ArticleRow:
        """Make this text the live answer and keep it as a new version."""
        last = self._session.scalar(
            select(func.max(ArticleVersionRow.version)).where(
                ArticleVersionRow.topic == topic, ArticleVersionRow.language == language
            )
        )
        version = (last or 0) + 1
        row = ArticleRow(
            topic=topic,
            language=language,
            title=title,
            body=body,
            questions=questions,
            version=version,
            origin=origin,
            updated_at=now,
            updated_by=by,
        )
        row = self._session.merge(row)
        self._session.add(
            ArticleVersionRow(
                topic=topic,
                language=language,
                version=version,
                title=title,
                body=body,
                questions=questions,
                at=now,
                by=by,
            )
        )
        self._session.flush()
        return row

    def versions(self, topic: str, language: str) -> list[ArticleVersionRow]:
        """Every version of an answer, newest first."""
        query = (
            select(ArticleVersionRow)
            .where(ArticleVersionRow.topic == topic, ArticleVersionRow.language == language)
            .order_by(ArticleVersionRow.version.desc())
        )
        return list(self._session.scalars(query))

    def revision(self) -> int:
        """Grows with every publication: tells a search index that it is stale."""
        return self._session.scalar(select(func.coalesce(func.sum(ArticleRow.version), 0))) or 0

    def put_facts(self, topic: str, values: dict[str, Any]) -> None:
        """Store where a topic is officially done and its sources."""
        self._session.merge(TopicFactsRow(topic=topic, **values))

    def facts(self) -> dict[str, TopicFactsRow]:
        """Topic facts by topic."""
        return {row.topic: row for row in self._session.scalars(select(TopicFactsRow))}

    def meta(self, key: str) -> str | None:
        """A small fact about this installation."""
        row = self._session.get(MetaRow, key)
        return row.value if row else None

    def set_meta(self, key: str, value: str) -> None:
        """Remember a small fact about this installation."""
        self._session.merge(MetaRow(key=key, value=value))
