"""Puts together what was found in many windows: for each label the worst counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import UNSET

from service.policy.model import Category, Hit, Severity, Verdict

MOST_HITS: Final = 50
"""Hits that a category of a file names; those of the worst windows come first."""


def gather(found: Iterable[tuple[str, int, Category]]) -> tuple[Category, ...]:
    """The categories of a whole file, highest score first.

    `found` gives with each category its part and the place in it where its window begins; hits
    that name a part already keep it. Each label has the verdict of its worst window, and score,
    sources and hits of all windows whose verdict was as grave.
    """
    by_label: dict[tuple[str, str], _Worst] = {}
    for part, start, category in found:
        key = category.clause, category.label
        if key not in by_label:
            by_label[key] = _Worst(category)
        by_label[key].add(category, part, start)
    return tuple(sorted((worst.close() for worst in by_label.values()), key=_order))


class _Worst:
    """What windows say of one label, as they come in."""

    def __init__(self, first: Category) -> None:
        self._clause, self._label = first.clause, first.label
        self._severity: Severity = first.severity
        self._verdict = Verdict.ALLOW
        self._score = 0.0
        self._sources: dict[str, None] = {}
        self._hits: list[tuple[float, Hit]] = []
        self._seen: set[tuple[object, ...]] = set()

    def add(self, category: Category, part: str, start: int) -> None:
        if category.verdict.rank < self._verdict.rank:
            return
        if category.verdict.rank > self._verdict.rank:
            self._verdict, self._score = category.verdict, 0.0
            self._sources, self._hits, self._seen = {}, [], set()
        self._score = max(self._score, category.score)
        self._sources |= dict.fromkeys(category.sources)
        for hit in category.hits:
            placed = hit if hit.part is not UNSET else _place(hit, part, start)
            key = placed.part, placed.start, placed.end, placed.source, placed.list, placed.entry
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


def _place(hit: Hit, part: str, start: int) -> Hit:
    return msgspec.structs.replace(hit, start=hit.start + start, end=hit.end + start, part=part)


def _order(category: Category) -> tuple[float, str, str]:
    return -category.score, category.clause, category.label
