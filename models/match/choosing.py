"""Chooses among matches that overlap: the surest, those that decide, the leftmost and longest."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

from models.match.guesses import Found
from wordlists.model import Mode


def longest(items: list[Found]) -> list[Found]:
    """Of overlapping matches of one label, the surest, then those of mode block, then the leftmost
    and longest.
    """
    kept: list[Found] = []
    by_label: dict[str, list[Found]] = defaultdict(list)
    for item in items:
        by_label[item[2].entry.label].append(item)
    for group in by_label.values():
        chosen: list[Found] = []
        ranks: dict[tuple[int, bool], list[Found]] = defaultdict(list)
        for item in group:
            ranks[item[2].tier, item[2].entry.mode is not Mode.BLOCK].append(item)
        for rank in sorted(ranks):
            chosen = _beside(chosen, ranks[rank])
        kept.extend(chosen)
    return sorted(kept, key=lambda item: item[:2])


def _beside(chosen: list[Found], more: list[Found]) -> list[Found]:
    """The chosen ones, in order, with those of `more` that overlap none of them."""
    if not chosen:
        return _sweep(more)
    starts = [item[0] for item in chosen]
    free = []
    for item in more:
        before = bisect_left(starts, item[1])  # those that begin before this one ends
        if not before or chosen[before - 1][1] <= item[0]:
            free.append(item)
    return sorted([*chosen, *_sweep(free)], key=lambda item: item[:2])


def _sweep(items: list[Found]) -> list[Found]:
    """Non-overlapping ones, in order of start, the longest first where several start together."""
    kept: list[Found] = []
    for item in sorted(items, key=lambda item: (item[0], -item[1])):
        if not kept or item[0] >= kept[-1][1]:
            kept.append(item)
    return kept
