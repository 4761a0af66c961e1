"""How often one address may ask for receipts, so that nobody lives off guessing them, and how often
it may file on the public page, with how much."""

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

    def wait(self, address: str, now: datetime, *, count: int = 1) -> timedelta | None:
        """Count something: None when it is let through, else how long to wait."""
        key = _group(address)
        so_far, since = self._find(key, now)
        fits = so_far + count <= self._most
        self._counts.pop(key, None)
        self._counts[key] = (so_far + count if fits else so_far, since)
        while len(self._counts) > MOST_KEPT:
            self._counts.popitem(last=False)
        return None if fits else since + self._window - now

    def look(self, address: str, now: datetime) -> timedelta | None:
        """What `wait` would say, counting nothing."""
        so_far, since = self._find(_group(address), now)
        return None if so_far < self._most else since + self._window - now

    def _find(self, key: str, now: datetime) -> tuple[int, datetime]:
        count, since = self._counts.get(key, (0, now))
        return (0, now) if now >= since + self._window else (count, since)


def limit_asking() -> AddressLimit:
    """60 questions about receipts in a minute."""
    return AddressLimit(60, timedelta(minutes=1))


def limit_filing() -> AddressLimit:
    """10 reports on the page in an hour."""
    return AddressLimit(10, timedelta(hours=1))


def limit_documents() -> AddressLimit:
    """60 MB of documents on the page in an hour."""
    return AddressLimit(60 * 1024 * 1024, timedelta(hours=1))


def _group(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(int(found) >> 64)
    return address
