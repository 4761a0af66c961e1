"""What comes of all that was found: of what overlaps the surest, those that decide, the leftmost
and longest; and the matches of sections as those of their text."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from models.match.model import Excusing, Match, Matches
from wordlists.model import Mode

Found = tuple[int, int, Match]
"""A match and its span of the folded view."""


def choose(
    found: list[Found],
    cancelled: Collection[tuple[int, int]],
    excusing: Excusing,
    folded: str,
    spelt: Iterable[tuple[int, int, str]] = (),
) -> Matches:
    """The matches of a text: those `found`, without what overlaps them.

    `spelt` are words that the model reads in place of their letters.
    """
    chosen = longest(found) if len(found) > 1 else found
    disguised = {  # each once, for the model to read plainly
        (first, last, match.canonical)
        for first, last, match in chosen
        if match.disguise and folded[first:last] != match.canonical
    }
    return Matches(
        tuple(sorted([item[2] for item in chosen], key=_order)),
        tuple(sorted(cancelled)),
        excusing.labels,
        tuple(sorted({*disguised, *spelt})),
    )


def join(sections: Iterable[tuple[int, Matches]]) -> Matches:
    """The matches of a text from those of its sections, each with where that starts in the folded
    view."""
    found: list[Match] = []
    cancelled: list[tuple[int, int]] = []
    rewritten: list[tuple[int, int, str]] = []
    excusing = Excusing()
    for at, matches in sections:
        found.extend(matches.found)
        cancelled.extend((at + first, at + last) for first, last in matches.cancelled)
        rewritten.extend((at + first, at + last, own) for first, last, own in matches.rewritten)
        if matches.excused is not None:
            excusing.add(matches.excused)
    return Matches(
        tuple(sorted(found, key=_order)),
        tuple(sorted(cancelled)),
        excusing.labels,
        tuple(sorted(rewritten)),
    )


def add(matches: Matches, more: Iterable[Match]) -> Matches:
    """The matches with further ones, as far as they are new."""
    known = {(match.entry, match.start, match.end) for match in matches.found}
    new = [match for match in more if (match.entry, match.start, match.end) not in known]
    if not new:
        return matches
    return replace(matches, found=tuple(sorted((*matches.found, *new), key=_order)))


def _order(match: Match) -> tuple[int, int, str]:
    return match.start, match.end, match.entry.label


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
    return kept


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
