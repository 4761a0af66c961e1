"""Puts the judgements of many windows together: for each label the worst counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from service.policy.model import Category, Hit, Judgement, Severity, Verdict

MOST_HITS: Final = 50
"""Hits that a category of a file names; those of the worst windows come first."""


def gather(
    judged: Iterable[tuple[str, int, Judgement]],
) -> tuple[tuple[Category, ...], tuple[str, ...]]:
    """The categories of a whole file, highest score first, and what was degraded.

    `judged` gives for each window its part, the place in it where the window begins, and its
    judgement. Each label has the verdict and the score of its worst window, and the hits of all
    windows whose verdict was as grave.
    """
    found: dict[tuple[str, str], _Worst] = {}
    degraded: dict[str, None] = {}
    for part, start, judgement in judged:
        degraded |= dict.fromkeys(judgement.degraded)
        for category in judgement.categories:
            key = category.clause, category.label
            if key not in found:
                found[key] = _Worst(category)
            found[key].add(category, part, start)
    categories = sorted((worst.close() for worst in found.values()), key=_order)
    return tuple(categories), tuple(degraded)


class _Worst:
    """What windows say of one label, as they come in."""

    def __init__(self, first: Category) -> None:
        self._clause, self._label = first.clause, first.label
        self._severity: Severity = first.severity
        self._verdict = Verdict.ALLOW
        self._score = 0.0
        self._sources: dict[str, None] = {}
        self._hits: list[tuple[float, Hit]] = []
        self._seen: set[tuple[str, int, int, str]] = set()

    def add(self, category: Category, part: str, start: int) -> None:
        if category.verdict.rank < self._verdict.rank:
            return
        if category.verdict.rank > self._verdict.rank:
            self._verdict, self._score = category.verdict, 0.0
            self._sources, self._hits, self._seen = {}, [], set()
        self._score = max(self._score, category.score)
        self._sources |= dict.fromkeys(category.sources)
        for hit in category.hits:
            placed = msgspec.structs.replace(
                hit, start=hit.start + start, end=hit.end + start, part=part
            )
            key = part, placed.start, placed.end, f"{placed.source}\0{placed.entry}"
            if key not in self._seen:  # windows overlap
                self._seen.add(key)
                self._hits.append((category.score, placed))

    def close(self) -> Category:
        self._hits.sort(key=lambda scored: -scored[0])
        return Category(
            clause=self._clause,
            label=self._label,
            score=self._score,
            severity=self._severity,
            verdict=self._verdict,
            sources=tuple(self._sources),
            hits=tuple(hit for _, hit in self._hits[:MOST_HITS]),
        )


def _order(category: Category) -> tuple[float, str, str]:
    return -category.score, category.clause, category.label
