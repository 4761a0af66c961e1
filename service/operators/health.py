"""/healthz, /readyz and /metrics: does the process live, can it do its work, and how."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.kernel import outbox
from service.kernel.clock import Clock
from service.kernel.db import Readers, StorageError
from service.kernel.redis_client import Redis, is_here
from service.kernel.refused import refused_by_reason
from service.kernel.thin import JsonAnswer
from service.notices.calendar.model import Calendar
from service.uploads.store import count_pending

CHECK_SECONDS: Final = 0.5
"""How long one check of the parts is believed; that of the store costs a write."""

PING_SECONDS: Final = 0.25
"""How long Redis may take to answer before it counts as away."""


class Writing(Protocol):
    """What is asked of the writer (`service.kernel.group_commit.GroupCommit`)."""

    healthy: bool
    dropped: int

    @property
    def buffered(self) -> int: ...

    async def check(self) -> bool: ...


class Readiness(msgspec.Struct, frozen=True):
    """`ok`, or `degraded` with the parts that are not ok."""

    status: str
    parts: dict[str, str]


class Health:
    """The three endpoints; they need no key, and say nothing about tenants."""

    def __init__(
        self,
        *,
        commit: Writing,
        capacity: int,
        has_model: bool,
        meters: Collector,
        ticks: Callable[[], float],
        redis: Redis,
        readers: Readers,
        clock: Clock,
        calendar: Calendar,
        further: Sequence[Collector] = (),
    ) -> None:
        self._redis = redis
        self._calendar = calendar
        self._readers = readers
        self._clock = clock
        self._redis_ok = False
        self._backlog = _Backlog()
        self._commit = commit
        self._capacity = capacity
        self._has_model = has_model
        self._ticks = ticks
        self._store_ok = False
        self._checked_at = float("-inf")
        self._registry = CollectorRegistry(auto_describe=False)
        for collector in (meters, *further):
            self._registry.register(collector)
        self._registry.register(_StoreMeters(commit))
        self._registry.register(self._backlog)

    async def live(self, _request: Request) -> Response:
        """The process answers; nothing else is touched."""
        return JsonAnswer(b'{"status":"ok"}')

    async def ready(self, _request: Request) -> Response:
        """Every part's state; 503 only when not even an allowed message can be answered."""
        if self._ticks() - self._checked_at > CHECK_SECONDS:
            self._store_ok, self._redis_ok = await asyncio.gather(
                self._commit.check(), asyncio.to_thread(is_here, self._redis)
            )
            self._checked_at = self._ticks()
        # In a thread, since the first look loads the years.
        calendar = await asyncio.to_thread(self._calendar.state, self._clock.now())
        parts = {
            "store": "ok" if self._store_ok else "unavailable",
            "redis": "ok" if self._redis_ok else "unavailable",
            "model": "ok" if self._has_model else "missing",
            "calendar": calendar,
            "clock": "ok" if is_settled(self._clock) else "jumped",
        }
        is_ok = all(state == "ok" for state in parts.values())
        answer = Readiness(status="ok" if is_ok else "degraded", parts=parts)
        can_answer = self._store_ok or self._commit.buffered < self._capacity
        return JsonAnswer(msgspec.json.encode(answer), 200 if can_answer else 503)

    async def metrics(self, _request: Request) -> Response:
        """Metrics in Prometheus' text format; those of the store as it was last seen."""
        with contextlib.suppress(StorageError):
            await self._readers.run(lambda conn: self._backlog.read(conn, self._clock.now()))
        return Response(
            generate_latest(self._registry),
            media_type="text/plain; version=0.0.4; charset=utf-8",
        )


def is_settled(clock: Clock) -> bool:
    """Whether the machine's clock is believed; clocks that cannot tell are."""
    return bool(getattr(clock, "settled", True))


class _Backlog(Collector):
    """Work that waits in the store, and what was refused, for all processes together."""

    def __init__(self) -> None:
        self._oldest = 0.0
        self._refused: dict[str, int] = {}
        self._pending = 0

    def read(self, conn: Connection, now: datetime) -> None:
        """See how things stand."""
        self._oldest = outbox.longest_wait(conn, now).total_seconds()
        self._refused = refused_by_reason(conn)
        self._pending = count_pending(conn)

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily(
            "moderation_outbox_longest_wait_seconds",
            "For how long the work that is due longest has been waiting.",
            value=self._oldest,
        )
        yield GaugeMetricFamily(
            "moderation_uploads_pending", "Files that wait for their scan.", value=self._pending
        )
        refused = CounterMetricFamily(
            "moderation_jobs_refused",
            "Jobs in the queue that were none of ours, by what was wrong with them.",
            labels=["why"],
        )
        for why, count in self._refused.items():
            refused.add_metric([why], count)
        yield refused


class _StoreMeters(Collector):
    """The writer's numbers, read when somebody asks."""

    def __init__(self, commit: Writing) -> None:
        self._commit = commit

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily(
            "moderation_store_buffered_rows",
            "Allow decisions that wait for the next group commit.",
            value=self._commit.buffered,
        )
        yield GaugeMetricFamily(
            "moderation_store_healthy",
            "1 when the last group commit worked.",
            value=int(self._commit.healthy),
        )
        yield CounterMetricFamily(
            "moderation_store_dropped_rows",
            "Allow decisions that the store refused for good.",
            value=self._commit.dropped,
        )
