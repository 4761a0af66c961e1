"""How often one address may ask for receipts, so that nobody lives off guessing them, and how often
it may file on the public page."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Final

MOST_KEPT: Final = 10_000
"""Addresses remembered; the one that asked longest ago is forgotten first."""


class AddressLimit:
    """The counts of one process, `most` within `window` for one address; belongs to one event loop.

    Addresses of version 6 count by their first 64 bits, of which one person has all the rest.
    """

    def __init__(self, most: int, window: timedelta) -> None:
        self._most = most
        self._window = window
        self._counts: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def wait(self, address: str, now: datetime) -> timedelta | None:
        """Count one try: None when it is let through, else how long to wait."""
        key = _group(address)
        count, since = self._counts.pop(key, (0, now))
        if now >= since + self._window:
            count, since = 0, now
        self._counts[key] = (min(count + 1, self._most + 1), since)
        while len(self._counts) > MOST_KEPT:
            self._counts.popitem(last=False)
        return since + self._window - now if count >= self._most else None


def limit_asking() -> AddressLimit:
    """60 questions about receipts in a minute."""
    return AddressLimit(60, timedelta(minutes=1))


def limit_filing() -> AddressLimit:
    """10 reports on the page in an hour."""
    return AddressLimit(10, timedelta(hours=1))


def _group(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(int(found) >> 64)
    return address
