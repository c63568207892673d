"""The directory's rows, with source and status, and the snapshot that decisions are made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.domain.directory import Directory, District, Helpline, Mission, Service, SisterCity
from bot.storage.tables_staff import FactRow

# https://european-union.europa.eu: the members; the EU-wide reserved numbers hold for these.
# fmt: off
EU_MEMBERS = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})
# fmt: on

FILES = ("missions", "districts", "emergency", "sister_cities", "services_tr")


class DirectoryRepository:
    """Reads and writes directory rows within one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def replace_file(self, file: str, rows: Iterable[dict[str, Any]]) -> tuple[int, int]:
        """Import one file: rows a person has confirmed are kept as they are. Returns (stored, kept)."""
        kept = set(
            self._session.scalars(select(FactRow.key).where(FactRow.file == file, FactRow.confirmed_at.is_not(None)))
        )
        self._session.execute(delete(FactRow).where(FactRow.file == file, FactRow.confirmed_at.is_(None)))
        fresh = [FactRow(file=file, **row) for row in rows if row["key"] not in kept]
        self._session.add_all(fresh)
        self._session.flush()
        return len(fresh), len(kept)

    def rows(self, file: str) -> list[FactRow]:
        """All rows of one file."""
        return list(self._session.scalars(select(FactRow).where(FactRow.file == file)))

    def get(self, file: str, key: str) -> FactRow | None:
        """One row."""
        return self._session.get(FactRow, (file, key))

    def confirm(self, row: FactRow, data: dict[str, Any], by: str, now: datetime) -> None:
        """A person vouches for a row: it may be shown from now on."""
        row.data = {**row.data, **data}
        row.status, row.confirmed_at, row.confirmed_by = "confirmed", now, by

    def counts(self) -> dict[str, int]:
        """Rows per file."""
        query = select(FactRow.file, func.count()).group_by(FactRow.file)
        return {row[0]: row[1] for row in self._session.execute(query)}

    def snapshot(self) -> Directory:
        """Everything as values, consistent within this unit of work."""
        return to_directory({file: self.rows(file) for file in FILES})


def to_directory(files: Mapping[str, Sequence[FactRow]]) -> Directory:
    """Rows by file as one snapshot of values."""
    return Directory(
        missions={row.key: _mission(row) for row in files["missions"]},
        districts=[_district(row) for row in files["districts"]],
        helplines=[_helpline(row) for row in files["emergency"]],
        sister_cities=[_sister(row) for row in files["sister_cities"]],
        services={row.key: _service(row) for row in files["services_tr"]},
        eu_members=EU_MEMBERS,
    )


def _mission(row: FactRow) -> Mission:
    data = row.data
    return Mission(
        id=row.key,
        kind=data["kind"],
        country=row.country,
        city=data["city"],
        city_tr=data["city_tr"],
        lat=float(data["lat"]),
        lon=float(data["lon"]),
        timezone=data["timezone"],
        phone=data["phone"],
        email=data["email"],
        website=data["website"],
        consular_services=data["consular_services"],
        hours=data.get("hours", ""),
        status=row.status,
    )


def _district(row: FactRow) -> District:
    data = row.data
    return District(
        mission_id=data["mission_id"],
        country=row.country,
        area_code=data["area_code"],
        area_name=data["area_name"],
        level=data["level"],
        rank=int(data["rank"]),
        parent_code=data["parent_code"],
        status=row.status,
    )


def _helpline(row: FactRow) -> Helpline:
    data = row.data
    return Helpline(
        country=row.country,
        service=data["service"],
        number=data["number"],
        name=data["name"],
        hours=data["hours"],
        languages=data["languages"],
        status=row.status,
    )


def _sister(row: FactRow) -> SisterCity:
    return SisterCity(row.data["tr_city"], row.data["partner_city"], row.country, row.status)


def _service(row: FactRow) -> Service:
    data = row.data
    return Service(
        row.key,
        data["name_tr"],
        data["name_en"],
        data["provider"],
        data["official_channel"],
        row.status,
    )
