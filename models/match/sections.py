"""Long texts are matched section by section: nothing that the guards let pass reaches from one
sentence over its end into the next, unless single characters or cells stand apart there.

So most sections need one look of the gate, and what a text takes grows no faster than it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

LONG: Final = 250
"""Characters of the folded view up to which a text is matched as one; as many as the gate takes."""

ENDS: Final = frozenset("\n。!?;！？；")
"""What ends a sentence; the tokeniser begins a new word behind each of them."""

LETTERS: Final = 4
"""Letters in a row on both sides of an end where a section may end: more than a cell or a line has
of a word that is written in cells or lines."""

_END: Final = re.compile(rf"[\n。!?;！？；](?=[\W_]*+[^\W_]{{{LETTERS}}})")


def cut(
    folded: str, words: list[str], ends: frozenset[str] = ENDS
) -> Iterator[tuple[int, int, int, int]]:
    """The sections of a folded view with its `words`: start and end in characters, first and last
    in words, half-open. `ends` are those of `ENDS` that may end one."""
    borders = list(accumulate(map(len, words), initial=0))
    start = first = 0
    for end in _END.finditer(folded):
        at = end.end()
        if end[0] not in ends:
            continue
        letters = at - 1
        while letters > start and not folded[letters - 1].isalnum():
            letters -= 1
        if not folded[max(letters - LETTERS, start) : letters].isalnum():
            continue
        last = bisect_left(borders, at, first)
        yield start, at, first, last
        start, first = at, last
    yield start, len(folded), first, len(words)
