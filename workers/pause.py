"""Waiting for what is away: longer each time, said once, and over at once when asked to stop."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Final

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 3.0
"""Seconds to wait for what is away, at first and at most."""

log = logging.getLogger("moderation.stream")


class Pause:
    """A wait that grows with each trouble in a row and ends at once when asked to stop."""

    def __init__(self, stop: asyncio.Event, what: str) -> None:
        self._stop = stop
        self._what = what
        self._seconds = FIRST_PAUSE
        self._troubled = False

    async def wait(self, error: Exception) -> None:
        """Wait for what is away; says so once."""
        if not self._troubled:
            self._troubled = True
            code = getattr(error, "code", type(error).__name__)
            log.warning("%s is away: reading pauses", self._what, extra={"code": code})
        seconds = self._seconds * random.uniform(0.5, 1.0)  # noqa: S311  (to spread, not to hide)
        self._seconds = min(self._seconds * 2, LONGEST_PAUSE)
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    def over(self) -> None:
        """Say that it works."""
        if self._troubled:
            log.info("%s is back", self._what)
        self._troubled, self._seconds = False, FIRST_PAUSE
