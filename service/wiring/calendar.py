"""The calendar of legal days that every role counts by."""

from __future__ import annotations

from service.notices.calendar.load import load
from service.notices.calendar.model import Calendar, Reading
from service.settings import Settings


def build_calendar(settings: Settings) -> Calendar:
    """The shipped years, with the operator's file and in the operator's reading.

    Raises `RegistryError` with every problem of the file, and `OSError`.
    """
    return load(settings.calendar_file, reading=Reading(settings.calendar_reading))
