"""The stream's consumer: reads entries, has them settled, hands in the results, until it is told
to stop.

While the store is away nothing is acknowledged, and reading pauses; while Redis is away it waits
for it with the results of its batch in hand. Three batches at most are held.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from redis.exceptions import RedisError

from service.kernel.clock import ticks
from service.kernel.db import StorageError
from service.moderation.stream import Entry, Settled, refuse_killer
from workers.pause import Pause
from workers.stream import Claimed, Stream, open_redis

if TYPE_CHECKING:
    from service.settings import Settings
    from service.wiring.stream import StreamServices

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
    def read(self, count: int, wait: bool = ...) -> list[Entry]: ...
    def read_own(self, count: int) -> list[Entry]: ...
    def claim(self, count: int, idle_seconds: float) -> Claimed: ...
    def hand_in(self, results: Sequence[Settled]) -> int: ...
    def trim(self) -> int: ...
    def remove_gone(self, idle_seconds: float) -> None: ...
    def leave(self) -> None: ...
    def close(self) -> None: ...


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
        self._handing: asyncio.Future[int] | None = None
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
                    if not self._stop.is_set():
                        await redis.wait(error)
            await self._finish()
        finally:
            self._thread.shutdown()

    async def _consume(self, redis: Pause) -> None:
        """Consume over one connection; raises what Redis raises.

        While a batch is settled the next one is read, and the results of the one before are
        handed in; so at most three batches are held.
        """
        await self._call(self._stream.open)
        redis.over()
        try:
            await self._hand_in(self._results)
            while own := await self._call(self._stream.read_own, BATCH):
                if not await self._settle(own, redelivered=True):
                    return
                await self._handed_in()
            await self._go_on()
            await self._handed_in()
        finally:
            if self._handing is not None:
                await asyncio.gather(self._handing, return_exceptions=True)
                self._handing = None

    async def _go_on(self) -> None:
        ahead: list[Entry] = []
        while ahead or not self._stop.is_set():
            await self._keep_house()
            claimed = await self._claim()
            if claimed and not await self._settle(claimed, redelivered=True):
                return
            entries, ahead = ahead, []
            if not entries:
                await self._handed_in()  # a read that waits must not hold up what is done
                entries = self._weigh(await self._call(self._stream.read, self._count))
            if not entries:
                continue
            reading = None
            if len(entries) >= FIRST_BATCH and not self._stop.is_set():
                reading = self._call(self._stream.read, self._count, False)
            settled = await self._settle(entries, redelivered=False)
            if reading is not None:
                ahead = self._weigh(await reading)
            if not settled:
                return

    async def _keep_house(self) -> None:
        if self._is_due(TRIM_EVERY):
            await self._call(self._stream.trim)
        if self._is_due(TIDY_EVERY):
            await self._call(self._stream.remove_gone, GONE_AFTER)

    async def _claim(self) -> list[Entry]:
        """Entries that a dead consumer left behind, now and then."""
        if self._stop.is_set() or not self._is_due(CLAIM_EVERY):
            return []
        found = await self._call(self._stream.claim, BATCH, self._claim_seconds)
        if not found.entries:
            return []
        self._due[CLAIM_EVERY] = 0.0  # there may be more
        log.info("entries claimed", extra={"entries": len(found.entries)})
        if found.deliveries < MOST_DELIVERIES:
            return found.entries
        await self._hand_in([refuse_killer(entry) for entry in found.entries])
        return []

    def _weigh(self, entries: list[Entry]) -> list[Entry]:
        """Choose how many to read next by the size of these."""
        size = sum(len(entry.item or b"") for entry in entries)
        if size > BATCH_BYTES:
            self._count = max(1, self._count * BATCH_BYTES // size)
        elif len(entries) == self._count:
            self._count = min(self._count * 2, BATCH)
        return entries

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
        """Begin to add and acknowledge, after the results before these.

        They are kept until that is done, for the next connection when this one breaks.
        """
        await self._handed_in()
        if results:
            self._results = results
            self._handing = asyncio.ensure_future(self._call(self._stream.hand_in, results))

    async def _handed_in(self) -> None:
        """Wait for results that are being handed in; raises what Redis raises."""
        handing, self._handing = self._handing, None
        if handing is None:
            return
        added = await handing
        results, self._results = self._results, []
        if added < len(results):
            log.info("results were handed in before", extra={"entries": len(results) - added})
        self._intake.acknowledged([result.entry for result in results])

    async def _finish(self) -> None:
        """Hand in what is left and leave the group, if Redis is there."""
        try:
            await self._hand_in(self._results)
            await self._handed_in()
            await self._call(self._stream.leave)
        except (RedisError, OSError):
            if self._results:
                log.warning("Redis is away at the end: entries stay to be claimed")
        self._stream.close()

    def _is_due(self, every: float) -> bool:
        now = self._ticks()
        if now < self._due[every]:
            return False
        self._due[every] = now + every
        return True

    def _call(self, work: Callable[..., T], *arguments: object) -> asyncio.Future[T]:
        """Run what talks to Redis on the one thread for it, after what was asked for before."""
        return asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)


def build_consumer(
    settings: Settings, redis_url: str, services: StreamServices | None = None
) -> tuple[StreamServices, Consumer]:
    """The consumer's role: what it is made of, to start and stop around it, and itself.

    Raises what `load_judge` and `open_engine` raise, and `ValueError` for an address that is none.
    """
    from service.wiring.stream import build_stream_services

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
