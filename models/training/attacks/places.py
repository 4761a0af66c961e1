"""The telling places of a text, and how a rewriting of words or letters becomes one of places."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from math import ceil

from models.text.tokenise import tokeniser
from models.training.attacks.model import Rewrite, Span

MOST_KEY_WORDS = 4
"""Where nobody says what is telling, so many of the longest words are taken for it."""

RewriteStretch = Callable[[str, random.Random], str]
"""Rewrites a place, or one letter."""


def key_words(text: str) -> list[Span]:
    """The longest words of two letters and more: what a text is likely to be about."""
    words = [
        (start, end) for start, end in _words(text) if end - start > 1 and text[start:end].isalpha()
    ]
    longest = sorted(words, key=lambda span: (span[0] - span[1], span[0]))[:MOST_KEY_WORDS]
    return sorted(longest)


def whole_words(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans widened to the borders of words, in order, joined where they touch."""
    borders = list(accumulate(map(len, tokeniser()(text)), initial=0))
    found: list[Span] = []
    for start, end in sorted(spans):
        first = borders[bisect_right(borders, start) - 1]
        last = borders[bisect_left(borders, end)]
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(last, found[-1][1])
        else:
            found.append((first, last))
    return found


def is_letter(char: str) -> bool:
    """Whether a character is an ideograph, a letter or a digit."""
    return char.isalnum()


def is_ideograph(char: str) -> bool:
    """Whether a character is a common ideograph."""
    return "\u4e00" <= char <= "\u9fff"


def throughout(rewrite: RewriteStretch) -> Rewrite:
    """The whole text rewritten, wherever its telling places are."""

    def apply(text: str, _: Sequence[Span], chance: random.Random) -> str:
        return rewrite(text, chance)

    return apply


def each_place(rewrite: RewriteStretch) -> Rewrite:
    """Each telling place rewritten as one stretch."""

    def apply(text: str, places: Sequence[Span], chance: random.Random) -> str:
        pieces = []
        done = 0
        for start, end in places:
            pieces += [text[done:start], rewrite(text[start:end], chance)]
            done = end
        return "".join(pieces) + text[done:]

    return apply


def each_letter(rewrite: RewriteStretch, *, share: float = 1.0) -> Rewrite:
    """In each telling place, a share of the letters that `rewrite` can change; one at least."""
    return each_place(some_letters(rewrite, share=share))


def some_letters(rewrite: RewriteStretch, *, share: float = 1.0) -> RewriteStretch:
    """A stretch with a share of those letters rewritten that `rewrite` can change; one at least."""

    def apply(stretch: str, chance: random.Random) -> str:
        letters = [rewrite(char, chance) if is_letter(char) else char for char in stretch]
        changed = [place for place, char in enumerate(stretch) if letters[place] != char]
        chosen = set(chance.sample(changed, ceil(share * len(changed))))
        return "".join(
            letters[place] if place in chosen else char for place, char in enumerate(stretch)
        )

    return apply


def between_letters(put: Callable[[random.Random], str]) -> RewriteStretch:
    """A stretch with something after each letter that another letter follows."""

    def apply(stretch: str, chance: random.Random) -> str:
        pieces = [stretch[:1]]
        for char, following in pairwise(stretch):
            if is_letter(char) and is_letter(following):
                pieces.append(put(chance))
            pieces.append(following)
        return "".join(pieces)

    return apply


def from_table(table: Mapping[str, Sequence[str]]) -> RewriteStretch:
    """One character replaced by any of those that the table has for it."""

    def apply(char: str, chance: random.Random) -> str:
        return chance.choice(table[char]) if char in table else char

    return apply


def words_from_table(table: Mapping[str, Sequence[str]]) -> RewriteStretch:
    """Every word of the table replaced by any that stands for it, the longest words first."""
    longest = max(map(len, table))

    def apply(stretch: str, chance: random.Random) -> str:
        pieces = []
        place = 0
        while place < len(stretch):
            for length in range(min(longest, len(stretch) - place), 0, -1):
                word = stretch[place : place + length]
                if word in table:
                    pieces.append(chance.choice(table[word]))
                    break
            else:
                length, word = 1, stretch[place]
                pieces.append(word)
            place += length
        return "".join(pieces)

    return apply


def _words(text: str) -> Iterable[Span]:
    start = 0
    for word in tokeniser()(text):
        yield start, start + len(word)
        start += len(word)
