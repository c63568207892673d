"""Public holidays of a country, from the `holidays` package (national ones; no regions of a country)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache


def public_holiday(country: str, day: date) -> str | None:
    """The local name of the holiday on `day` in an ISO 3166-1 alpha-2 country; None: no holiday, or not known."""
    return _of_year(country.upper(), day.year).get(day) if country else None


@lru_cache(maxsize=1024)
def _of_year(country: str, year: int) -> Mapping[date, str]:
    """One year at a time: the package's own growing calendar may be read half-filled by a second thread."""
    from holidays import country_holidays  # a third of a second: only where a desk keeps holidays

    try:
        return dict(country_holidays(country, years=year, expand=False))
    except NotImplementedError:  # the package does not know this country
        return {}
