"""Joins a text that was cut into pieces of one to three characters: cells, lines, odd separators.

An ordinary table's cells hold words. Where words of the dictionary lie across the borders of cells
instead, again and again, the borders hide them. Of words put together by chance one border in a
thousand is crossed so, of names one in fifty; of cut sentences every third.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final

from models.text.fold import FOLD, fold, origins
from models.text.spelling import Spelling
from models.text.tokenise import tokeniser

Span = tuple[int, int]

LONGEST_PIECE: Final = 3
"""Most characters of a piece."""

_IDEO = r"\u3400-\u9fff"
_PIECE = rf"[^\W_]{{1,{LONGEST_PIECE}}}"
_GAP = r"(?:[\W_]{1,9}|[ \n|:+=│┼─,.!?;，。！？；：、-]{1,120})"
"""The longer one is the line below a table's head."""
_SEEN = r"[\W_]{0,8}(?:[^\w ]|_)[\W_]{0,8}"
_MAY = re.compile(
    rf"[\W_](?:(?:[^\W_][\W_]{{1,9}}){{3}}|(?:[{_IDEO}]{{1,{LONGEST_PIECE}}}{_SEEN}){{3}})"
)
"""Three characters each by itself, or three short pieces with more than spaces after each: without
them nothing is looked at. gate.c asks the same."""
_CHAIN = re.compile(rf"(?<![^\W_])(?:{_PIECE}{_GAP}){{4,}}{_PIECE}(?![^\W_])")
_LETTERS = re.compile(r"(?<![^\W_])[a-z0-9](?:[\W_]{1,9}[a-z0-9](?![^\W_])){5,}")
_GAPS = re.compile(r"[\W_]+")
_MARK = re.compile(r"[ \n|]*([,.!?;:，。！？；：、])[ \n|]*")
_IDEOGRAPH = re.compile(rf"[{_IDEO}]")

_ENOUGH = 2, 0.15
"""Borders that are crossed at least, and their share of those between ideographs."""
_ENOUGH_SPACED = 4, 0.3
"""The same for words parted by spaces alone, which is how programs mark the words of a text."""
_RARE = 0.2


def may_be_pieces(text: str, folded: str) -> bool:
    """Whether a text should be looked at: it has tabs, or three short pieces stand in a row."""
    return "\t" in text or _MAY.search(folded) is not None


def join_pieces(spelling: Spelling, folded: str | None = None) -> Spelling:
    """The text with the gaps left out that part its words; itself where there are none.

    `folded` is what it reads as, where that is known.
    """
    folded = fold(spelling.text) if folded is None else folded
    if not may_be_pieces(spelling.text, folded):
        return spelling
    by_tabs = "\t" in spelling.text
    gaps = [gap for match in _CHAIN.finditer(folded) for gap in _hiding(match, by_tabs)]
    gaps += [gap for match in _LETTERS.finditer(folded) for gap in _parting(match)]
    if not gaps:
        return spelling
    left_out = {place for start, end in gaps for place in range(start, end)}
    came_from = origins(spelling.text, FOLD)
    gone = {came_from[place] for place in left_out}
    for start, end in gaps:  # what reads as several characters stays unless all are left out
        for inside, outside in ((start, start - 1), (end - 1, end)):
            is_left = 0 <= outside < len(came_from) and outside not in left_out
            if is_left and came_from[inside] == came_from[outside]:
                gone.discard(came_from[inside])
    return spelling.without(sorted(gone))


def _parting(match: re.Match[str]) -> Sequence[Span]:
    """What to leave out of a chain of Latin letters that symbols part: all but the spaces, which
    part words, where symbols are twice as many."""
    gaps = [gap.span() for gap in _GAPS.finditer(match.string, match.start(), match.end())]
    symbols = [(start, end) for start, end in gaps if match.string[start:end].strip(" ")]
    letters = sum(map(str.isalpha, match[0]))
    return symbols if 3 * len(symbols) >= 2 * len(gaps) and letters > len(gaps) // 2 else ()


def _hiding(match: re.Match[str], by_tabs: bool) -> Sequence[Span]:
    """What to leave out of a chain of pieces; nothing where its borders are those of words."""
    gaps = [gap.span() for gap in _GAPS.finditer(match.string, match.start(), match.end())]
    ends = [*(start for start, _ in gaps), match.end()]
    starts = [match.start(), *(end for _, end in gaps)]
    pieces = [match.string[start:end] for start, end in zip(starts, ends, strict=True)]
    borders = set(accumulate(map(len, tokeniser()("".join(pieces)))))
    crossed: list[bool] = []
    counts = {True: (0, 0), False: (0, 0)}  # by whether both pieces are single characters
    for (left, right), place in zip(pairwise(pieces), accumulate(map(len, pieces)), strict=False):
        is_chinese = _IDEOGRAPH.match(left[-1]) is not None and _IDEOGRAPH.match(right) is not None
        is_crossed = is_chinese and place not in borders
        crossed.append(is_crossed)
        singles = len(left) == len(right) == 1
        of, many = counts[singles]
        counts[singles] = of + is_chinese, many + is_crossed
    written = [match.string[start:end] for start, end in gaps]
    enough = _ENOUGH if by_tabs or set("".join(written)) != {" "} else _ENOUGH_SPACED
    if not (
        _are_enough(*counts[False], enough)
        or (2 * counts[True][0] >= len(gaps) and _are_enough(*counts[True], _ENOUGH))
    ):
        return ()
    return _without_marks(gaps, written, crossed)


def _are_enough(of: int, crossed: int, enough: tuple[int, float]) -> bool:
    fewest, share = enough
    return crossed >= max(fewest, share * of)


def _without_marks(
    gaps: Sequence[Span], written: Sequence[str], crossed: Sequence[bool]
) -> list[Span]:
    """The gaps but for the marks that the text itself has: where most gaps are alike, rare others
    that cross no word."""
    usual = Counter(written)
    (_, most), *_ = usual.most_common(1)
    if 2 * most < len(gaps):
        return list(gaps)
    found: list[Span] = []
    for (start, end), gap, is_crossed in zip(gaps, written, crossed, strict=True):
        mark = _MARK.fullmatch(gap)
        if mark is None or is_crossed or usual[gap] > _RARE * len(gaps):
            found.append((start, end))
        else:
            found += [(start, start + mark.start(1)), (start + mark.end(1), end)]
    return found
