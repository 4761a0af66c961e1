"""Counts conditions of rules that could not be answered, for /metrics; the log names the rule."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

log = logging.getLogger("moderation.rules")


class RuleMeters(Collector):
    """Numbers of one process since it started."""

    def __init__(self) -> None:
        self._unanswered = 0

    def note_unanswered(self, rule_id: str) -> None:
        """A condition failed on an event or an account, and so its rule did not speak."""
        self._unanswered += 1
        log.warning("a rule's condition could not be answered", extra={"rule": rule_id})

    def collect(self) -> Iterable[Metric]:
        """The metric as prometheus-client wants it."""
        yield CounterMetricFamily(
            "moderation_rules_unanswered",
            "Times that a rule did not speak because its condition failed.",
            value=self._unanswered,
        )
