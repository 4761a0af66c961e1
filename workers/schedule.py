"""The schedule: the relay and the audit's sequencer without a pause, and every second what time
alone does.

Any number of these may run; each row is moved once.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final, Protocol

from sqlalchemy import Connection, Engine

from service.kernel.audit_chain import BATCH
from service.kernel.clock import Clock, ticks
from service.kernel.db import WRITES, storage_error
from service.kernel.ticking import Ticks, run_all
from workers.relay import QueueAway, Relay

log = logging.getLogger("moderation.schedule")

RELAY_SECONDS: Final = 0.05
"""How long the relay rests when there was nothing to do."""

AWAY_SECONDS: Final = 0.5
"""How long it rests while Redis or the store is away."""

SEQUENCER_SECONDS: Final = 0.25
"""How long the sequencer rests: the audit is numbered within a second of what it records."""

TICK_SECONDS: Final = 1.0
HOUSEKEEPING_SECONDS: Final = 60.0


class Numbering(Protocol):
    """What numbers the audit (`service.kernel.audit_chain.Sequencer`)."""

    def step(self) -> int: ...


class Schedule:
    """Runs until it is told to stop."""

    def __init__(
        self,
        *,
        engine: Engine,
        clock: Clock,
        relay: Relay,
        sequencer: Numbering,
        ticks: Ticks,
        housekeeping: Ticks,
    ) -> None:
        self._writer = engine.execution_options(**{WRITES: True})
        self._clock = clock
        self._relay = relay
        self._sequencer = sequencer
        self._ticks = ticks
        self._housekeeping = housekeeping
        self._stop = threading.Event()
        self._away = False

    def stop(self) -> None:
        """End after what is under way."""
        self._stop.set()

    def run_until_signal(self) -> None:
        """Run until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)
        self.run()

    def run(self) -> None:
        """The relay in a thread of its own, so that a Redis that hangs delays no deadline; and the
        sequencer in another, so that neither delays the other."""
        threads = [
            threading.Thread(target=self._go_on, args=[step], name=step.__name__)
            for step in (self.relay_once, self.number_once)
        ]
        for thread in threads:
            thread.start()
        try:
            cleaned = float("-inf")
            while not self._stop.is_set():
                self.tick(self._ticks)
                if ticks() - cleaned >= HOUSEKEEPING_SECONDS:
                    self.tick(self._housekeeping)
                    cleaned = ticks()
                self._stop.wait(TICK_SECONDS)
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def tick(self, kinds: Ticks) -> int:
        """Run each kind once to its end; what fails is told, and holds up no other."""
        moved = 0
        for name, tick in kinds.items():
            try:
                moved += run_all(self._within, {name: tick}, self._clock.now())
            except Exception as error:
                trouble = storage_error(error)
                if trouble is None:
                    log.error("a tick failed", exc_info=True, extra={"tick": name})
                else:
                    log.warning("a tick waits", extra={"tick": name, "code": trouble.code})
        return moved

    def relay_once(self) -> float:
        """Move one batch; seconds to rest then."""
        try:
            moved = self._relay.step()
        except QueueAway:
            if not self._away:
                log.warning("Redis takes no jobs; the work waits in the store")
            self._away = True
            return AWAY_SECONDS
        except Exception as error:
            trouble = storage_error(error)
            if trouble is None:
                log.error("the relay failed", exc_info=True)
            else:
                log.warning("the relay waits", extra={"code": trouble.code})
            return AWAY_SECONDS
        if moved and self._away:
            log.info("Redis takes jobs again")
            self._away = False
        return 0.0 if moved else RELAY_SECONDS

    def number_once(self) -> float:
        """Number one batch of the audit; seconds to rest then."""
        try:
            moved = self._sequencer.step()
        except Exception as error:
            trouble = storage_error(error)
            if trouble is None:
                log.error("the sequencer failed", exc_info=True)
            else:
                log.warning("the sequencer waits", extra={"code": trouble.code})
            return AWAY_SECONDS
        return 0.0 if moved >= BATCH else SEQUENCER_SECONDS

    def _go_on(self, step: Callable[[], float]) -> None:
        while not self._stop.is_set():
            self._stop.wait(step())

    def _within(self, work: Callable[[Connection], int]) -> int:
        with self._writer.begin() as conn:
            return work(conn)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()
