"""The collapsed view: rows of one letter as one letter, for words that were stretched to hide."""

from __future__ import annotations

import re

from models.text.close import LAUGHTER
from models.text.places import Spans, SpansWriter

_ROW = re.compile(r"([^\W\d_])\1+")

FEWEST_SURPLUS = 2
"""Letters too many from which a word counts as stretched: 看看房 is said so, 看看看房 is not."""


def collapse(compact: str) -> str:
    """The collapsed view, or nothing where there are too few letters too many to hide a word."""
    collapsed = single(compact)
    return collapsed if len(compact) - len(collapsed) >= FEWEST_SURPLUS else ""


def single(text: str) -> str:
    """The text with one letter for each row of the same; digits stay."""
    return _ROW.sub(r"\1", text)


def collapsed_places(compact: str) -> Spans:
    """For each character of the collapsed view, the span of its row in the compact view."""
    spans = SpansWriter()
    done = 0
    for row in _ROW.finditer(compact):
        spans.singles(range(done, row.start()))
        spans.one(*row.span())
        done = row.end()
    spans.singles(range(done, len(compact)))
    return spans.done()


def is_stretched(canonical: str, rows: list[tuple[int, int]]) -> bool:
    """Whether rows of these lengths are `canonical` stretched: none too short, and some longer."""
    needed = [match.end() - match.start() for match in _ANY_ROW.finditer(canonical)]
    given = [end - start for start, end in rows]
    if len(needed) != len(given) or any(g < n for g, n in zip(given, needed, strict=True)):
        return False
    if all(char in LAUGHTER for char in canonical):
        return False
    return sum(given) - sum(needed) >= FEWEST_SURPLUS


_ANY_ROW = re.compile(r"([^\W\d_])\1*|\d")
