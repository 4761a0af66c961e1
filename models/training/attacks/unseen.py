"""Attacks of tier A with what a reader does not see: invisible characters, marks, hidden text."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from models.training.attacks.model import AimedAttack, Rewrite
from models.training.attacks.places import (
    between_letters,
    each_letter,
    each_place,
    is_letter,
    throughout,
)

_ZERO_WIDTH = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff")
_RARE = ("\u00ad", "\u034f", "\u061c", "\u180e", "\u2061", "\u2062", "\u2063", "\ufff9", "\ufffb")
_BLANK = ("\u115f", "\u1160", "\u2800", "\u3164", "\uffa0")
_SELECTORS = ("\ufe00", "\ufe0e", "\ufe0f", "\U000e0100", "\U000e01ef")
_STROKES = ("\u0301", "\u0332", "\u0335", "\u0336", "\u0337", "\u0338", "\u20d2", "\u20e0")
_COVERS = (
    "周报请查收，有问题留言。😀",
    "明天上午十点例会，地点不变。🙂",
    "Thanks, see you on Monday 👍",
)


def _some(characters: Sequence[str], most: int) -> Callable[[random.Random], str]:
    """One to `most` of the characters, by chance."""

    def put(chance: random.Random) -> str:
        return "".join(chance.choices(characters, k=chance.randint(1, most)))

    return put


def _between(characters: Sequence[str], most: int = 1) -> Rewrite:
    return each_place(between_letters(_some(characters, most)))


def _strike(char: str, chance: random.Random) -> str:
    return char + "".join(chance.choices(_STROKES, k=chance.randint(1, 3)))


def _tag(chance: random.Random) -> str:
    """Up to three tag characters: too few to hide a text, enough to part a word."""
    return "".join(chr(0xE0000 + chance.randint(0x61, 0x7A)) for _ in range(chance.randint(1, 3)))


def _hide_in_selectors(text: str, chance: random.Random) -> str:
    """The bytes of the text as variation selectors behind an emoji of a harmless sentence."""
    if not any(map(is_letter, text)):
        return text
    hidden = (chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in text.encode())
    return chance.choice(_COVERS) + "".join(hidden)


def _hide_in_tags(text: str, chance: random.Random) -> str:
    """A text of ASCII as tag characters behind a harmless sentence; another has no such form."""
    if not text.isascii() or not any(map(is_letter, text)):
        return text
    tags = (chr(0xE0000 + ord(char)) for char in text if char.isprintable())
    return chance.choice(_COVERS) + "".join(tags)


ATTACKS = (
    AimedAttack("zero_width", "A", _between(_ZERO_WIDTH)),
    AimedAttack("zero_width_runs", "A", _between(_ZERO_WIDTH, most=6)),
    AimedAttack("rare_invisibles", "A", _between(_RARE, most=2)),
    AimedAttack("blank_letters", "A", _between(_BLANK)),
    AimedAttack("variation_selectors", "A", _between(_SELECTORS)),
    AimedAttack("struck_through", "A", each_letter(_strike)),
    AimedAttack("tag_characters", "A", each_place(between_letters(_tag))),
    AimedAttack("hidden_in_selectors", "A", throughout(_hide_in_selectors)),
    AimedAttack("hidden_in_tags", "A", throughout(_hide_in_tags)),
)
