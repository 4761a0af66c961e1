"""Terms of measures as ISO 8601 durations: `P7D`, `PT36H`, `P2W`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

HOW: Final = "write an ISO 8601 duration such as P7D, PT36H or P2W"

_TERM = re.compile(
    r"P(?!\Z)(?:(?P<weeks>\d{1,4})W|"
    r"(?:(?P<years>\d{1,2})Y)?(?:(?P<months>\d{1,3})M)?(?:(?P<days>\d{1,4})D)?"
    r"(?:T(?!\Z)(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,8})S)?)?)",
    re.ASCII,
)
_DAYS: Final = {"years": 365, "months": 30, "weeks": 7, "days": 1}


def read_term(text: str) -> timedelta:
    """The length of a term; a year counts 365 days and a month 30, a fraction is refused.

    Raises `ValueError`, without repeating the text.
    """
    found = _TERM.fullmatch(text)
    if found is None:
        raise ValueError(f"term: not understood; {HOW}")
    parts = {name: int(value) for name, value in found.groupdict(default="0").items()}
    days = sum(parts[name] * length for name, length in _DAYS.items())
    return timedelta(
        days=days, hours=parts["hours"], minutes=parts["minutes"], seconds=parts["seconds"]
    )


def write_term(term: timedelta) -> str:
    """A term in days, hours, minutes and seconds, as short as may be; `PT0S` for nothing."""
    left = int(term.total_seconds())
    text = "P"
    days, left = divmod(left, 86_400)
    text += f"{days}D" if days else ""
    if left or not days:
        text += "T"
        for unit, length in (("H", 3_600), ("M", 60)):
            count, left = divmod(left, length)
            text += f"{count}{unit}" if count else ""
        text += f"{left}S" if left or text == "PT" else ""
    return text
