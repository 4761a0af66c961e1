"""Aligns the views of a text, so that a match can be traced back to what was written.

Built only when something matched: most messages never pay for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, compress

from models.text.tokenise import tokeniser
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
        self._compact_borders: frozenset[int] | None = None

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

        Latin letters run together once the gaps are closed, so only ideographs are asked.
        """
        compact = self.view.compact
        if self._compact_borders is None:
            self._compact_borders = borders(tokeniser()(compact))
        return all(
            position in self._compact_borders or compact[inside].isascii()
            for position, inside in ((start, start), (end, end - 1))
        )


def borders(words: list[str]) -> frozenset[int]:
    """Where words begin or end, as positions in the text that they add up to."""
    return frozenset(accumulate(map(len, words), initial=0))
