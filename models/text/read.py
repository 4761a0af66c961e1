"""Reads a text as a person would: every step that no reader needs a guess for, undone in order."""

from __future__ import annotations

import re
from collections.abc import Callable

from models.text.codes import reveal_codes
from models.text.direction import resolve_direction
from models.text.escapes import decode_escapes, strip_markup
from models.text.fold import fold
from models.text.hidden import reveal
from models.text.pieces import join_pieces, may_be_pieces
from models.text.spelling import Spelling
from models.text.view import View

CODED = re.compile(r"[&\\%<\[+=\u202e\U000e0020-\U000e007e\U000e0100-\U000e01ef]")
"""Without one of these there is nothing to undo; hardly any message has one."""

CODE_SIGNS = re.compile(r"[A-Za-z0-9+/_-]")
HEX_DIGITS = re.compile(r"[0-9a-fA-F]")
HEX_GAPS = " :"
_CODE = re.compile(rf"{CODE_SIGNS.pattern}{{12}}|(?:{HEX_DIGITS.pattern}{{2}}[{HEX_GAPS}]?){{6}}")
"""Without such a run there is no code of Chinese text (`models.text.codes`)."""

_STEPS: tuple[tuple[str, Callable[[Spelling], Spelling]], ...] = (
    ("escapes", decode_escapes),
    ("markup", strip_markup),
    ("direction", resolve_direction),
)
"""What changes the text where it stands; what is hidden in it is appended afterwards."""


def read(text: str) -> View:
    """The view of a text of any length, in time linear in it."""
    folded = fold(text)
    if not (CODED.search(text) or _CODE.search(text) or may_be_pieces(text, folded)):
        return View(text, folded=folded)
    spelling = written = Spelling.of(text)
    steps: list[str] = []
    for name, step in _STEPS:
        before = spelling
        spelling = step(before)
        if spelling is not before:
            steps.append(name)
    before = spelling
    spelling = join_pieces(before, folded if before is written else None)
    if spelling is not before:
        steps.append("symbols")
    visible = len(spelling.text)
    before = spelling
    spelling = reveal(before)
    if spelling is not before:
        steps.append("hidden")
    shown = len(spelling.text)
    spelling = reveal_codes(spelling)
    if spelling is written:
        return View(text, folded=folded)
    return View(text, spelling=spelling, steps=tuple(steps), aside_from=visible, coded_from=shown)
