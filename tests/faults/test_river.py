"""A small stream through two consumers of the whole product, one of them killed halfway."""

from __future__ import annotations

import pytest
from river import flow

pytestmark = pytest.mark.process


def test_a_stream_is_decided_once_though_a_consumer_dies() -> None:
    report = flow(300, most_growth=None)
    assert report.faults == [], "\n".join(report.lines())
    assert report.killed_at >= 150
