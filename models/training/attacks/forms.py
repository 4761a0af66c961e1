"""Attacks of tier A that write the same characters in other forms: width, case, script, style."""

from __future__ import annotations

import random
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from functools import cache

import opencc

from models.training.attacks.model import AimedAttack
from models.training.attacks.places import each_letter, from_table, some_letters, throughout

_STYLES = tuple(
    (chr(upper), chr(lower), zero and chr(zero))
    for upper, lower, zero in (
        (0x1D400, 0x1D41A, 0x1D7CE),  # bold
        (0x1D468, 0x1D482, 0),  # bold italic
        (0x1D4D0, 0x1D4EA, 0),  # bold script
        (0x1D56C, 0x1D586, 0),  # bold Fraktur
        (0x1D5D4, 0x1D5EE, 0x1D7EC),  # sans-serif bold
        (0x1D670, 0x1D68A, 0x1D7F6),  # monospace
        (0x24B6, 0x24D0, 0),  # circled
        (0x1F150, 0x1F150, 0),  # white on black circles
        (0x1F170, 0x1F170, 0),  # white on black squares
    )
)
"""By style the forms of A, a and, where it has digits, 0."""


def _widen(text: str, _: random.Random) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def _change_case(text: str, chance: random.Random) -> str:
    return "".join(chance.choice((char.upper(), char.lower())) for char in text)


@cache
def _converter(name: str) -> Callable[[str], str]:
    convert: Callable[[str], str] = opencc.OpenCC(name).convert
    return convert


def _traditional(text: str, _: random.Random) -> str:
    return _converter("s2t")(text)


def _japanese(text: str, _: random.Random) -> str:
    return _converter("t2jp")(_converter("s2t")(text))


def _half_traditional(text: str, chance: random.Random) -> str:
    return some_letters(lambda char, _: _converter("s2t")(char), share=0.5)(text, chance)


@cache
def _compatibility_forms() -> dict[str, tuple[str, ...]]:
    """Radicals, compatibility ideographs and enclosed ones, by the character they stand for."""
    forms: dict[str, list[str]] = defaultdict(list)
    for first, last in (
        (0x2E80, 0x2FD5),
        (0x3280, 0x33FF),
        (0xF900, 0xFAFF),
        (0x2F800, 0x2FA1F),
    ):
        for code in range(first, last + 1):
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1 and plain != chr(code):
                forms[plain].append(chr(code))
    return {plain: tuple(found) for plain, found in forms.items()}


def _compose(char: str, chance: random.Random) -> str:
    return from_table(_compatibility_forms())(char, chance)


def _restyle(text: str, chance: random.Random) -> str:
    upper, lower, zero = chance.choice(_STYLES)
    pieces = []
    for char in text:
        if "A" <= char <= "Z":
            pieces.append(chr(ord(upper) + ord(char) - ord("A")))
        elif "a" <= char <= "z":
            pieces.append(chr(ord(lower) + ord(char) - ord("a")))
        elif zero and "0" <= char <= "9":
            pieces.append(chr(ord(zero) + ord(char) - ord("0")))
        else:
            pieces.append(char)
    return "".join(pieces)


ATTACKS = (
    AimedAttack("full_width", "A", throughout(_widen)),
    AimedAttack("mixed_case", "A", throughout(_change_case)),
    AimedAttack("traditional", "A", throughout(_traditional)),
    AimedAttack("half_traditional", "A", throughout(_half_traditional)),
    AimedAttack("japanese_forms", "A", throughout(_japanese)),
    AimedAttack("compatibility_forms", "A", each_letter(_compose)),
    AimedAttack("styled_letters", "A", throughout(_restyle)),
)
