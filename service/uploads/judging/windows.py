"""Cuts a long part into windows, so that what excuses one page says nothing about another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

WINDOW: Final = 4_000
"""Longest window in code points."""

OVERLAP: Final = 200
"""How far a window reaches into the one before, so that nothing is lost on the border."""

_PARAGRAPH: Final = re.compile(r"\S.*(?:\n.*\S.*)*")

_BREAKS: Final = ("\n\n", "\n", "。", "！", "？", ". ", "；", " ")
"""Where to cut rather than elsewhere, the best first."""


def cut(text: str) -> Iterator[tuple[int, str]]:
    """The windows of `text`, each with the place where it begins; they cover all of it."""
    length = len(text)
    start = 0
    while length - start > WINDOW:
        end = _find_break(text, start)
        yield start, text[start:end]
        start = end - OVERLAP
    yield start, text[start:]


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """What stands between empty lines, each with the place where it begins; none where there is
    but one."""
    found = list(_PARAGRAPH.finditer(text))
    if len(found) > 1:
        for match in found:
            yield match.start(), match.group()


def _find_break(text: str, start: int) -> int:
    """Where the window from `start` ends: behind the best break of its last quarter."""
    latest = start + WINDOW
    earliest = latest - WINDOW // 4
    for mark in _BREAKS:
        at = text.rfind(mark, earliest, latest)
        if at >= 0:
            return at + len(mark)
    return latest
