"""Closes what was put between or doubled to hide words: 赌 博, 赌*博 and 赌赌赌博 read alike.

The model reads this closed view. What separates by right stays: a gap is closed where it stands
evenly between single characters, or where it parts a word of the dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate

from models.text.tokenise import tokeniser

Span = tuple[int, int]

_IDEO = r"\u3400-\u9fff"
_SEPARATORS = re.escape("\n,.;:!?，。、；：！？…()[]{}<>（）【】「」『』《》〈〉“”‘’\"'|/\\")
_FILLER = rf"(?:_|[^\w{_SEPARATORS}])"
_SINGLE = rf"(?:[{_IDEO}]|(?<![a-z0-9])[a-z0-9](?![a-z0-9]))"

_SPACES = re.compile(rf"(?<=[{_IDEO}]) +(?=[{_IDEO}])")
_APART = re.compile(r"[\W_].[\W_].[\W_]", re.DOTALL)
_SAME = re.compile(rf"{_SINGLE}((?:[\W_]){{1,3}})(?:.\1){{2,}}.?", re.DOTALL)
_MIXED = re.compile(rf"{_SINGLE}(?:{_FILLER}{{1,3}}{_SINGLE}){{3,}}")
_INSIDE = re.compile(rf"(?<=[{_IDEO}{_SEPARATORS}]){_FILLER}{{1,3}}(?=[{_IDEO}{_SEPARATORS}])")
_SYMBOL = re.compile(rf"[{_IDEO}](?:_|[^\w\s{_SEPARATORS}])")

_TWICE = re.compile(r"([^\W\d_])\1")
_RUN = re.compile(r"([^\W\d_])\1{2,}")
_MARK_RUN = re.compile(r"([^\w\s])\1{2,}")
_PAIRS = re.compile(r"(?:(.)\1){3,}", re.DOTALL)
_TRIPLES = re.compile(r"(?:(.)\1\1){3,}", re.DOTALL)
LAUGHTER = frozenset("哈呵嘿嘻嘎吼啊呀哦噢喔嗯唉喂哇啦呜呃额恩嗷汪喵咩咕w")
"""What people write in rows without hiding anything."""
_DOUBLED = frozenset("eo")
"""Latin letters that words have twice; of others one remains of three and more."""

_FEWEST_LETTERS = 4
_FEWEST_DIGITS = 7
_FEWEST_DOUBLED = 3


def close_gaps(folded: str) -> str:
    """The folded view without what hides its words: the closed view."""
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


def kept_positions(folded: str) -> list[int]:
    """For each character of the closed view, its index in the folded view."""
    kept: list[int] = []
    done = 0
    for start, end in dropped(folded):
        kept.extend(range(done, start))
        done = end
    kept.extend(range(done, len(folded)))
    return kept


def dropped(folded: str) -> list[Span]:
    """The spans of the folded view that the closed view leaves out, in order, apart."""
    spans: set[Span] = set()
    if " " in folded:
        spans.update(match.span() for match in _SPACES.finditer(folded))
    if _APART.search(folded):
        rest = list(folded)
        for match in _SAME.finditer(folded):
            if even := _even(match):
                spans.update(even)
                if " " in match[0]:  # what parts words there, the next pattern must not see
                    rest[match.start() : match.end()] = "\n" * len(match[0])
        for match in _MIXED.finditer("".join(rest)):
            if _is_chain(match[0]):
                spans.update(_others(match[0], match.start()))
    if _SYMBOL.search(folded):
        spans.update(_within_words(folded))
    if _TWICE.search(folded):
        spans.update(_repeated(folded))
    return _apart(spans) if spans else []


def _even(match: re.Match[str]) -> Iterable[Span]:
    """The gaps of a stretch where the same one stands after every single character."""
    stretch, gap, start = match[0], match[1], match.start()
    step = 1 + len(gap)
    letters = stretch[::step]
    if not _is_chain(letters):
        return ()
    return [(start + place, start + place + len(gap)) for place in range(1, len(stretch), step)]


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
    bare = []
    done = 0
    places: list[int] = []  # of the gaps, in the text without them
    for start, end in gaps:
        bare.append(folded[done:start])
        places.append((places[-1] if places else 0) + start - done)
        done = end
    bare.append(folded[done:])
    edges = frozenset(accumulate(map(len, tokeniser()("".join(bare))), initial=0))
    parting = {
        folded[start:end]
        for (start, end), place in zip(gaps, places, strict=True)
        if place not in edges
    }
    if len(parting) > 1:
        return gaps
    return [(start, end) for start, end in gaps if folded[start:end] in parting]


def _repeated(folded: str) -> Iterable[Span]:
    """What is too much of letters in rows, and the copies where all stand twice or thrice."""
    spans: list[Span] = []
    for pattern, times in ((_TRIPLES, 3), (_PAIRS, 2)):
        for match in pattern.finditer(folded):
            letters = {char for char in match[0] if char.isalpha()}
            if len(letters - LAUGHTER) >= _FEWEST_DOUBLED:
                places = range(match.start(), match.end(), times)
                spans.extend((place + 1, place + times) for place in places)
        if spans:
            return spans
    for match in _RUN.finditer(folded):
        letter = match[1]
        if letter not in LAUGHTER:
            spans.append((match.start() + (2 if letter in _DOUBLED else 1), match.end()))
    if spans:
        spans.extend((m.start() + 1, m.end()) for m in _MARK_RUN.finditer(folded))
    return spans


def _apart(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that touch or overlap joined."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
