"""The only file that reads a clock; everything else is given the time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol


class Clock(Protocol):
    """Tells the time of the service, which demo mode may move forward."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The clock of this machine."""

    __slots__ = ()

    def now(self) -> datetime:
        return datetime.now(UTC)


ticks = time.monotonic
"""Seconds that only ever grow, for ages and time-outs; they say nothing about the date."""

TOLERANCE: Final = timedelta(seconds=5)
"""How far the wall clock may move against the ticks between two looks: slewing, not a jump."""

SETTLE_SECONDS: Final = 60.0
"""How long a wall clock that has jumped must run evenly before it is believed again."""


class SteadyClock:
    """A clock whose jumps are not believed until it has run evenly for a while.

    Until then time goes on at the pace of the ticks, as if there had been no jump, so that a wall
    clock set wrong for a moment ends no measure and steals no lease.
    """

    __slots__ = ("_seen", "_suspect", "_ticks", "_wall")

    def __init__(
        self, wall: Clock | None = None, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall or SystemClock()
        self._ticks = ticks
        # Each is a wall time and the ticks at that moment: the last pair that was believed, and
        # since a jump the first pair of the time that is not believed yet. Replaced whole, never
        # changed, for other threads look at the clock, too.
        self._seen = (self._wall.now(), ticks())
        self._suspect: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        """The wall clock's time, or what it would be without the jump."""
        ticks = self._ticks()
        wall = self._wall.now()
        expected = _later(self._seen, ticks)
        if -TOLERANCE <= wall - expected <= TOLERANCE:
            self._seen = (wall, ticks)
            self._suspect = None
            return wall
        suspect = self._suspect
        if suspect is None or not -TOLERANCE <= wall - _later(suspect, ticks) <= TOLERANCE:
            self._suspect = (wall, ticks)
        elif ticks - suspect[1] >= SETTLE_SECONDS:
            self._seen = (wall, ticks)
            self._suspect = None
            return wall
        return expected

    @property
    def settled(self) -> bool:
        """Whether the wall clock is believed."""
        self.now()
        return self._suspect is None


def _later(pair: tuple[datetime, float], ticks: float) -> datetime:
    return pair[0] + timedelta(seconds=ticks - pair[1])
