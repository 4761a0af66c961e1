"""The years that the `holidays` package knows: China's festivals and the yearly arrangements.

The package costs 45 MB and most of a second, so it is imported when the first day is asked for:
roles that count no deadline do without it.
"""

from __future__ import annotations

from datetime import date
from importlib.metadata import version

from service.notices.calendar.model import Year

VERSION = f"holidays-{version('holidays')}"


def read_year(year: int) -> Year:
    """One year; not official when the package has no arrangement for it."""
    from holidays.countries.china import China, ChinaStaticHolidays

    # By year the days off of the arrangement, each with the weekend day that is worked for it.
    arrangements = ChinaStaticHolidays.special_public_holidays
    known = China(years=year)  # type: ignore[no-untyped-call]
    days_off = frozenset(day for day in known if day.year == year)
    arranged = frozenset(date(year, row[0], row[1]) for row in arrangements.get(year, ()))
    return Year(
        year=year,
        statutory=days_off - arranged,
        days_off=days_off,
        workdays=frozenset(day for day in known.weekend_workdays if day.year == year),
        official=year in arrangements,
    )
