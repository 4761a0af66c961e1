"""The spans of a text that moved a label's score most: the model's reasons."""

from __future__ import annotations

from collections.abc import Iterable
from operator import add

from models.classifier.linear import LinearModel

MOST_SPANS = 3
_LONGEST_FEATURE = 32


def telling_spans(
    model: LinearModel, label: int, closed: str, features: Iterable[str]
) -> list[tuple[int, int]]:
    """Up to `MOST_SPANS` spans of the closed view, half-open, in order of position.

    Every character takes the weights of the features that lie on it; neighbouring characters
    whose weight is above the mean of the positive ones join into a span, and the spans with the
    highest sum are chosen.
    """
    gains = {
        feature: weight / len(feature)
        for feature, weight in model.weights(features, label).items()
        if weight > 0 and feature.strip()
    }
    weights = [0.0] * len(closed)
    for index, pair in enumerate(map(add, closed, closed[1:])):  # most features are pairs
        share = gains.get(pair)
        if share is not None:
            weights[index] += share
            weights[index + 1] += share
    for feature, share in gains.items():
        if len(feature) == 2 or len(feature) > _LONGEST_FEATURE:
            continue
        start = closed.find(feature)
        while start >= 0:
            end = start + len(feature)
            for index in range(start, end):
                weights[index] += share
            start = closed.find(feature, end)
    positive = [weight for weight in weights if weight > 0]
    if not positive:
        return []
    floor = sum(positive) / len(positive)
    spans: list[tuple[float, int, int]] = []
    index = 0
    while index < len(weights):
        if weights[index] < floor:
            index += 1
            continue
        end = index
        while end < len(weights) and weights[end] >= floor:
            end += 1
        spans.append((sum(weights[index:end]), index, end))
        index = end
    best = sorted(spans, reverse=True)[:MOST_SPANS]
    return sorted((start, end) for _, start, end in best)
