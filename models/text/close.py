"""Closes what was put between or doubled to hide words: 赌 博, 赌*博 and 赌赌赌博 read alike.

The model reads this closed view. White space between ideographs goes, and of what separates by
right, what stands evenly between single characters or parts a word of the dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain

from models.text.tokenise import borders_near, tokeniser

Span = tuple[int, int]

_IDEO = r"\u3400-\u9fff"
_SEPARATORS = re.escape("\n,.;:!?，。、；：！？…()[]{}<>（）【】「」『』《》〈〉“”‘’\"'|/\\")
_FILLER = rf"(?:_|[^\w{_SEPARATORS}])"
_SINGLE = rf"(?:[{_IDEO}]|(?<![a-z0-9])[a-z0-9](?![a-z0-9]))"

_SPACES = re.compile(rf"(?<=[{_IDEO}])[ \n]+(?=[{_IDEO}])")
_APART = re.compile(r"[\W_].[\W_].[\W_]", re.DOTALL)
_SAME = re.compile(rf"{_SINGLE}((?:[\W_]){{1,3}})(?:.\1){{2,}}.?", re.DOTALL)
MAX_CELL_GAP = 9
"""Most characters between cells and lines of one character each, in however many rows."""
CELL_GAP = re.compile(rf"[ |\n]{{1,{MAX_CELL_GAP}}}")
_CELLS = re.compile(rf"(?<![^ |\n])[^ |\n](?:{CELL_GAP.pattern}+[^ |\n](?![^ |\n])){{3,}}")
"""Cells or lines of one character each, in however many rows."""
_LETTERS = re.compile(rf"[{_IDEO}]")
_MIXED = re.compile(rf"{_SINGLE}(?:[\W_]{{1,6}}{_SINGLE}){{3,}}")
_NO_GAP = "α"
_INSIDE = re.compile(rf"(?<=[{_IDEO}{_SEPARATORS}]){_FILLER}{{1,6}}(?=[{_IDEO}{_SEPARATORS}])")
_PARTED = re.compile(rf"(?<=[{_IDEO}])[\W_]{{1,6}}(?=[{_IDEO}])")
_APART_WORDS = re.compile(rf"\0[{_IDEO}](?:\0[\W_]{{1,3}}){{1,6}}\0[{_IDEO}]\0")
PARTING = "./|\\\n'\"<>{}[]"
"""Separators that hardly part a word, with spaces around them as in a table's cells or without."""
_SEPARATED = re.compile(rf"(?<=[{_IDEO}]) ?(?:[{re.escape(PARTING)}] ?){{1,3}}(?=[{_IDEO}])")
_MARK = re.compile(rf"[^{_IDEO}a-z0-9 ,。、!?:;()“”《》【】]")
"""Without one of these nothing but spaces, commas and rows can hide a word."""
_SYMBOL = re.compile(rf"[^{_IDEO}a-z0-9\s{_SEPARATORS}]")

_TWICE = re.compile(r"(.)\1", re.DOTALL)
_ISLAND = re.compile(r"(?:(.)\1+)+", re.DOTALL)
"""Rows of the same character one beside the other: what all that follow are found in."""
_ROW = re.compile(r"([^\W\d_])\1+")
_ROWS = re.compile(r"(?:([^\W\d_])\1+){2,}")
_RUN = re.compile(r"([^\W\d_])\1{2,}")
_MARK_RUN = re.compile(r"([^\w\s])\1{2,}")
_PAIRS = re.compile(r"(?:(.)\1){3,}", re.DOTALL)
_TRIPLES = re.compile(r"(?:(.)\1\1){3,}", re.DOTALL)
LAUGHTER = frozenset("哈呵嘿嘻嘎吼啊呀哦噢喔嗯唉喂哇啦呜呃额恩嗷汪喵咩咕w")
"""What people write in rows without hiding anything."""
_FIGURES = frozenset("零〇一二三四五六七八九幺两")
KEPT = LAUGHTER | _FIGURES
"""What stands in rows by right."""
_DOUBLED = frozenset("eo")
"""Latin letters that words have twice; of others one remains of three and more."""

