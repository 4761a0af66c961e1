"""Windows over a long text, so that a short breach is not drowned by what stands around it."""

from __future__ import annotations

from collections.abc import Iterator

WHOLE = 500
"""Up to so many code points of the closed view, a text is judged as a whole."""

_SIZE = 400
_STEP = 300


def windows(words: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Overlapping windows over `words`: start and end in characters, first and last in words.

    Half-open; each is at least `_SIZE` characters long where the text allows it, and the next
    begins `_STEP` characters after it, on the border of a word.
    """
    start = first = 0
    while first < len(words):
        end, last = start, first
        next_start, next_first = start, first
        while last < len(words) and end - start < _SIZE:
            end += len(words[last])
            last += 1
            if next_start - start < _STEP:
                next_start, next_first = end, last
        yield start, end, first, last
        if last == len(words):
            return
        start, first = next_start, next_first


def windows_apart(words: list[str], aside: int) -> Iterator[tuple[int, int, int, int]]:
    """The windows over what is shown, and those over what is hidden, from character `aside` on.

    So what a text hides is judged by itself, and not drowned by what stands around it.
    """
    first = start = 0
    while first < len(words) and start < aside:
        start += len(words[first])
        first += 1
    yield from windows(words[:first])
    for begin, end, low, high in windows(words[first:]):
        yield begin + start, end + start, low + first, high + first
