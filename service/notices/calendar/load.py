"""Makes the calendar of what is shipped and what the operator adds."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from service.kernel.registry import MemberError, RegistryError
from service.notices.calendar import china
from service.notices.calendar.model import Calendar, Reading, Year
from service.notices.calendar.operators_file import read_years


def load(path: Path | None = None, *, reading: Reading = Reading.WIDE) -> Calendar:
    """The package's years, with those of an operator's file in their place.

    Raises `RegistryError` with every problem of the file, and `OSError`.
    """
    version, own = china.VERSION, {}
    if path is not None:
        data = path.read_bytes()
        try:
            own = read_years(data, china.read_year)
        except MemberError as error:
            raise RegistryError(f"{path.name}: {problem}" for problem in error.problems) from None
        version += f"+{sha256(data).hexdigest()[:12]}"
    if reading is Reading.NARROW:
        version += "/narrow"

    @cache
    def find_year(number: int) -> Year:
        return own.get(number) or china.read_year(number)

    return Calendar(find_year, version, reading)
