"""A token bucket for each caller: so many requests a second, and twice that in one burst."""

from __future__ import annotations

from collections.abc import Callable

from service.kernel.clock import ticks


class RateLimit:
    """Counts requests by key in memory; `rate` is requests a second, 0 for no limit.

    One process counts for itself. Keys are tenants, so that their number is small.
    """

    __slots__ = ("_buckets", "_burst", "_rate", "_ticks")

    def __init__(self, rate: float, *, ticks: Callable[[], float] = ticks) -> None:
        self._rate = rate
        self._burst = max(1.0, 2.0 * rate)
        self._ticks = ticks
        self._buckets: dict[str, list[float]] = {}

    def wait(self, key: str, cost: float = 1.0) -> float:
        """0 when `key` may go on now, else the seconds after which it may.

        A cost over the burst passes when the bucket is full, and leaves it in debt.
        """
        if self._rate <= 0:
            return 0.0
        now = self._ticks()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = [self._burst, now]
        level = min(self._burst, bucket[0] + (now - bucket[1]) * self._rate)
        bucket[1] = now
        needed = min(cost, self._burst)
        if level < needed:
            bucket[0] = level
            return (needed - level) / self._rate
        bucket[0] = level - cost
        return 0.0
