"""The features of a message: its words and its pairs of characters, each counted once.

A pair that is also a word is one feature; that costs nothing measurable in quality and keeps the
table small. The same function serves training and judging.
"""

from __future__ import annotations

from operator import add


def extract(closed: str, words: list[str]) -> set[str]:
    """The features of the closed view `closed` whose words are `words`."""
    features = set(map(add, closed, closed[1:]))
    features.update(words)
    return features
