"""What a text reads as: its folded and compact views, and the way back to what was written."""

from __future__ import annotations

from collections.abc import Sequence

from models.text.close import rows_in
from models.text.fold import FOLD, fold, origins
from models.text.sounds import sound
from models.text.spelling import Spelling


class View:
    """One reading of a text. Positions are code points, spans half-open.

    `text` is the original; `folded` what it reads as; `compact` the folded view without anything
    but letters, ideographs and digits. `steps` names what had to be undone before folding:
    `escapes`, `markup`, `hidden`, `direction`. `as_written` is the view without these steps where
    there were any, for a reader may also be shown the codes themselves. From `aside_from` on, the
    folded view is what the text hides, from `coded_from` on, of that, what codes say that no
    reader sees through.
    """

    __slots__ = (
        "_compact",
        "_ends",
        "_has_rows",
        "_places",
        "_sounding",
        "_spelling",
        "_starts",
        "as_written",
        "aside_from",
        "coded_from",
        "folded",
        "steps",
        "text",
    )

    def __init__(
        self,
        text: str,
        *,
        spelling: Spelling | None = None,
        steps: tuple[str, ...] = (),
        aside_from: int | None = None,
        coded_from: int | None = None,
        folded: str | None = None,
    ) -> None:
        """`folded` is given where it is known and nothing was undone before folding."""
        self.text = text
        whole = text if spelling is None else spelling.text
        self.folded = folded = fold(whole) if folded is None else folded
        self.aside_from = _fold_place(whole, aside_from, folded)
        self.coded_from = _fold_place(whole, coded_from, folded)
        self.steps = steps
        self.as_written: View | None = None if spelling is None else View(text)
        self._compact: str | None = None
        self._has_rows: bool | None = None
        self._sounding: str | None = None
        self._spelling = spelling
        self._starts: Sequence[int] | None = None
        self._ends: Sequence[int] | None = None
        self._places: Sequence[int] = ()

    @property
    def compact(self) -> str:
        """The compact view."""
        if self._compact is None:
            # what `models.text.fold.compact` gives, sooner
            self._compact = "".join(filter(str.isalnum, self.folded))
        return self._compact

    @property
    def has_rows(self) -> bool:
        """Whether a character stands twice in a row."""
        if self._has_rows is None:
            self._has_rows = rows_in(self.folded)
        return self._has_rows

    @property
    def is_aligned(self) -> bool:
        """Whether each character of the folded view stands for that of the text at its place."""
        return isinstance(self.starts, range) and self.starts.start == 0

    @property
    def sounding(self) -> str:
        """How the folded view sounds (`models.text.sounds`)."""
        if self._sounding is None:
            self._sounding = sound(self.folded)
        return self._sounding

    @property
    def starts(self) -> Sequence[int]:
        """For each character of the folded view, where in `text` its span starts."""
        if self._starts is None:
            self._trace()
        assert self._starts is not None
        return self._starts

    @property
    def ends(self) -> Sequence[int]:
        """For each character of the folded view, where in `text` its span ends."""
        if self._ends is None:
            self._trace()
        assert self._ends is not None
        return self._ends

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The least span of the original text that holds a span of the folded view, not empty."""
        if self._spelling is None:  # in the order of writing
            return self.starts[start], self.ends[end - 1]
        return min(self.starts[start:end]), max(self.ends[start:end])

    def part(self, start: int, end: int) -> View:
        """The view of a span of this folded view; what it traces back is this one's text."""
        part = View(self.text, folded=self.folded[start:end], steps=self.steps)
        part._starts, part._ends = self.starts[start:end], self.ends[start:end]
        part._spelling, part._places = self._spelling, self._places[start:end]
        size = end - start
        part.aside_from = min(max(self.aside_from - start, 0), size)
        part.coded_from = min(max(self.coded_from - start, 0), size)
        return part

    def shown(self, start: int, end: int) -> str:
        """What a reader is shown for a span of the folded view, before it was folded."""
        if self._spelling is None:
            return self.text[self.starts[start] : self.ends[end - 1]]
        places = self._places
        return self._spelling.text[places[start] : places[end - 1] + 1]

    def _trace(self) -> None:
        spelling = self._spelling
        shown = self.text if spelling is None else spelling.text
        self._places = range(len(shown)) if shown == self.folded else origins(shown, FOLD)
        if spelling is not None:
            self._starts = [spelling.starts[place] for place in self._places]
            self._ends = [spelling.ends[place] for place in self._places]
        elif isinstance(self._places, range):
            self._starts, self._ends = self._places, range(1, len(shown) + 1)
        else:
            self._starts, self._ends = self._places, [place + 1 for place in self._places]


def _fold_place(whole: str, place: int | None, folded: str) -> int:
    """Where a place of a text is in its folded view; None is its end."""
    if place is None or place == len(whole):
        return len(folded)
    return len(fold(whole[:place]))
