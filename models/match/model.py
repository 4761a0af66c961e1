"""What matching finds: list entries at places of the original text."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from wordlists.model import Entry


class Match(msgspec.Struct, frozen=True):
    """A list entry found in a text, after guards and excuses.

    `start` and `end` are code points of the original text, half-open; `canonical` is what the
    span reads as; `disguise` names what was undone to read it. A struct and no dataclass because
    a hostile text has ten thousand of them.
    """

    entry: Entry
    start: int
    end: int
    canonical: str
    disguise: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """All matches of one text, in order of `start`, and the labels that its context excuses.

    `excused` is None when nothing in the text excuses, and otherwise the labels excused by words
    of news, law, warning or complaint; the empty set stands for every label. `cancelled` holds
    the spans of the folded view, half-open, whose entries an excuse contained.
    """

    found: tuple[Match, ...] = ()
    cancelled: tuple[tuple[int, int], ...] = ()
    excused: frozenset[str] | None = None

    def excuses(self, label: str) -> bool:
        """Whether words around excuse this label: a block then becomes a review."""
        return self.excused is not None and (not self.excused or label in self.excused)