_FEWEST_LETTERS = 4
_FEWEST_DIGITS = 7
_FEWEST_DOUBLED = 3


def close_gaps(folded: str, spans: list[Span] | None = None) -> str:
    """The folded view without what hides its words: the closed view.

    `spans` is what `dropped` gives for it, where that is known already.
    """
    if spans is None:
        spans = dropped(folded)
    if not spans:
        return folded
    pieces = []
    done = 0
    for start, end in spans:
        pieces.append(folded[done:start])
        done = end
    pieces.append(folded[done:])
    return "".join(pieces)


def kept_positions(folded: str, spans: list[Span] | None = None) -> Sequence[int]:
    """For each character of the closed view, its index in the folded view; `spans` as before."""
    if spans is None:
        spans = dropped(folded)
    if not spans:
        return range(len(folded))
    kept: list[int] = []
    done = 0
    for start, end in spans:
        kept.extend(range(done, start))
        done = end
    kept.extend(range(done, len(folded)))
    return kept


def dropped(
    folded: str, words: list[str] | None = None, has_rows: bool | None = None
) -> list[Span]:
    """The spans of the folded view that the closed view leaves out, in order, apart.

    `words` are those of the folded view and `has_rows` says whether it has characters that stand
    twice in a row, where that is known already.
    """
    spans: set[Span] = set()
    has_marks = _MARK.search(folded) is not None
    if " " in folded or "\n" in folded:
        spans.update(match.span() for match in _SPACES.finditer(folded))
    elif not has_marks and folded.count(",") < 3 and folded.count("、") < 3:
        return _repeated(folded) if has_rows or (has_rows is None and rows_in(folded)) else []
    if _APART.search(folded):
        spans.update(_chains(folded))
    if has_marks:
        if _SYMBOL.search(folded):
            spans.update(_within_words(folded))
        if _SEPARATED.search(folded):
            spans.update(_single_words(folded, tokeniser()(folded) if words is None else words))
    if has_rows or (has_rows is None and rows_in(folded)):
        spans.update(_repeated(folded))
    return _apart(spans) if spans else []


def parts_words(folded: str, words: list[str]) -> bool:
    """Whether a symbol or a separator in the folded view parts a word of the dictionary."""
    return bool(
        (_SYMBOL.search(folded) and _within_words(folded))
        or (_SEPARATED.search(folded) and _single_words(folded, words))
    )


def rows_in(folded: str) -> bool:
    """Whether a character stands twice in a row."""
    return _TWICE.search(folded) is not None


def _chains(folded: str) -> Iterable[Span]:
    """The gaps between single characters that stand apart, each from the next."""
    spans: list[Span] = []
    rest = list(folded)
    for match in _CELLS.finditer(folded):
        if _is_table(match[0]):
            cells = CELL_GAP.finditer(folded, match.start(), match.end())
            spans.extend(gap.span() for gap in cells)
            rest[match.start() : match.end()] = _NO_GAP * len(match[0])
    for match in _SAME.finditer("".join(rest)):
        if even := _even(match):
            spans.extend(even)
            # What parts words there the next pattern must not take for a gap.
            rest[match.start() : match.end()] = _without_parting(match)
    for match in _MIXED.finditer("".join(rest)):
        if _is_chain(match[0]):
            spans.extend(_others(match[0], match.start()))
    return spans


def _even(match: re.Match[str]) -> Iterable[Span]:
    """The gaps of a stretch where the same one stands after every single character."""
    stretch, gap, start = match[0], match[1], match.start()
    step = 1 + len(gap)
    letters = stretch[::step]
    if not _is_chain(letters):
        return ()
    return [(start + place, start + place + len(gap)) for place in range(1, len(stretch), step)]


def _without_parting(match: re.Match[str]) -> str:
    """The stretch with what is dropped as gaps, and what stands where letters do as none."""
    step = 1 + len(match[1])
    return "".join(
        [
            "\n" if place % step else char if char.isalnum() else _NO_GAP
            for place, char in enumerate(match[0])
        ]
    )


