"""Closes the spaces between ideographs: 赌 博 and 赌博 are the same words to the model."""

from __future__ import annotations

import re

_GAP = re.compile(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])")


def close_gaps(folded: str) -> str:
    """The folded view without spaces that stand between two ideographs: the closed view."""
    return _GAP.sub("", folded) if " " in folded else folded


def kept_positions(folded: str) -> list[int]:
    """For each character of the closed view, its index in the folded view."""
    dropped: set[int] = set()
    for gap in _GAP.finditer(folded):
        dropped.update(range(gap.start(), gap.end()))
    return [index for index in range(len(folded)) if index not in dropped]
