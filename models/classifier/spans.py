"""The spans of a text that moved a label's score most: the model's reasons."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_SPANS = 3

_RUN = re.compile(rb"\x01+")


def telling_spans(closed: str, shares: Sequence[float]) -> list[tuple[int, int]]:
    """Up to `MOST_SPANS` spans of the closed view, half-open, in order of position.

    `shares` is the weight that lies on each character (`LinearModel.shares`). Neighbouring
    characters whose weight is above the mean of the positive ones join into a span, white space
    at its ends apart, and the spans with the highest sum are chosen.
    """
    positive = [weight for weight in shares if weight > 0]
    if not positive:
        return []
    floor = sum(positive) / len(positive)
    spans: list[tuple[float, int, int]] = []
    for run in _RUN.finditer(bytes([weight >= floor for weight in shares])):
        start, stop = run.span()
        while start < stop and closed[start].isspace():
            start += 1
        while stop > start and closed[stop - 1].isspace():
            stop -= 1
        if start < stop:
            spans.append((sum(shares[start:stop]), start, stop))
    best = sorted(spans, reverse=True)[:MOST_SPANS]
    return sorted((start, end) for _, start, end in best)
