"""Counts the signs of disguise in a text, for whoever weighs them: model, judge, reviewers.

None of them is a breach by itself. A text without any, which is usual, costs three searches.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from models.text.close import dropped
from models.text.view import View

_LETTER = r"[0-9A-Za-z\u00c0-\u024f\u3400-\u9fff]"
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_STYLED = (
    "\u2460-\u24ff\u2776-\u2793\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
    "\U0001d400-\U0001d7ff\U0001f100-\U0001f1ff\u1d00-\u1d2b\u2e80-\u2fdf\uf900-\ufaff"
)
_MARKS = "\u0300-\u036f\u0483-\u0489\u20d0-\u20f0"
_ANY = re.compile(f"[{_INVISIBLE}{_STYLED}{_MARKS}]")
_HIDDEN_BETWEEN = re.compile(f"(?<={_LETTER})[{_INVISIBLE}]+(?={_LETTER})")
_STYLED_ONE = re.compile(f"[{_STYLED}]")
_STACKED = re.compile(rf"[{_MARKS}]{{3,}}|(?<=[\u3400-\u9fff])[{_MARKS}]")


class Signs(NamedTuple):
    """How often each kind of disguise occurs in a text.

    `invisible`: runs of characters that show nothing between letters or ideographs, which emoji
    families, flags, Hindi and Persian do not have there; `styled`: full-width, circled, boxed and
    otherwise styled letters; `marks`: stacks of marks; `gaps`: what was put between characters or
    doubled; `coded`: steps that had to be undone before folding.
    """

    invisible: int = 0
    styled: int = 0
    marks: int = 0
    gaps: int = 0
    coded: int = 0


NO_SIGNS = Signs()


def count_signs(view: View, words: list[str] | None = None) -> Signs:
    """The signs of one text; `words` are those of its folded view, where they are known."""
    text = view.text
    gaps = len(dropped(view.folded, words, view.has_rows))
    coded = len(view.steps) + (view.coded_from < len(view.folded))
    if _ANY.search(text) is None:
        return Signs(gaps=gaps, coded=coded) if gaps or coded else NO_SIGNS
    return Signs(
        invisible=len(_HIDDEN_BETWEEN.findall(text)),
        styled=len(_STYLED_ONE.findall(text)),
        marks=len(_STACKED.findall(text)),
        gaps=gaps,
        coded=coded,
    )
