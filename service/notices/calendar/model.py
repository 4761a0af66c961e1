"""The calendar: for each day in Shanghai whether it is worked, and whether that is official."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

ZONE: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Legal days are days of this zone, which has known no summer time since 1991."""

_DAY: Final = timedelta(days=1)


class Reading(StrEnum):
    """What "statutory holiday" in Article 8.3 means.

    `wide`: every day that is not worked, as weekends and the days off of the State Council's
    arrangement; it favours the user. `narrow`: the festivals that the regulation on public
    holidays names, with the days given in lieu, alone.
    """

    WIDE = "wide"
    NARROW = "narrow"


@dataclass(frozen=True, slots=True)
class Year:
    """The days of one year that are not as their weekday says.

    `statutory` are festivals of the regulation, days in lieu included; `days_off` those and what
    the State Council's arrangement adds; `workdays` Saturdays and Sundays that are worked for it.
    Not `official`: the arrangement is not known, and only the festivals are.
    """

    year: int
    statutory: frozenset[date]
    days_off: frozenset[date]
    workdays: frozenset[date]
    official: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """All years. `version` changes whenever a day may; deadlines keep it.

    `find_year` knows a year by its number.
    """

    find_year: Callable[[int], Year]
    version: str
    reading: Reading = Reading.WIDE

    def is_working(self, day: date) -> bool:
        """Whether the day is worked."""
        year = self.find_year(day.year)
        if day in year.days_off:
            return False
        return day.weekday() < 5 or day in year.workdays

    def is_holiday(self, day: date) -> bool:
        """Whether it is a "statutory holiday" of Article 8.3, in the reading that is in force."""
        if self.reading is Reading.NARROW:
            return day in self.find_year(day.year).statutory
        return not self.is_working(day)

    def next_working(self, day: date) -> date:
        """The first day after `day` that is worked."""
        day += _DAY
        while not self.is_working(day):
            day += _DAY
        return day

    def is_official(self, first: date, last: date) -> bool:
        """Whether the arrangement of every day from `first` to `last` is known."""
        return all(self.find_year(year).official for year in range(first.year, last.year + 1))

    def state(self, now: datetime) -> str:
        """For `/readyz`: `ok`, or `provisional` in a year whose arrangement is not known."""
        today = now.astimezone(ZONE).date()
        return "ok" if self.is_official(today, today) else "provisional"
