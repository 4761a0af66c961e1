"""Counts wrong passwords in memory, by name and by address, so that guessing is slow.

By name it counts those that nobody has, too: whether a name exists shows in no answer. What is
counted for people who exist is also kept in the store, and outlives the process.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from typing import Final

FAILURES_OF_NAME: Final = 5
"""Wrong passwords for one name after which none is tried for a while."""

FAILURES_OF_ADDRESS: Final = 20
"""The same for one address: more, since offices share one."""

LOCKED_FOR: Final = timedelta(minutes=15)
"""How long nothing is tried; also how long a wrong password counts."""

MOST_KEPT: Final = 20_000
"""Names and addresses remembered; the one that has been quiet for longest is forgotten first."""


class Attempts:
    """The counts of one process; belongs to one event loop."""

    def __init__(self, *, most_kept: int = MOST_KEPT) -> None:
        self._most = most_kept
        self._counts: OrderedDict[bytes, tuple[int, datetime]] = OrderedDict()

    def wait(self, name: str, address: str | None, now: datetime) -> timedelta | None:
        """How long nothing is tried for this name or from this address; None when it is."""
        ends = [
            until
            for key, most in _keys(name, address)
            if (until := self._locked_until(key, most, now)) is not None
        ]
        return max(ends) - now if ends else None

    def count(self, name: str, address: str | None, now: datetime) -> None:
        """Note a wrong password."""
        for key, most in _keys(name, address):
            count, since = self._counts.pop(key, (0, now))
            if now >= since + LOCKED_FOR:
                count = 0
            # The time is that of the last one: locked means fifteen quiet minutes from there.
            self._counts[key] = (min(count + 1, most), now)
        while len(self._counts) > self._most:
            self._counts.popitem(last=False)

    def forget(self, name: str) -> None:
        """A right password: the name starts anew. The address does not, or one right password
        would pay for guessing at others."""
        self._counts.pop(_digest("name", name), None)

    def _locked_until(self, key: bytes, most: int, now: datetime) -> datetime | None:
        count, since = self._counts.get(key, (0, now))
        until = since + LOCKED_FOR
        return until if count >= most and now < until else None


def _keys(name: str, address: str | None) -> list[tuple[bytes, int]]:
    found = [(_digest("name", name), FAILURES_OF_NAME)]
    if address is not None and not _is_loopback(address):
        found.append((_digest("address", address), FAILURES_OF_ADDRESS))
    return found


def _digest(kind: str, value: str) -> bytes:
    """Equal length for whatever was typed, and nothing legible in memory."""
    return sha256(f"{kind}\0{value}".encode("utf-8", "surrogatepass")).digest()


def _is_loopback(address: str) -> bool:
    """This machine, or a proxy on it that stands for everybody: not locked."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
