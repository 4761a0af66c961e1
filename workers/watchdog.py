"""Ends a process whose work hangs, so that its supervisor starts a fresh one."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from typing import Final

from service.kernel.clock import ticks

log = logging.getLogger("moderation.worker")

HUNG_AFTER: Final = 20.0
"""Seconds that one attempt may take. Shorter than a lease, so that nobody else has begun."""

STATUS: Final = 70
"""The exit status of a process that hung (EX_SOFTWARE)."""


def end_process() -> None:
    """End at once: a thread that hangs cannot be asked."""
    log.error("an attempt hangs; this process ends")
    os._exit(STATUS)


class Watchdog:
    """Looks on from a thread of its own while somebody works.

    `beat` says that a piece of work begins, `rest` that there is none under way.
    """

    def __init__(
        self,
        *,
        seconds: float = HUNG_AFTER,
        bite: Callable[[], object] = end_process,
        ticks: Callable[[], float] = ticks,
    ) -> None:
        self._seconds = seconds
        self._bite = bite
        self._ticks = ticks
        self._since: float | None = None
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def beat(self) -> None:
        """A piece of work begins now."""
        self._since = self._ticks()

    def rest(self) -> None:
        """No work is under way."""
        self._since = None

    def look(self) -> bool:
        """Bite if the work under way hangs; whether it did."""
        since = self._since
        if since is None or self._ticks() - since < self._seconds:
            return False
        self._bite()
        return True

    def start(self) -> None:
        """Look on, a few times in every span of `seconds`."""
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look away."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._stopped.wait(self._seconds / 8):
            if self.look():
                return
