"""Tells characters that were put between others as a disguise from those that separate words.

赌*博 is one word with a symbol inside; 球员、赌局 are two with a comma between them. A gap is what
stands between two characters of a match in the folded view.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.text.close import CELL_GAP

MAX_GAP = 3
"""Most characters that a gap may have (docs: evasion by inserted symbols)."""

SEPARATORS = frozenset("\n,.;:!?，。、；：！？…()[]{}<>（）【】「」『』《》〈〉“”‘’\"'|/\\")
"""What separates clauses, list items and cells: a disguise only where it stands evenly."""


def find_gaps(folded: str) -> tuple[str, ...]:
    """The gaps between the letters, ideographs and digits of a stretch of the folded view."""
    gaps: list[str] = []
    gap: list[str] = []
    begun = False
    for char in folded:
        if char.isalnum():
            if begun:
                gaps.append("".join(gap))
            gap.clear()
            begun = True
        elif begun:
            gap.append(char)
    return tuple(gaps)


def trim(folded: str) -> str:
    """The stretch from its first letter, ideograph or digit to its last."""
    kept = [index for index, char in enumerate(folded) if char.isalnum()]
    return folded[kept[0] : kept[-1] + 1] if kept else ""


def are_disguise(canonical: str, gaps: Sequence[str], own: Sequence[str]) -> bool:
    """Whether these gaps may be overlooked.

    `own` are the gaps that the list entry itself is written with: `free money` matches with its
    space and without. No gap is longer than `MAX_GAP`, unless every one is a border of cells or
    lines. Where another gap separates, there must be one after each of three characters and more.
    Latin letters and digits are written together, so between them there must be a gap everywhere
    or nowhere.
    """
    if len(gaps) > 1 and all(CELL_GAP.fullmatch(gap) for gap in gaps):
        return True
    if any(len(gap) > MAX_GAP and len(gap.replace("...", "…")) > MAX_GAP for gap in gaps):
        return False
    foreign = [gap for gap, mine in zip(gaps, own, strict=True) if gap and gap != mine]
    if any(char in SEPARATORS for gap in foreign for char in gap):
        return len(gaps) > 1 and all(gaps)
    latin = [
        bool(gap)
        for left, right, gap, mine in zip(canonical, canonical[1:], gaps, own, strict=False)
        if left.isascii() and right.isascii() and not mine
    ]
    return not latin or all(latin) or not any(latin)
