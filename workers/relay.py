"""The relay: from rows in the outbox to jobs in the queue, one for each subject, ids only."""

from __future__ import annotations

import logging
from typing import Final

from sqlalchemy import Engine

from service.kernel import outbox
from service.kernel.clock import Clock
from service.kernel.db import WRITES
from service.kernel.redis_client import RedisError
from workers.jobs import JobQueue

log = logging.getLogger("moderation.relay")

BATCH: Final = 64
IN_FLIGHT: Final = 64
"""Subjects that may be claimed and not yet released, and jobs that may lie in the queue. As few as
keep workers busy until the next look: what lies there when the queue or a worker is killed waits
for its lease to end, and so does what a slow worker does not come to in time."""


class QueueAway(Exception):
    """Redis takes no jobs: the work waits in the store."""

    code = "queue_away"


class Relay:
    """Moves work that is due into the queue; any number of them may run."""

    def __init__(
        self, engine: Engine, queue: JobQueue, clock: Clock, *, in_flight: int = IN_FLIGHT
    ) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})
        self._queue = queue
        self._clock = clock
        self._in_flight = in_flight

    def step(self) -> int:
        """Put a batch into the queue; how many jobs.

        Raises `QueueAway`, with every lease given back, and what the store raises.
        """
        now = self._clock.now()
        with self._engine.connect() as conn:
            if not outbox.has_due(conn, now):
                return 0
            room = min(BATCH, self._in_flight - outbox.live_leases(conn, now))
        try:  # before anything is claimed in vain
            room = min(room, self._in_flight - self._queue.depth())
        except (RedisError, OSError) as error:
            raise QueueAway(f"the queue: {type(error).__name__}") from error
        if room <= 0:
            return 0
        with self._writer.begin() as conn:
            claims = outbox.claim_subjects(conn, now, room)
        if not claims:
            return 0
        try:
            self._queue.add(claims)
        except (RedisError, OSError) as error:
            # Jobs that arrived all the same find their claims gone, and do nothing.
            with self._writer.begin() as conn:
                for claim in claims:
                    outbox.release(conn, claim)
            raise QueueAway(f"the queue: {type(error).__name__}") from error
        return len(claims)
