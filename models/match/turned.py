"""Entries written from right to left: a suspicion, so a person should look."""

from __future__ import annotations

from collections.abc import Iterator

from models.match.alignment import Alignment
from models.match.model import Match, Tier
from wordlists.model import Entry

SHORTEST = 4
"""Ideographs that an entry must have to be read from right to left."""


def is_turnable(form: str) -> bool:
    """Whether a compact form is long enough, and another one from right to left."""
    return sum("\u3400" <= char <= "\u9fff" for char in form) >= SHORTEST and form != form[::-1]


def find_turned(
    turned: tuple[str, tuple[Entry, ...]], start: int, end: int, alignment: Alignment
) -> Iterator[tuple[int, int, Match]]:
    """The entries of a form that stands from right to left at a span of the compact view.

    Only where no word of the dictionary is cut, and most of its characters are words by
    themselves: else it means something as it stands. Each with its span of the folded view.
    """
    form, entries = turned
    borders = alignment.borders
    first, last = alignment.within_folded(start, end)
    if first not in borders or last not in borders:
        return
    if 2 * sum(first < edge < last for edge in borders) < end - start:
        return
    begin, stop = alignment.view.original(first, last)
    for entry in entries:
        yield first, last, Match(entry, begin, stop, form, ("reversed",), Tier.SUSPECTED)
