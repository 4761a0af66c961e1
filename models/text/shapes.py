"""Look-alikes: characters and letters that are written for others, and characters in parts.

All of it is limited to what word lists hold: a look-alike of a character that no entry has, or the
parts of one, are ordinary writing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from models.text.tables import letters, parts, shapes

_INDICATORS = {chr(0x1F1E6 + number): chr(ord("a") + number) for number in range(26)}
"""Regional indicators: letters in boxes, of which two make a flag."""

LETTERS = {record[0]: record[1] for record in letters.ALIKE.split()} | _INDICATORS
"""Folded letters of other scripts, and the Latin letter each looks like."""

ALPHABETIC = "a-z\u00df-\u1fff\u2c00-\u2dff\ua4d0-\uabff\U0001f1e6-\U0001f1ff"
"""As a class of a pattern: what a folded text must have to hold anything like Latin letters."""

DIGITS = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s"}
"""Digits and signs that stand for letters within a word."""


@cache
def _alike() -> dict[str, str]:
    return {record[0]: record[1:] for record in shapes.ALIKE.split()}


@cache
def _split() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for record in parts.SPLIT.split():
        found[record[0]].append(record[1:])
    return {char: tuple(ways) for char, ways in found.items()}


def lookalikes(characters: Iterable[str]) -> dict[str, str]:
    """What looks like one of these characters, and those of them that it looks like."""
    alike = _alike()
    found: dict[str, str] = defaultdict(str)
    for char in sorted(characters):
        for other in alike.get(char, ""):
            found[other] += char
    return dict(found)


def splits(characters: Iterable[str]) -> dict[str, str]:
    """What these characters can be split into, and the character that it makes."""
    ways = _split()
    return {way: char for char in sorted(characters) for way in ways.get(char, ())}
