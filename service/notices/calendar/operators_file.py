"""An operator's file of days off: years that the package lacks, or has wrong.

    [[year]]
    year = 2027
    days_off = [2027-01-01, 2027-02-05]  # every day off of the State Council's arrangement
    workdays = [2027-01-30]              # Saturdays and Sundays that are worked for it
    statutory = [2027-01-01]             # optional: the festivals among the days off

A year that stands here replaces what the package says of it, and is official.
"""

from __future__ import annotations

from collections.abc import Callable

from service.notices.calendar.model import Year
from service.policy.fields import Fields, parse

EARLIEST, LATEST = 2001, 2199


def read_years(data: bytes, known: Callable[[int], Year]) -> dict[int, Year]:
    """The years of a file by number; `known` gives the festivals of a year that names none.

    Raises `MemberError` with everything that is wrong, each with what to do.
    """
    fields = Fields(parse(data))
    found: dict[int, Year] = {}
    for inner in fields.tables("year"):
        year = _read_year(inner, known)
        if year.year in found:
            inner.refuse(f"year {year.year} stands twice: put all its days into one [[year]]")
        found[year.year] = year
        fields.absorb(inner)
    fields.finish()
    return found


def _read_year(fields: Fields, known: Callable[[int], Year]) -> Year:
    number = fields.count("year")
    if not fields.problems and not EARLIEST <= number <= LATEST:
        fields.refuse(f"year {number} is out of range: use {EARLIEST} to {LATEST}")
    days_off, workdays = frozenset(fields.days("days_off")), frozenset(fields.days("workdays"))
    named = frozenset(fields.days("statutory")) if fields.has("statutory") else None
    for day in sorted(days_off | workdays):
        if day.year != number:
            fields.refuse(f"{day} is not in {number}: put it into the [[year]] of its own")
    for day in sorted(workdays):
        if day.weekday() < 5:
            fields.refuse(f"workdays: {day} is a weekday, and worked anyway: remove it")
    for day in sorted(workdays & days_off):
        fields.refuse(f"{day} is both a day off and worked: remove it from one")
    for day in sorted((named or frozenset()) - days_off):
        fields.refuse(f"statutory: {day} is no day off: add it to days_off, too")
    if fields.problems:
        return Year(number, frozenset(), frozenset(), frozenset(), official=True)
    statutory = known(number).statutory & days_off if named is None else named
    return Year(number, statutory, days_off, workdays, official=True)
