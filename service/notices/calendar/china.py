"""The years that the `holidays` package knows: China's festivals and the yearly arrangements."""

from __future__ import annotations

from datetime import date
from importlib.metadata import version

from holidays.countries.china import China, ChinaStaticHolidays

from service.notices.calendar.model import Year

VERSION = f"holidays-{version('holidays')}"

_ARRANGED = ChinaStaticHolidays.special_public_holidays
"""By year the days off of the arrangement, each with the weekend day that is worked for it."""


def read_year(year: int) -> Year:
    """One year; not official when the package has no arrangement for it."""
    known = China(years=year)  # type: ignore[no-untyped-call]
    days_off = frozenset(day for day in known if day.year == year)
    arranged = frozenset(date(year, row[0], row[1]) for row in _ARRANGED.get(year, ()))
    return Year(
        year=year,
        statutory=days_off - arranged,
        days_off=days_off,
        workdays=frozenset(day for day in known.weekend_workdays if day.year == year),
        official=year in _ARRANGED,
    )
