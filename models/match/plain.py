"""The text as the model reads it: the closed view, disguised entries written plainly.

Training and judging both go through here, so that a disguised sentence meets the model as the
plain one it was trained on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from models.match.model import Matches
from models.text.close import close_gaps, dropped, kept_positions
from models.text.places import Spans, SpansWriter
from models.text.view import View

_NOTHING = Matches()


class Plain:
    """What a view reads as, and the way back to the original.

    `written` is the folded view with its edits, before it was closed; `places` has for each of its
    characters the span of the folded view, and is None where nothing was edited.
    """

    __slots__ = ("_dropped", "_kept", "_places", "_view", "_written", "text")

    def __init__(
        self,
        view: View,
        written: str,
        places: Spans | None = None,
        words: list[str] | None = None,
    ) -> None:
        has_rows = view.has_rows if written is view.folded else None
        self._dropped = dropped(written, words, has_rows)
        self.text = close_gaps(written, self._dropped)
        self._view = view
        self._written = written
        self._places = places
        self._kept: Sequence[int] | None = None

    def aside(self) -> int | None:
        """Where what the text hides begins in this one; None, as usual, where it hides nothing."""
        if self._view.aside_from == len(self._view.folded):
            return None
        kept = self._kept = kept_positions(self._written, self._dropped)
        places = kept if self._places is None else list(map(self._places.start, kept))
        return bisect_left(places, self._view.aside_from)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text behind a span of this text, not empty."""
        if self._kept is None:
            self._kept = kept_positions(self._written, self._dropped)
        first, last = self._kept[start], self._kept[end - 1]
        if self._places is None:
            return self._view.original(first, last + 1)
        return self._view.original(self._places.start(first), self._places.end(last))


def write_plain(view: View, matches: Matches = _NOTHING, words: list[str] | None = None) -> Plain:
    """The view as the model reads it; `words` are those of its folded view, if they are known.

    What an excuse contained is left blank, for it is no evidence; what a match has read under a
    disguise is written as its entry.
    """
    folded = view.folded
    if not matches.cancelled and not matches.rewritten:
        return Plain(view, folded, words=words)
    edits = [(start, end, " " * (end - start)) for start, end in matches.cancelled]
    edits.extend(matches.rewritten)
    pieces: list[str] = []
    places = SpansWriter()
    done = 0
    for start, end, text in sorted(edits):
        if start < done:
            continue
        pieces.append(folded[done:start])
        places.singles(range(done, start))
        pieces.append(text)
        if len(text) == end - start:
            places.singles(range(start, end))
        else:
            for _ in text:
                places.one(start, end)
        done = end
    pieces.append(folded[done:])
    places.singles(range(done, len(folded)))
    return Plain(view, "".join(pieces), places.done())
