"""Long texts are matched section by section: nothing that the guards let pass reaches from one
sentence over its end into the next, unless single characters or cells stand apart there.

So most sections need one look of the gate, and what a text takes grows no faster than it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from models.match.aliases import symbols
from wordlists.model import WordLists

LONG: Final = 250
"""Characters of the folded view up to which a text is matched as one; as many as the gate takes."""

ENDS: Final = frozenset("\n。!?;！？；")
"""What ends a sentence; the tokeniser begins a new word behind each of them."""

LETTERS: Final = 4
"""Letters in a row on both sides of an end where a section may end: more than a cell or a line has
of a word that is written in cells or lines."""

_GAP: Final = re.compile(rf"(?<=[^\W_]{{{LETTERS}}})[\W_]++(?=[^\W_]{{{LETTERS}}})")
"""Read once and never again, however long it is."""


def ends_for(lists: WordLists) -> frozenset[str]:
    """Those of `ENDS` that nothing in the lists is written with."""
    return ENDS.difference(
        *(entry.text for entry in lists.entries),
        *(excuse.text for excuse in lists.excuses),
        *symbols(lists.aliases),
    )


def cut(folded: str, ends: frozenset[str] = ENDS) -> Iterator[tuple[int, int]]:
    """Where the sections of a folded view start and end. A word begins wherever one does; `ends`
    are those of `ENDS` that may end one."""
    start = 0
    for gap in _GAP.finditer(folded):
        last = max(map(gap[0].rfind, ends), default=-1)
        if last >= 0:
            at = gap.start() + last + 1
            yield start, at
            start = at
    yield start, len(folded)
