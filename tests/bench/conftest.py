"""The benchmarks choose a core for the thread they run in; the tests after them want all."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture
def unpinned() -> Iterator[None]:
    if not hasattr(os, "sched_getaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    yield
    os.sched_setaffinity(0, cores)
