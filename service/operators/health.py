"""/healthz, /readyz and /metrics: does the process live, can it do its work, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Protocol

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from service.kernel.thin import JsonAnswer

CHECK_SECONDS: Final = 0.5
"""How long one check of the store is believed; it costs a write."""


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
    ) -> None:
        self._commit = commit
        self._capacity = capacity
        self._has_model = has_model
        self._ticks = ticks
        self._store_ok = False
        self._checked_at = float("-inf")
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(meters)
        self._registry.register(_StoreMeters(commit))

    async def live(self, _request: Request) -> Response:
        """The process answers; nothing else is touched."""
        return JsonAnswer(b'{"status":"ok"}')

    async def ready(self, _request: Request) -> Response:
        """Every part's state; 503 only when not even an allowed message can be answered."""
        if self._ticks() - self._checked_at > CHECK_SECONDS:
            self._store_ok = await self._commit.check()
            self._checked_at = self._ticks()
        parts = {
            "store": "ok" if self._store_ok else "unavailable",
            "model": "ok" if self._has_model else "missing",
        }
        is_ok = all(state == "ok" for state in parts.values())
        answer = Readiness(status="ok" if is_ok else "degraded", parts=parts)
        can_answer = self._store_ok or self._commit.buffered < self._capacity
        return JsonAnswer(msgspec.json.encode(answer), 200 if can_answer else 503)

    async def metrics(self, _request: Request) -> Response:
        """Metrics in Prometheus' text format."""
        return Response(
            generate_latest(self._registry),
            media_type="text/plain; version=0.0.4; charset=utf-8",
        )


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
