"""The rate limit: a burst, then the rate, each key for itself."""

from __future__ import annotations

import pytest

from service.kernel.rate_limit import RateLimit


class Ticks:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_after_its_burst_a_key_passes_at_the_rate() -> None:
    ticks = Ticks()
    limit = RateLimit(8, ticks=ticks)
    assert [limit.wait("a") for _ in range(16)] == [0.0] * 16
    assert limit.wait("a") == 0.125
    ticks.now += 0.125
    assert limit.wait("a") == 0.0
    assert limit.wait("a") > 0.0


def test_one_key_does_not_use_up_anothers_rate() -> None:
    limit = RateLimit(1, ticks=Ticks())
    assert [limit.wait("a") for _ in range(3)][-1] > 0.0
    assert limit.wait("b") == 0.0


def test_a_rate_of_zero_is_no_limit() -> None:
    limit = RateLimit(0, ticks=Ticks())
    assert all(limit.wait("a") == 0.0 for _ in range(1_000))


def test_a_cost_over_the_burst_passes_once_and_leaves_a_debt() -> None:
    ticks = Ticks()
    limit = RateLimit(10, ticks=ticks)
    assert limit.wait("a", cost=100) == 0.0
    assert limit.wait("a") == pytest.approx(8.1)
