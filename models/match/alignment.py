"""Aligns a text with its folded and its compact view, so that a match can be traced back.

Built only when something matched: most messages never pay for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from models.text.fold import COMPACT, FOLD, origins, starts
from models.text.tokenise import tokeniser


class Alignment:
    """The views of one text side by side. Positions are code points, spans half-open."""

    __slots__ = (
        "_borders",
        "_compact",
        "_compact_borders",
        "_folded_start",
        "_origin",
        "_words",
        "folded",
    )

    def __init__(self, text: str, folded: str, compact: str, words: list[str]) -> None:
        self.folded = folded
        self._compact = compact
        self._words = words
        self._origin = origins(text, COMPACT)
        # Equal views have equal places: what folds to nothing never stands in a folded view.
        self._folded_start: Sequence[int] = (
            range(len(text) + 1) if folded == text else starts(text, FOLD)
        )
        self._borders: frozenset[int] | None = None
        self._compact_borders: frozenset[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text behind a span of the compact view."""
        return self._origin[start], self._origin[end - 1] + 1

    def within_folded(self, start: int, end: int) -> tuple[int, int]:
        """The span of the folded view behind a span of the compact view."""
        first, last = self._origin[start], self._origin[end - 1]
        return self._folded_start[first], self._folded_start[last + 1]

    def on_borders(self, start: int, end: int) -> bool:
        """Whether both ends of a span of the folded view lie between two words."""
        if self._borders is None:
            self._borders = borders(self._words)
        return start in self._borders and end in self._borders

    def on_compact_borders(self, start: int, end: int) -> bool:
        """Whether a span of the compact view cuts no word that closing the gaps would make.

        Latin letters run together once the gaps are closed, so only ideographs are asked.
        """
        if self._compact_borders is None:
            self._compact_borders = borders(tokeniser()(self._compact))
        return all(
            position in self._compact_borders or self._compact[inside].isascii()
            for position, inside in ((start, start), (end, end - 1))
        )


def borders(words: list[str]) -> frozenset[int]:
    """Where words begin or end, as positions in the text that they add up to."""
    return frozenset(accumulate(map(len, words), initial=0))
