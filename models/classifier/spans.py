"""The spans of a text that moved a label's score most: the model's reasons."""

from __future__ import annotations

from collections.abc import Iterable

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
        feature: weight
        for feature, weight in model.weights(features, label).items()
        if weight > 0 and feature.strip()
    }
    weights = [0.0] * len(closed)
    for feature, weight in gains.items():
        if len(feature) > _LONGEST_FEATURE:
            continue
        length = len(feature)
        share = weight / length
        start = closed.find(feature)
        while start >= 0:
            for index in range(start, start + length):
                weights[index] += share
            start = closed.find(feature, start + length)
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
