"""Attacks of tier B by sound: homophones, exact and regional, and characters written as spelt.

The readings are pypinyin's, and no table of a counter-measure, so that an error there is seen.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from functools import cache

from pypinyin import Style, lazy_pinyin

from models.training.attacks.between import spaced
from models.training.attacks.model import AimedAttack
from models.training.attacks.places import (
    RewriteStretch,
    each_letter,
    each_place,
    is_ideograph,
    some_letters,
)

_REGIONAL_INITIALS = (
    ("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"), ("r", "l"), ("l", "n"),
    ("z", "zh"), ("c", "ch"), ("s", "sh"), ("h", "f"),
)  # fmt: skip
_REGIONAL_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"), ("an", "ang"), ("en", "eng"),
                    ("in", "ing"))  # fmt: skip
_DIGITS = str.maketrans("oilesg", "011359")
_CYRILLIC = str.maketrans("aeopcxyijs", "аеорсхуіјѕ")


@cache
def syllable(char: str, style: Style = Style.NORMAL) -> str:
    """The commonest reading of a character; empty for what has none."""
    found = lazy_pinyin(char, style=style, errors="ignore")
    return str(found[0]) if found else ""


@cache
def _characters(style: Style) -> dict[str, tuple[str, ...]]:
    """By syllable the characters of everyday use that are read so."""
    found: dict[str, list[str]] = defaultdict(list)
    for first in range(0xB0, 0xD8):  # the first level of GB 2312
        for second in range(0xA1, 0xFF):
            try:
                char = bytes((first, second)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            found[syllable(char, style)].append(char)
    return {syllable: tuple(chars) for syllable, chars in found.items()}


def _another(char: str, syllable: str, style: Style, chance: random.Random) -> str:
    others = [other for other in _characters(style).get(syllable, ()) if other != char]
    return chance.choice(others) if others else char


def _homophone(char: str, chance: random.Random) -> str:
    if not is_ideograph(char):
        return char
    return _another(char, syllable(char), Style.NORMAL, chance)


def _same_tone(char: str, chance: random.Random) -> str:
    if not is_ideograph(char):
        return char
    return _another(char, syllable(char, Style.TONE3), Style.TONE3, chance)


def _regional(char: str, chance: random.Random) -> str:
    """A character that some regions do not tell apart by ear: 找 for 早, 蓝 for 难, 沈 for 省."""
    if not is_ideograph(char):
        return char
    said = syllable(char)
    heard = [
        new + said.removeprefix(old)
        for old, new in _REGIONAL_INITIALS
        if said.startswith(old) and (len(old) == 2 or said[1:2] != "h")
    ]
    heard += [said.removesuffix(old) + new for old, new in _REGIONAL_FINALS if said.endswith(old)]
    known = [syllable for syllable in heard if syllable in _characters(Style.NORMAL)]
    return _another(char, chance.choice(known), Style.NORMAL, chance) if known else char


def _spelt(style: Style, *, joint: str = "", then: Callable[[str], str] = str) -> RewriteStretch:
    """The ideographs of a stretch as they are spelt, `joint` between syllables, `then` on it."""

    def apply(stretch: str, _: random.Random) -> str:
        if not any(map(is_ideograph, stretch)):
            return stretch
        return then(joint.join(lazy_pinyin(stretch, style=style)))

    return apply


def _with_digits(spelt: str) -> str:
    return spelt.translate(_DIGITS)


def _in_cyrillic(spelt: str) -> str:
    return spelt.translate(_CYRILLIC)


def _spell(char: str, _: random.Random) -> str:
    return syllable(char) if is_ideograph(char) else char


def _spaced_homophones(stretch: str, chance: random.Random) -> str:
    return spaced(some_letters(_homophone, share=0.5)(stretch, chance), chance)


ATTACKS = (
    AimedAttack("homophones", "B", each_letter(_homophone, share=0.5)),
    AimedAttack("homophones_all", "B", each_letter(_homophone)),
    AimedAttack("homophones_same_tone", "B", each_letter(_same_tone, share=0.5)),
    AimedAttack("homophones_regional", "B", each_letter(_regional, share=0.5)),
    AimedAttack("homophones_spaced", "B", each_place(_spaced_homophones)),
    AimedAttack("pinyin", "B", each_place(_spelt(Style.NORMAL))),
    AimedAttack("pinyin_half", "B", each_letter(_spell, share=0.5)),
    AimedAttack("pinyin_spaced", "B", each_place(_spelt(Style.NORMAL, joint=" "))),
    AimedAttack("pinyin_tones", "B", each_place(_spelt(Style.TONE))),
    AimedAttack("pinyin_tone_digits", "B", each_place(_spelt(Style.TONE3))),
    AimedAttack(
        "pinyin_digits_for_letters", "B", each_place(_spelt(Style.NORMAL, then=_with_digits))
    ),
    AimedAttack("pinyin_in_cyrillic", "B", each_place(_spelt(Style.NORMAL, then=_in_cyrillic))),
    AimedAttack("pinyin_initials", "B", each_place(_spelt(Style.FIRST_LETTER))),
    AimedAttack(
        "pinyin_initials_capital", "B", each_place(_spelt(Style.FIRST_LETTER, then=str.upper))
    ),
    AimedAttack("bopomofo", "B", each_place(_spelt(Style.BOPOMOFO))),
)
