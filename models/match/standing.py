"""What the gate saw of a text in which nothing is disguised: topic words and excuses as they stand.

They are matches without a further guard, and without the views that guards need.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from models.match.choosing import Found, choose
from models.match.disguise import name_disguises
from models.match.gaps import find_gaps
from models.match.gate import Stands
from models.match.model import Excusing, Match, Matches
from models.match.patterns import Pattern
from models.text.view import View


def find_standing(view: View, stands: Iterable[Stands], patterns: Sequence[Pattern]) -> Matches:
    """The matches that come of `stands`, whose numbers are places in `patterns`."""
    found: list[Found] = []
    excusing = Excusing()
    folded = view.folded
    text = view.text if view.is_aligned else ""
    for number, first, last, apart in stands:
        pattern = patterns[number]
        if apart and pattern.entries:
            if text[first:last] == pattern.canonical:
                found.extend(
                    [
                        (first, last, Match(entry, first, last, pattern.canonical, ()))
                        for entry, _ in pattern.entries
                    ]
                )
            else:
                found.extend(_folded(pattern, first, last, view))
        for excuse, own in pattern.context:
            if own == folded[first:last]:
                excusing.add(excuse.labels)
    return choose(found, (), excusing, folded)


def _folded(pattern: Pattern, first: int, last: int, view: View) -> Iterable[Found]:
    """Entries whose characters had to be folded: only their names were disguised."""
    begin, stop = view.original(first, last)
    plain = view.text[begin:stop] == pattern.canonical
    gaps = find_gaps(view.folded[first:last])
    for entry, own in pattern.entries:
        disguise = () if plain else name_disguises(view, first, last, gaps, own)
        yield first, last, Match(entry, begin, stop, pattern.canonical, disguise)