def _is_table(stretch: str) -> bool:
    """Whether cells or lines of one character each hold a Chinese text: spaces alone hide no word
    that is not found without them, and between Latin letters they may be meant."""
    letters = CELL_GAP.sub("", stretch)
    return ("|" in stretch or "\n" in stretch) and len(_LETTERS.findall(letters)) >= _FEWEST_LETTERS


def _is_chain(stretch: str) -> bool:
    """Whether there are letters enough for a word, or digits for a number."""
    letters = [char for char in stretch if char.isalnum()]
    if all(char.isdigit() for char in letters):
        return len(letters) >= _FEWEST_DIGITS
    return len(letters) >= _FEWEST_LETTERS and 2 * len(letters) >= len(stretch) // 2


def _others(stretch: str, offset: int) -> Iterable[Span]:
    return [
        (offset + place, offset + place + 1)
        for place, char in enumerate(stretch)
        if not char.isalnum()
    ]


def _within_words(folded: str) -> Iterable[Span]:
    """The gaps of symbols between ideographs, where one of them parts a word.

    All gaps written alike are closed with it, and all gaps where two that differ part words.
    """
    gaps = [match.span() for match in _INSIDE.finditer(folded) if match[0].strip()]
    bare, places = _without(folded, gaps)
    edges = borders_near(bare, ((place, place) for place in places))
    parting = {
        folded[start:end]
        for (start, end), place in zip(gaps, places, strict=True)
        if place not in edges
    }
    if len(parting) > 1:
        return gaps
    return [(start, end) for start, end in gaps if folded[start:end] in parting]


def _single_words(folded: str, words: list[str]) -> Iterable[Span]:
    """The gaps that part a word of the dictionary into words of one character.

    Of 很好,吃饭 nothing is closed: 吃 belongs to a word of its own.
    """
    if _APART_WORDS.search("\0".join(["", *words, ""])) is None:
        return ()
    borders = set(accumulate(map(len, words), initial=0))
    gaps = [
        (start, end)
        for start, end in map(re.Match.span, _PARTED.finditer(folded))
        if start - 1 in borders and start in borders and end in borders and end + 1 in borders
    ]
    bare, places = _without(folded, gaps)
    edges = borders_near(bare, ((place, place) for place in places))
    return [gap for gap, place in zip(gaps, places, strict=True) if place not in edges]


def _without(folded: str, gaps: Iterable[Span]) -> tuple[str, list[int]]:
    """The folded view without these gaps, and where each of them was in it."""
    bare = []
    places: list[int] = []
    done = size = 0
    for start, end in gaps:
        bare.append(folded[done:start])
        size += start - done
        places.append(size)
        done = end
    bare.append(folded[done:])
    return "".join(bare), places


def _repeated(folded: str) -> list[Span]:
    """What is too much of letters in rows, and the copies where all stand twice or thrice."""
    islands = [i.span() for i in _ISLAND.finditer(folded) if i.end() - i.start() > 2]
    if not islands:
        return []

    def find(pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        return chain.from_iterable(pattern.finditer(folded, *island) for island in islands)

    spans: list[Span] = []
    for pattern, times in ((_TRIPLES, 3), (_PAIRS, 2)):
        for match in find(pattern):
            letters = {char for char in match[0] if char.isalpha()}
            if len(letters - KEPT) >= _FEWEST_DOUBLED:
                places = range(match.start(), match.end(), times)
                spans.extend((place + 1, place + times) for place in places)
        if spans:
            break
    for match in find(_ROWS):
        rows = list(_ROW.finditer(match[0]))
        if any(row.end() - row.start() > 2 for row in rows) and (
            KEPT.isdisjoint(match[0]) and not match[0].isascii()
        ):
            at = match.start()
            spans.extend((at + row.start() + 1, at + row.end()) for row in rows)
    for match in find(_RUN):
        letter = match[1]
        if letter not in KEPT:
            spans.append((match.start() + (2 if letter in _DOUBLED else 1), match.end()))
    if spans:
        spans.extend((m.start() + 1, m.end()) for m in find(_MARK_RUN))
    return _apart(spans)


def _apart(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that touch or overlap joined."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
