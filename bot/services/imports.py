"""Bringing the repository's facts and content into the database; edits made by people are kept."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bot.services.ready_replies import read_file, store_shipped
from bot.storage.database import Database
from bot.storage.unit_of_work import UnitOfWork

KEYS: dict[str, tuple[str, ...]] = {
    "missions": ("id",),
    "districts": ("mission_id", "country_code", "area_code", "area_name", "level", "parent_code"),
    "emergency": ("country_code", "service", "number", "name"),
    "sister_cities": ("tr_city", "partner_city", "country_code"),
    "services_tr": ("key",),
}


class DataFileError(ValueError):
    """A file that cannot be imported; the message names the file and what is wrong."""


@dataclass(frozen=True)
class ImportReport:
    """What an import did."""

    directory_rows: int
    kept_confirmed: int
    articles: int
    kept_edited: int
    changed: bool


def import_all(database: Database, data: Path, now: datetime) -> ImportReport:
    """Import directory/ and faq/ if they changed since the last time. Raises DataFileError."""
    print_now = _fingerprint(data)
    with database.read() as uow:
        if uow.content.meta("data_fingerprint") == print_now:
            return ImportReport(0, 0, 0, 0, changed=False)
    files = {name: read_csv(data / "directory" / f"{name}.csv", key) for name, key in KEYS.items()}
    articles = list(read_articles(data / "faq"))
    try:
        replies = read_file(data / "ready_replies.yml")
    except ValueError as error:
        raise DataFileError(str(error)) from error
    with database.write() as uow:
        stored = [uow.directory.replace_file(name, rows) for name, rows in files.items()]
        kept = _store_articles(uow, articles, now)
        _store_facts(uow, data / "faq")
        store_shipped(uow, replies, now)
        uow.content.set_meta("data_fingerprint", print_now)
        uow.content.set_meta("directory_revision", print_now[:12])
    return ImportReport(
        directory_rows=sum(count for count, _ in stored),
        kept_confirmed=sum(count for _, count in stored),
        articles=len(articles),
        kept_edited=kept,
        changed=True,
    )


def _fingerprint(data: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted([*data.glob("directory/*.csv"), *data.glob("faq/*/*"), *data.glob("ready_replies.yml")]):
        digest.update(path.relative_to(data).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def read_csv(path: Path, key: tuple[str, ...]) -> list[dict[str, Any]]:
    """A directory file as rows for the database. Raises DataFileError with file and line."""
    rows: dict[str, dict[str, Any]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                identity = "|".join(row[column] for column in key)
                data = {k: v for k, v in row.items() if k not in ("source", "status")}
                rows[identity] = {
                    "key": identity,
                    "country": row.get("country_code", ""),
                    "data": data,
                    "source": row["source"],
                    "status": _status(row["status"], path, line),
                }
    except (KeyError, TypeError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path.name}: a column is missing or unreadable: {error}") from error
    return list(rows.values())


def _status(text: str, path: Path, line: int) -> str:
    if text not in ("sourced", "recalled", "confirmed"):
        raise DataFileError(f"{path.name}, line {line}: status must be sourced or recalled, not '{text}'")
    return text


@dataclass(frozen=True)
class ArticleFile:
    """One data/faq/<topic>/<language>.md."""

    topic: str
    language: str
    title: str
    questions: list[str]
    body: str


def read_articles(folder: Path) -> list[ArticleFile]:
    """Every answer below a folder. Raises DataFileError with the file's name."""
    found = []
    for path in sorted(folder.glob("*/*.md")):
        _, _, rest = path.read_text(encoding="utf-8").partition("---\n")
        header, divider, body = rest.partition("\n---\n")
        try:
            meta = yaml.safe_load(header)
            questions = [str(question) for question in meta["questions"]]
            title = str(meta["title"])
        except (yaml.YAMLError, KeyError, TypeError) as error:
            raise DataFileError(f"{path.parent.name}/{path.name}: {error}") from error
        if not divider or not body.strip():
            raise DataFileError(f"{path.parent.name}/{path.name}: there is no text below the header")
        found.append(ArticleFile(path.parent.name, path.stem, title, questions, body.strip()))
    return found


def _store_articles(uow: UnitOfWork, articles: list[ArticleFile], now: datetime) -> int:
    kept = 0
    for article in articles:
        live = uow.content.article(article.topic, article.language)
        if live is not None and live.origin == "console":
            kept += 1  # a coordinator's edit is newer than any file
            continue
        same = live is not None and (live.title, live.body, live.questions) == (
            article.title,
            article.body,
            article.questions,
        )
        if not same:
            uow.content.publish(
                article.topic,
                article.language,
                article.title,
                article.body,
                article.questions,
                origin="file",
                by="repository",
                now=now,
            )
    return kept


def _store_facts(uow: UnitOfWork, folder: Path) -> None:
    for path in sorted(folder.glob("*/facts.yml")):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        sources = [{"url": str(source["url"]), "says": str(source.get("says", ""))} for source in raw["sources"]]
        uow.content.put_facts(
            path.parent.name,
            {
                "channel": str(raw["channel"]),
                "services": [str(key) for key in raw["services"]],
                "sources": sources,
                "seen": str(raw["sources"][0]["seen"]) if raw["sources"] else "",
            },
        )
