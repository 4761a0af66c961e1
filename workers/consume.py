"""The stream's consumer: reads entries, has them settled, hands in the results, until it is told
to stop.

It holds one batch at a time. While the store is away nothing is acknowledged and nothing is read;
while Redis is away it waits for it with the results of its batch in hand.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import secrets
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from redis.exceptions import RedisError

from service.kernel.clock import ticks
from service.kernel.db import StorageError
from service.moderation.stream import Entry, Settled, refuse_killer
from workers.stream import Claimed, Stream, open_redis

if TYPE_CHECKING:
    from service.settings import Settings
    from service.wiring import StreamServices

T = TypeVar("T")

BATCH: Final = 128
"""Most entries at a time."""

FIRST_BATCH: Final = 16
"""Entries of the first batch; the number grows while they are of a usual size."""

BATCH_BYTES: Final = 2 * 1024 * 1024
"""Items of a batch in bytes, roughly: of larger ones fewer are read at a time."""

CLAIM_EVERY: Final = 2.0
TRIM_EVERY: Final = 1.0
TIDY_EVERY: Final = 60.0
"""Seconds between looks for entries of the dead, between deletions of what is done, and between
the removals of consumers that are gone."""

GONE_AFTER: Final = 3_600.0
"""Seconds after which a consumer that holds nothing counts as gone."""

MOST_DELIVERIES: Final = 5
"""An entry that was delivered so often and never settled kills its consumers: a dead letter."""

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 3.0
"""Seconds to wait for a store or a Redis that is away, at first and at most."""

log = logging.getLogger("moderation.stream")


class Settling(Protocol):
    """What settles entries (`service.moderation.stream.Intake`)."""

    async def settle(
        self, entries: Sequence[Entry], *, redelivered: bool = ...
    ) -> list[Settled]: ...

    def acknowledged(self, entries: Sequence[str]) -> None: ...


class Streaming(Protocol):
    """The stream of one consumer (`workers.stream.Stream`)."""

    def open(self) -> None: ...
    def read(self, count: int) -> list[Entry]: ...
    def read_own(self, count: int) -> list[Entry]: ...
    def claim(self, count: int, idle_seconds: float) -> Claimed: ...
    def hand_in(self, results: Sequence[Settled]) -> int: ...
    def trim(self) -> int: ...
    def leave(self, idle_seconds: float) -> None: ...
    def close(self) -> None: ...


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


class Consumer:
    """One consumer of the group; `claim_seconds` is when another's entry counts as abandoned."""

    def __init__(
        self,
        stream: Streaming,
        intake: Settling,
        *,
        claim_seconds: float,
        ticks: Callable[[], float] = ticks,
    ) -> None:
        self._stream = stream
        self._intake = intake
        self._claim_seconds = claim_seconds
        self._ticks = ticks
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="stream")
        self._stop = asyncio.Event()
        self._results: list[Settled] = []
        self._count = FIRST_BATCH
        self._due = dict.fromkeys((CLAIM_EVERY, TRIM_EVERY, TIDY_EVERY), 0.0)

    def stop(self) -> None:
        """Finish the batch, then end."""
        self._stop.set()

    async def run(self) -> None:
        """Consume until `stop`; neither a store nor a Redis that is away ends it."""
        redis = Pause(self._stop, "Redis")
        try:
            while not self._stop.is_set():
                try:
                    await self._consume(redis)
                except (RedisError, OSError) as error:
                    await redis.wait(error)
            await self._finish()
        finally:
            self._thread.shutdown()

    async def _consume(self, redis: Pause) -> None:
        """Consume over one connection; raises what Redis raises."""
        await self._call(self._stream.open)
        redis.over()
        await self._hand_in(self._results)
        while own := await self._call(self._stream.read_own, BATCH):
            if not await self._settle(own, redelivered=True):
                return
        while not self._stop.is_set():
            claimed, entries = await self._next()
            if entries and not await self._settle(entries, redelivered=claimed):
                return

    async def _next(self) -> tuple[bool, list[Entry]]:
        """Entries that another left behind, or else new ones, and whether they were another's."""
        if self._is_due(TRIM_EVERY):
            await self._call(self._stream.trim)
        if self._is_due(TIDY_EVERY):
            await self._call(self._stream.leave, GONE_AFTER)
        if self._is_due(CLAIM_EVERY):
            found = await self._call(self._stream.claim, BATCH, self._claim_seconds)
            if found.entries:
                self._due[CLAIM_EVERY] = 0.0  # there may be more
                log.info("entries claimed", extra={"entries": len(found.entries)})
                if found.deliveries < MOST_DELIVERIES:
                    return True, found.entries
                await self._hand_in([refuse_killer(entry) for entry in found.entries])
                return True, []
        entries = await self._call(self._stream.read, self._count)
        size = sum(len(entry.item or b"") for entry in entries)
        if size > BATCH_BYTES:
            self._count = max(1, self._count * BATCH_BYTES // size)
        elif len(entries) == self._count:
            self._count = min(self._count * 2, BATCH)
        return False, entries

    async def _settle(self, entries: Sequence[Entry], *, redelivered: bool) -> bool:
        """Have entries settled, however long the store is away, and hand in the results.

        False, with nothing acknowledged, when asked to stop while the store is away.
        """
        store = Pause(self._stop, "the store")
        while True:
            try:
                results = await self._intake.settle(entries, redelivered=redelivered)
                break
            except StorageError as error:
                await store.wait(error)
                if self._stop.is_set():
                    return False
                redelivered = True  # some may have been decided before the trouble
        store.over()
        await self._hand_in(results)
        return True

    async def _hand_in(self, results: list[Settled]) -> None:
        """Add and acknowledge; kept for the next connection when this one breaks."""
        if not results:
            return
        self._results = results
        added = await self._call(self._stream.hand_in, results)
        self._results = []
        if added < len(results):
            log.info("results were handed in before", extra={"entries": len(results) - added})
        self._intake.acknowledged([result.entry for result in results])

    async def _finish(self) -> None:
        """Hand in what is left and leave the group, if Redis is there."""
        try:
            await self._hand_in(self._results)
            await self._call(self._stream.leave, GONE_AFTER)
        except (RedisError, OSError):
            log.warning("Redis is away at the end: entries stay to be claimed")
        self._stream.close()

    def _is_due(self, every: float) -> bool:
        now = self._ticks()
        if now < self._due[every]:
            return False
        self._due[every] = now + every
        return True

    async def _call(self, work: Callable[..., T], *arguments: object) -> T:
        """Run what talks to Redis on the one thread for it."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)


def build_consumer(
    settings: Settings, redis_url: str, services: StreamServices | None = None
) -> tuple[StreamServices, Consumer]:
    """The consumer's role: what it is made of, to start and stop around it, and itself.

    Raises what `load_judge` and `open_engine` raise, and `ValueError` for an address that is none.
    """
    from service.wiring import build_stream_services

    services = services or build_stream_services(settings)
    stream = Stream(
        open_redis(redis_url),
        name_consumer(),
        most_decisions=settings.stream_decisions,
        most_dead=settings.stream_dead,
    )
    return services, Consumer(stream, services.intake, claim_seconds=settings.stream_claim_seconds)


def name_consumer() -> str:
    """A name that no other consumer has or had."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
