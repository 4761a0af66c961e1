"""Cuts what was found out of a person's text, with a little around it, and marks it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from service.notices.model import Part
from service.web.shown import show

AROUND: Final = 16
"""Code points that are quoted before and after a mark."""

MOST_MARKED: Final = 80
"""Code points of one mark that are quoted."""

MOST_MARKS: Final = 4
BEGINNING: Final = 60
"""Code points that are quoted where nothing is marked."""

_GAP: Final = "…"


def quote(text: str, spans: Iterable[tuple[int, int]]) -> tuple[Part, ...]:
    """The parts of `text` around `spans` (half-open, code points), which are marked.

    Characters that hide are written as their number, so that nothing in it can change how the
    notice around it reads. Without a span the beginning is quoted, unmarked.
    """
    marks = _merge(text, spans)
    if not marks:
        cut = text[:BEGINNING]
        return _parts([(cut, False), (_GAP if len(text) > len(cut) else "", False)])
    found: list[tuple[str, bool]] = []
    at = 0  # all before is quoted already, or left out
    for index, (start, end) in enumerate(marks[:MOST_MARKS]):
        begin = max(at, start - AROUND)
        stop = min(end, start + MOST_MARKED)
        following = marks[index + 1][0] if index + 1 < len(marks) else len(text)
        after = min(end + AROUND, following)
        found += [
            (_GAP if begin > at else "", False),
            (text[begin:start], False),
            (text[start:stop], True),
            (_GAP if stop < end else "", True),
            (text[end:after], False),
        ]
        at = after
    found.append((_GAP if at < len(text) else "", False))
    return _parts(found)


def quote_apart(marks: Sequence[str]) -> tuple[Part, ...]:
    """What was found in a file, without what stands around it: there its parts are far apart."""
    distinct = [mark for mark in dict.fromkeys(marks) if mark]
    found: list[tuple[str, bool]] = []
    for mark in distinct[:MOST_MARKS]:
        found += [(_GAP if found else "", False), (mark[:MOST_MARKED], True)]
    found.append((_GAP if len(distinct) > MOST_MARKS else "", False))
    return _parts(found)


def _merge(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, clipped to the text, those that touch made one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        start, end = max(start, 0), min(end, len(text))
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _parts(found: Iterable[tuple[str, bool]]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for text, marked in found:
        clean = _readable(text)
        if not clean:
            continue
        if parts and parts[-1].marked == marked:
            parts[-1] = Part(parts[-1].text + clean, marked)
        else:
            parts.append(Part(clean, marked))
    return tuple(parts)


def _readable(text: str) -> str:
    return "".join(
        [
            piece.text.replace("\n", " ").replace("\t", " ")
            if not piece.hidden
            else f"[{piece.text}]"
            if piece.count == 1
            else f"[{piece.text} ×{piece.count}]"
            for piece in show(text)
        ]
    )
