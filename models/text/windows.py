"""Windows over a long text, so that a short breach is not drowned by what stands around it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Scale:
    """Windows of at least `size` characters, each beginning `step` characters after the last; for
    texts of more than `beyond` characters."""

    size: int
    step: int
    beyond: int


WIDE = Scale(size=400, step=300, beyond=500)
"""What a paragraph says as a whole."""

NARROW = Scale(size=80, step=50, beyond=120)
"""What a sentence or two say: an advert in the middle of harmless talk."""


def cut(words: list[str], length: int) -> Iterator[tuple[int, int, int, int]]:
    """The parts of a text that are judged, the worst of which counts, as `windows` gives them.

    `words` are the text's, `length` its characters. A short text is one part; a longer one is also
    read through narrow windows, and beyond what wide ones hold no longer as a whole.
    """
    if length > WIDE.beyond:
        yield from windows(words, WIDE)
    else:
        yield 0, length, 0, len(words)
    if length > NARROW.beyond:
        yield from windows(words, NARROW)


def cut_apart(words: list[str], length: int, aside: int) -> Iterator[tuple[int, int, int, int]]:
    """The parts of what is shown, and those of what is hidden, from character `aside` on.

    So what a text hides is judged by itself, and not drowned by what stands around it.
    """
    first = start = 0
    while first < len(words) and start < aside:
        start += len(words[first])
        first += 1
    yield from cut(words[:first], start)
    for begin, end, low, high in cut(words[first:], length - start):
        yield begin + start, end + start, low + first, high + first


def windows(words: list[str], scale: Scale) -> Iterator[tuple[int, int, int, int]]:
    """Overlapping windows over `words`: start and end in characters, first and last in words.

    Half-open; each is at least `scale.size` characters long where the text allows it, and the next
    begins `scale.step` characters after it, on the border of a word.
    """
    borders = list(accumulate(map(len, words), initial=0))
    first, count = 0, len(words)
    while first < count:
        start = borders[first]
        last = min(bisect_left(borders, start + scale.size, first), count)
        yield start, borders[last], first, last
        if last == count:
            return
        first = bisect_left(borders, start + scale.step, first)
