"""Counts files that came in, for /metrics; those that wait are counted in the store."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector


class UploadMeters(Collector):
    """Numbers of one process since it started; never a name, an id or a tenant."""

    def __init__(self) -> None:
        self._files = 0
        self._bytes = 0
        self._known = 0

    def count(self, size: int, *, known: bool) -> None:
        """One file of `size` bytes came in; `known` when the same one was here before."""
        if known:
            self._known += 1
        else:
            self._files += 1
        self._bytes += size

    def collect(self) -> Iterable[Metric]:
        """The metrics as prometheus-client wants them."""
        yield CounterMetricFamily("moderation_uploads", "Files taken in.", value=self._files)
        yield CounterMetricFamily(
            "moderation_uploads_known", "Files that were known already.", value=self._known
        )
        yield CounterMetricFamily(
            "moderation_upload_bytes", "Bytes of files that came in.", value=self._bytes
        )
