"""The text that is kept of a file: all its parts one after the other, and where each stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from service.decisions.model import Cut
from service.uploads.parts import Part

MOST_KEPT: Final = 500_000
"""Code points kept of one file; parts in which something was found come first."""

_BETWEEN: Final = "\n\n"


def join(parts: Sequence[Part], first: frozenset[str]) -> tuple[str, tuple[Cut, ...]]:
    """The text of parts and where each stands in it, at most `MOST_KEPT` code points in all.

    When it is more, the parts named in `first` are kept before the others. Characters that no
    store takes are replaced.
    """
    kept: set[int] = set()
    room = MOST_KEPT
    for favoured in (True, False):
        for number, part in enumerate(parts):
            cost = len(part.text) + len(_BETWEEN)
            if (part.name in first) is favoured and part.text and cost <= room:
                kept.add(number)
                room -= cost
    pieces: list[str] = []
    cuts: list[Cut] = []
    at = 0
    for number, part in enumerate(parts):
        if number in kept:
            cuts.append(Cut(part.name, part.kind, at, at + len(part.text)))
            pieces.append(part.text.replace("\0", "\ufffd"))
            at += len(part.text) + len(_BETWEEN)
    return _BETWEEN.join(pieces), tuple(cuts)


def split(text: str, cuts: Sequence[Cut]) -> Iterator[tuple[Cut, str]]:
    """The parts again."""
    for cut in cuts:
        yield cut, text[cut.start : cut.end]
