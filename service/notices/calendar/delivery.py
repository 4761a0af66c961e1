"""When a notice counts as delivered (Article 8.3), and when a period that follows it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from service.notices.calendar.model import ZONE, Calendar

LETTER_DAYS: Final = timedelta(days=3)
"""A letter counts as delivered on the third natural day after posting (8.3.4)."""

_DAY: Final = timedelta(days=1)


class Rule(StrEnum):
    """The paragraph of 8.3 that says when something counts as delivered."""

    BY_HAND = "8.3.1"
    ANNOUNCEMENT = "8.3.2"
    ELECTRONIC = "8.3.3"
    LETTER = "8.3.4"


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in UTC that legal days gave, by the calendar of that `version`.

    `provisional`: days counted of which no official arrangement was known.
    """

    at: datetime
    version: str
    provisional: bool


def deem(happened_at: datetime, rule: Rule, calendar: Calendar) -> Moment:
    """The moment of deemed delivery.

    `happened_at` is when it was sent, published, handed over or posted. Falls the moment on a
    holiday, delivery is deemed made at 00:00 of the next working day.
    """
    moment = happened_at
    if rule is Rule.LETTER:
        moment = _midnight(happened_at.astimezone(ZONE).date() + LETTER_DAYS)
    day = moment.astimezone(ZONE).date()
    if calendar.is_holiday(day):
        moment = _midnight(calendar.next_working(day))
    return _moment(calendar, happened_at, moment)


def end_of_period(deemed_at: datetime, days: int, calendar: Calendar) -> Moment:
    """The end of a period of so many natural days (1 and more) after a deemed delivery.

    It begins the day after and ends at 24:00 of its last day; when that is a holiday, of the next
    working day.
    """
    if days < 1:
        raise ValueError("days: a period has at least one")
    last = deemed_at.astimezone(ZONE).date() + timedelta(days=days)
    if calendar.is_holiday(last):
        last = calendar.next_working(last)
    return _moment(calendar, deemed_at, _midnight(last + _DAY))


def _midnight(day: date) -> datetime:
    """00:00 of a day, in UTC."""
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def _moment(calendar: Calendar, begins: datetime, ends: datetime) -> Moment:
    first, last = begins.astimezone(ZONE).date(), ends.astimezone(ZONE).date()
    official = calendar.is_official(first, last)
    return Moment(ends.astimezone(UTC), calendar.version, provisional=not official)
