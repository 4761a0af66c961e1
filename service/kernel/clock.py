"""The only file that reads a clock; everything else is given the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


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
