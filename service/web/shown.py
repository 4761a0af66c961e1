"""Text of users as pages show it: marked spans, and every character that hides made visible.

Everything here only cuts text into pieces; escaping is the template's, which escapes all of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

_MOST_MARKS = 3
"""Combining marks on one letter beyond these are shown by number: heaps of them cover a page."""

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f")
"""Characters without ink that Unicode counts as letters, symbols or marks."""

_PLAIN_SPACES = frozenset(" \u3000\n\t")
_PLAIN = re.compile(
    "[ -~\n\t\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u3000-\u3029\u3041-\u3096\u30a0-\u30ff"
    "\u3400-\u9fff\uff01-\uff9f]*"
)
"""Letters, ideographs, digits and punctuation that hide nothing, singly or together."""
_EMOJI_STYLE, _EMOJI_JOINER = "\ufe0f", "\u200d"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of plain text, or `count` times one hidden character, whose name is `text`."""

    text: str
    hidden: bool = False
    count: int = 1


@dataclass(frozen=True, slots=True)
class Span:
    """What to mark: half-open, in code points; `number` says which finding, `kind` of what sort."""

    start: int
    end: int
    number: int
    kind: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text under the same marks.

    `numbers` are the findings that cover it, in order; `closes` those of them that end with it.
    """

    pieces: tuple[Piece, ...]
    numbers: tuple[int, ...] = ()
    kinds: frozenset[str] = frozenset()
    closes: tuple[int, ...] = ()


def show(text: str) -> tuple[Piece, ...]:
    """Cuts a text into plain stretches and hidden characters; equal neighbours are counted."""
    if _PLAIN.fullmatch(text):  # as most are
        return (Piece(text),) if text else ()
    pieces: list[Piece] = []
    plain: list[str] = []
    previous, marks = "", 0
    for index, char in enumerate(text):
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MOST_MARKS and (
            not _hides(char) or _is_part_of_emoji(char, previous, text[index + 1 : index + 2])
        ):
            plain.append(char)
        else:
            if plain:
                pieces.append(Piece("".join(plain)))
                plain.clear()
            name = f"U+{ord(char):04X}"
            if pieces and pieces[-1].hidden and pieces[-1].text == name:
                pieces[-1] = Piece(name, hidden=True, count=pieces[-1].count + 1)
            else:
                pieces.append(Piece(name, hidden=True))
        previous = char
    if plain:
        pieces.append(Piece("".join(plain)))
    return tuple(pieces)


def mark(text: str, spans: Sequence[Span]) -> tuple[Segment, ...]:
    """Cuts a text at every border of a span; spans may overlap, and are clipped to the text."""
    opening: dict[int, list[Span]] = {}
    closing: dict[int, list[Span]] = {}
    for span in spans:
        start, end = max(span.start, 0), min(span.end, len(text))
        if start < end:
            opening.setdefault(start, []).append(span)
            closing.setdefault(end, []).append(span)
    borders = sorted({0, len(text), *opening, *closing})
    return tuple(_segments(text, borders, opening, closing))


def _segments(
    text: str,
    borders: Sequence[int],
    opening: dict[int, list[Span]],
    closing: dict[int, list[Span]],
) -> Iterator[Segment]:
    open_: dict[tuple[int, str], int] = {}
    for start, end in pairwise(borders):
        for span in opening.get(start, ()):
            key = (span.number, span.kind)
            open_[key] = open_.get(key, 0) + 1
        numbers = sorted({number for number, _ in open_})
        kinds = frozenset(kind for _, kind in open_)
        for span in closing.get(end, ()):
            key = (span.number, span.kind)
            open_[key] -= 1
            if not open_[key]:
                del open_[key]
        going_on = {number for number, _ in open_}
        going_on.update(span.number for span in opening.get(end, ()))
        yield Segment(
            pieces=show(text[start:end]),
            numbers=tuple(numbers),
            kinds=kinds,
            closes=tuple(number for number in numbers if number not in going_on),
        )


def _hides(char: str) -> bool:
    if char in _PLAIN_SPACES:
        return False
    if char in _BLANK or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return True
    # Separators, controls, format characters, private and unassigned ones: none has a known shape.
    return unicodedata.category(char) in {"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn"}


def _is_part_of_emoji(char: str, before: str, after: str) -> bool:
    """Family and heart emoji are held together by characters that hide elsewhere."""
    if char == _EMOJI_STYLE:
        return before != "" and unicodedata.category(before) in {"So", "Sm"}
    joins = char == _EMOJI_JOINER and before != "" and after != ""
    return (
        joins
        and (before == _EMOJI_STYLE or unicodedata.category(before) in {"So", "Sk"})
        and unicodedata.category(after) in {"So", "Sm"}
    )
