"""Aligns the views of a text, so that a match can be traced back to what was written.

Built only when something matched: most messages never pay for it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, compress

from models.text.tokenise import clause_around, tokeniser
from models.text.view import View


class Alignment:
    """The folded and the compact view of one text side by side; spans are half-open."""

    __slots__ = ("_borders", "_compact_borders", "_words", "places", "view")

    def __init__(self, view: View, words: list[str]) -> None:
        self.view = view
        self._words = words
        folded = view.folded
        self.places: Sequence[int] = (
            range(len(folded))
            if len(folded) == len(view.compact)
            else list(compress(range(len(folded)), map(str.isalnum, folded)))
        )
        """For each character of the compact view, its index in the folded view."""
        self._borders: frozenset[int] | None = None
        self._compact_borders: dict[tuple[int, int], set[int]] = {}

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text behind a span of the folded view."""
        return self.view.original(start, end)

    def within_folded(self, start: int, end: int) -> tuple[int, int]:
        """The span of the folded view behind a span of the compact view."""
        return self.places[start], self.places[end - 1] + 1

    @property
    def borders(self) -> frozenset[int]:
        """Where words of the folded view begin or end."""
        if self._borders is None:
            self._borders = borders(self._words)
        return self._borders

    def on_compact_borders(self, start: int, end: int) -> bool:
        """Whether a span of the compact view cuts no word that closing the gaps would make.

        Words are those of the clause that it stands in. Latin letters run together once the gaps
        are closed, so only ideographs are asked.
        """
        compact, places = self.view.compact, self.places
        low, high = clause_around(self.view.folded, places[start], places[end - 1] + 1)
        first, last = bisect_left(places, low), bisect_left(places, high)
        if (first, last) not in self._compact_borders:
            words = tokeniser()(compact[first:last])
            self._compact_borders[first, last] = set(accumulate(map(len, words), initial=first))
        found = self._compact_borders[first, last]
        return all(
            position in found or compact[inside].isascii()
            for position, inside in ((start, start), (end, end - 1))
        )


def borders(words: list[str]) -> frozenset[int]:
    """Where words begin or end, as positions in the text that they add up to."""
    return frozenset(accumulate(map(len, words), initial=0))
