"""The places that containing excuses cover: a match that lies inside one is cancelled."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict

from wordlists.model import Excuse


class Covers:
    """Spans of the folded view that excuse, asked by position and label in logarithmic time."""

    __slots__ = ("_by_label",)

    def __init__(self, spans: list[tuple[int, int, Excuse]]) -> None:
        by_label: dict[str | None, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for start, end, excuse in sorted(spans, key=lambda span: span[0]):
            for label in excuse.labels or (None,):
                starts, furthest = by_label[label]
                starts.append(start)
                furthest.append(max(end, furthest[-1] if furthest else 0))
        self._by_label = dict(by_label)

    def cancel(self, start: int, end: int, label: str) -> bool:
        """Whether an excuse for `label`, or for every label, contains the span."""
        for scope in (None, label):
            starts, furthest = self._by_label.get(scope, ((), ()))
            before = bisect_right(starts, start)
            if before and furthest[before - 1] >= end:
                return True
        return False
