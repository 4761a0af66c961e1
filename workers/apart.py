"""Carries out what takes long (scans of files): one subject after the other, from the store.

There is no queue in between: who is free takes what has waited longest, nothing lies claimed while
nobody works on it, and a Redis that is away holds nothing up.
"""

from __future__ import annotations

import logging
import signal
import threading
from datetime import timedelta
from types import FrameType
from typing import Final

from sqlalchemy import Engine

from service.kernel import outbox
from service.kernel.clock import Clock
from service.kernel.db import WRITES, storage_error
from service.kernel.topics import Topics
from workers.topics import carry_out
from workers.watchdog import Watchdog

log = logging.getLogger("moderation.apart")

LEASE: Final = timedelta(seconds=120)
"""How long a subject is held for one attempt."""

HUNG_AFTER: Final = 100.0
"""Seconds that one attempt may take; shorter than the lease, so that nobody else has begun."""

REST_SECONDS: Final = 0.1
AWAY_SECONDS: Final = 0.5


class ApartWorker:
    """Works until it is told to stop; any number of them may run."""

    def __init__(
        self,
        *,
        engine: Engine,
        topics: Topics,
        clock: Clock,
        watchdog: Watchdog | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        """`stop` is set when the end is asked for; handlers may look at it, too."""
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})
        self._topics = topics
        self._clock = clock
        self._watchdog = watchdog or Watchdog(seconds=HUNG_AFTER)
        self._stop = stop or threading.Event()
        self._away = False

    def stop(self) -> None:
        """End after the row that is being carried out."""
        self._stop.set()

    def run_until_signal(self) -> None:
        """Work until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)
        self._watchdog.start()
        try:
            while not self._stop.is_set():
                self._stop.wait(self.step())
        finally:
            self._watchdog.stop()

    def step(self) -> float:
        """Carry out one subject's work, if there is any; seconds to rest then."""
        try:
            worked = self._carry_out_one()
        except Exception as error:
            trouble = storage_error(error)
            if trouble is None:
                log.error("work apart failed", exc_info=True)
            elif not self._away:
                log.warning("work apart waits", extra={"code": trouble.code})
            self._away = True
            return AWAY_SECONDS
        self._away = False
        return 0.0 if worked else REST_SECONDS

    def _carry_out_one(self) -> bool:
        now = self._clock.now()
        with self._engine.connect() as conn:
            if not outbox.has_due(conn, now, apart=True):
                return False
        with self._writer.begin() as conn:
            claims = outbox.claim_subjects(conn, now, 1, LEASE, apart=True)
        for claim in claims:
            try:
                carry_out(
                    self._engine,
                    self._topics,
                    self._clock,
                    claim,
                    beat=self._watchdog.beat,
                    stopping=self._stop.is_set,
                    lease=LEASE,
                )
            finally:
                self._watchdog.rest()
        return bool(claims)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()
