"""How often one address may ask for receipts, so that nobody lives off guessing them."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

MOST: Final = 60
"""Questions of one address within `WINDOW`."""

WINDOW: Final = timedelta(minutes=1)

MOST_KEPT: Final = 10_000
"""Addresses remembered; the one that asked longest ago is forgotten first."""


class Asking:
    """The counts of one process; belongs to one event loop."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def wait(self, address: str, now: datetime) -> timedelta | None:
        """Count one question: None when it is answered, else how long to wait."""
        count, since = self._counts.pop(address, (0, now))
        if now >= since + WINDOW:
            count, since = 0, now
        self._counts[address] = (min(count + 1, MOST + 1), since)
        while len(self._counts) > MOST_KEPT:
            self._counts.popitem(last=False)
        return since + WINDOW - now if count >= MOST else None
