"""How long to wait before the next attempt, so that many who failed together come back apart."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Final

LEAST: Final = timedelta(seconds=0.5)
MOST: Final = timedelta(hours=1)

_DOUBLINGS: Final = 12
"""2 to this many seconds is over an hour."""


def backoff(attempts: int, *, spread: Callable[[], float] = random.random) -> timedelta:
    """The wait after so many attempts: between half a second and 2, 4, 8 … seconds, at most 1 h.

    Anything in between is as likely (full jitter: Brooker, Exponential backoff and jitter, 2015).
    `spread` gives numbers from 0 to 1.
    """
    longest = min(2.0 ** min(attempts, _DOUBLINGS), MOST.total_seconds())
    return max(LEAST, timedelta(seconds=longest * spread()))
