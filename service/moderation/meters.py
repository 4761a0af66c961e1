"""Counts decisions and times answers, for /metrics.

Plain integers of the one thread that answers, read when somebody asks: a counter of
prometheus-client takes a lock and a microsecond for each step, and there are three a request.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from typing import Final

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from service.decisions.model import Decision
from service.policy.model import Verdict

BOUNDS: Final = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025),
    *(0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)
"""Upper bounds of the histogram in seconds."""


class Meters(Collector):
    """Numbers of one process since it started; never a text, an id or a tenant."""

    def __init__(self) -> None:
        self._verdicts: Counter[Verdict] = Counter()
        self._labels: Counter[tuple[str, Verdict]] = Counter()
        self._replays = 0
        self._buckets = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0

    def count(self, decision: Decision, *, replay: bool = False) -> None:
        """One decision given."""
        if replay:
            self._replays += 1
            return
        self._verdicts[decision.verdict] += 1
        if decision.verdict is not Verdict.ALLOW:
            for found in decision.categories:
                if found.verdict is not Verdict.ALLOW:
                    self._labels[f"{found.clause}/{found.label}", found.verdict] += 1

    def time(self, seconds: float) -> None:
        """One answer given after `seconds`."""
        self._buckets[bisect_left(BOUNDS, seconds)] += 1
        self._seconds += seconds

    def collect(self) -> Iterable[Metric]:
        """The metrics as prometheus-client wants them."""
        verdicts = CounterMetricFamily(
            "moderation_decisions", "Automatic decisions made.", labels=["verdict"]
        )
        for verdict in Verdict:
            verdicts.add_metric([verdict.value], self._verdicts[verdict])
        yield verdicts
        labels = CounterMetricFamily(
            "moderation_decision_labels",
            "Labels found and not allowed.",
            labels=["label", "verdict"],
        )
        for (label, verdict), number in sorted(self._labels.items()):
            labels.add_metric([label, verdict.value], number)
        yield labels
        yield CounterMetricFamily(
            "moderation_replays", "Answers that repeated a decision.", value=self._replays
        )
        yield self._histogram()

    def _histogram(self) -> Metric:
        buckets, total = [], 0
        for bound, number in zip((*BOUNDS, float("inf")), self._buckets, strict=True):
            total += number
            buckets.append(("+Inf" if bound == float("inf") else str(bound), float(total)))
        return HistogramMetricFamily(
            "moderation_request_seconds",
            "Seconds from a moderation request to its answer.",
            buckets=buckets,
            sum_value=self._seconds,
        )
