"""Puts text that a control character turned round into the order in which it is read.

Of the Unicode bidirectional algorithm (UAX 9) only overrides move letters that run from left to
right; Arabic and Hebrew without controls are left as they are written, which is how they read.
"""

from __future__ import annotations

from models.text.spelling import Spelling

_TO_LEFT, _TO_RIGHT = "\u202e", "\u202d"
_OPENERS = frozenset("\u202a\u202b\u2066\u2067\u2068")
_POPS = frozenset("\u202c\u2069")
_DEEPEST = 8
"""What opens deeper changes nothing: UAX 9 allows 125 levels, and nobody reads through eight."""


def resolve_direction(spelling: Spelling) -> Spelling:
    """The text in the order of reading, without the controls that gave it another."""
    text = spelling.text
    if _TO_LEFT not in text:
        return spelling
    level = 0
    levels: list[int] = []
    stack: list[int] = []
    overflow = 0
    for char in text:
        if char in _OPENERS or char in (_TO_LEFT, _TO_RIGHT):
            if len(stack) == _DEEPEST:
                overflow += 1
            else:
                stack.append(level)
                if char == _TO_LEFT:
                    level += 1 + level % 2  # the next odd level
                elif char == _TO_RIGHT and level % 2:
                    level += 1
            levels.append(-1)
        elif char in _POPS:
            if overflow:
                overflow -= 1
            elif stack:
                level = stack.pop()
            levels.append(-1)
        elif char == "\n":
            stack.clear()
            level = overflow = 0
            levels.append(0)
        else:
            levels.append(level)
    return spelling.pick(_reorder(levels))


def _reorder(levels: list[int]) -> list[int]:
    """Places in the order of reading: from the deepest level up, each odd run turned round."""
    places = [place for place, level in enumerate(levels) if level >= 0]
    kept = [levels[place] for place in places]
    deepest = max(kept, default=0)
    for level in range(deepest, 0, -1):
        start = 0
        while start < len(kept):
            if kept[start] < level:
                start += 1
                continue
            end = start
            while end < len(kept) and kept[end] >= level:
                end += 1
            places[start:end] = places[start:end][::-1]
            kept[start:end] = kept[start:end][::-1]
            start = end
    return places
