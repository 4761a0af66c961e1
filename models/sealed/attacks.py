"""The sealed attacks: five that normalising undoes (tier A), five that need data (tier B).

Sealed: counted by `evaluate --sealed`, never read while anything is tuned.
"""

from __future__ import annotations

import functools
import random
import re
import unicodedata
from collections.abc import Callable, Iterator

import opencc

from models.sealed.characters import CHARACTERS, WORDS
from models.training.attacks.model import Attack

_INVISIBLE = (
    "\u115f\u1160\u17b4\u180b\u180e\u200c\u2061\u2062\u2063\u2064\u206a\u3164\ufe03\uffa0\U000e0105"
)
_MARKS = "\u0336\u0338\u0489\u20d2\u20dd\u20e0\u1ab7"
_SYMBOLS = "╱╎◦⁂※⸱▚⌇∿⋮⊹❘░✦◈〰⟡⁘"
_EMOJI = ("🌾", "🫧", "🪵", "🧷", "🐚", "🫖")
_JAPANESE = dict(
    zip("气图卖广发实对钱价药黑验证经满变团读", "気図売広発実対銭価薬黒験証経満変団読", strict=True)
)
_LATIN = {
    "a": "аα", "c": "сϲ", "e": "еҽ", "i": "іι", "o": "оο", "p": "рρ", "s": "ѕ", "u": "υ",
    "x": "х", "y": "у", "n": "ո", "k": "κ", "B": "В", "H": "Н", "T": "Т",
    "A": "Α", "M": "М", "P": "Р", "C": "С", "V": "Ѵ", "U": "Ս",
}  # fmt: skip
_HAN = re.compile(r"[\u3400-\u9fff]")
_HAN_PAIR = re.compile(r"(?<=[\u3400-\u9fff])(?=[\u3400-\u9fff])")
_LATIN_WORD = re.compile(r"(?<![A-Za-z0-9.@/_-])[A-Za-z]{3,}(?![A-Za-z0-9.@/_-])")
_WORD = re.compile("|".join(sorted(WORDS, key=len, reverse=True)))
_FILLERS = ("啊", "那个", "～", "(嗯)", "呢", "の")


def _insert_invisible(text: str, chance: random.Random) -> str:
    """Rare invisible characters after each letter, now and then a mark over it."""

    def after(match: re.Match[str]) -> str:
        extra = "".join(chance.choices(_INVISIBLE, k=chance.randint(1, 3)))
        if chance.random() < 0.3:
            extra = chance.choice(_MARKS) + extra
        return match[0] + extra

    return re.sub(r"[\u3400-\u9fff]|(?<=[a-z])[a-z]", after, text)


def _separate_unevenly(text: str, chance: random.Random) -> str:
    """Another separator in every gap, some of two characters."""

    def gap(_: re.Match[str]) -> str:
        kind = chance.random()
        if kind < 0.2:
            return chance.choice(_EMOJI)
        if kind < 0.35:
            return chance.choice(("\u2003", " \u2009", "\n", "\t"))
        return "".join(chance.choices(_SYMBOLS, k=1 if kind < 0.85 else 2))

    return _HAN_PAIR.sub(gap, text)


def _escape_in_turn(text: str, chance: random.Random) -> str:
    """Each character escaped in another of the usual ways."""

    def escape(match: re.Match[str]) -> str:
        point = ord(match[0])
        return chance.choice(
            (
                f"&#{point};",
                f"&#00{point};",
                f"&#X{point:x};",
                f"&#x{point:06X};",
                f"\\u{point:04X}",
                f"\\u{point:04x}",
                "".join(f"%{byte:02x}" for byte in match[0].encode()),
            )
        )

    return _HAN.sub(escape, text)


@functools.cache
def _compatible() -> dict[str, str]:
    """Characters by what NFKC makes of them: radicals and compatibility ideographs."""
    blocks = (range(0x2F00, 0x2FD6), range(0xF900, 0xFAD9))
    pairs = ((chr(point), unicodedata.normalize("NFKC", chr(point))) for r in blocks for point in r)
    return {plain: odd for odd, plain in pairs if plain != odd}


@functools.cache
def _traditional() -> Callable[[str], str]:
    convert: Callable[[str], str] = opencc.OpenCC("s2t").convert
    return convert


def _mix_forms(text: str, chance: random.Random) -> str:
    """Traditional, Japanese, radical, full width and mathematical forms side by side."""

    def forms(character: str) -> Iterator[str]:
        if _HAN.match(character):
            yield _traditional()(character)
            yield _JAPANESE.get(character, character)
            yield _compatible().get(character, character)
        elif character.isascii() and character.isalpha():
            yield chr(ord(character) + 0xFEE0)
            yield character.swapcase()
            base = 0x1D5D4 if character.isupper() else 0x1D5EE
            yield chr(base + ord(character.lower()) - ord("a"))
        elif character.isascii() and character.isdigit():
            yield chr(ord(character) + 0xFEE0)
            yield chr(0x1D7EC + int(character))

    return "".join(
        chance.choice([form for form in forms(c) if form != c] or [c])
        if chance.random() < 0.8
        else c
        for c in text
    )


def _wrap_in_cells(text: str, chance: random.Random) -> str:
    """Each character in markup of its own, in a table's cell or on a line of its own."""
    opened = chance.choice(
        (
            (("<b>", "</b>"), ("<i>", "</i>"), ('<span class="k">', "</span>")),
            (("**", "**"), ("__", "__"), ("~~", "~~"), ("`", "`")),
            (("| ", " |\n"),),
            (("- ", "\n"), ("* ", "\n")),
            (("[b]", "[/b]"), ("[u]", "[/u]")),
            (("「", "」"), ("【", "】"), ("〔", "〕")),
        )
    )

    def wrap(match: re.Match[str]) -> str:
        before, after = chance.choice(opened)
        return before + match[0] + after

    return _HAN.sub(wrap, text)


def _sound(character: str, chance: random.Random) -> str:
    known = CHARACTERS.get(character)
    return chance.choice(known.sounds) if known and known.sounds else character


def _shape(character: str, chance: random.Random) -> str:
    known = CHARACTERS.get(character)
    return chance.choice(known.shapes) if known and known.shapes else character


def _parts(character: str, _: random.Random) -> str:
    known = CHARACTERS.get(character)
    return known.parts if known and known.parts else character


def _latin(character: str, chance: random.Random) -> str:
    """Pinyin in one of the styles people type."""
    known = CHARACTERS.get(character)
    if known is None:
        return character
    plain = "".join(
        c for c in unicodedata.normalize("NFD", known.pinyin) if not unicodedata.combining(c)
    )
    return chance.choice((plain, known.pinyin, plain.upper(), plain.capitalize(), f" {plain} "))


def _some(
    change: Callable[[str, random.Random], str], share: float
) -> Callable[[str, random.Random], str]:
    """An attack on the characters of key words: at least one of a word, else by `share`."""

    def change_word(word: str, chance: random.Random) -> str:
        able = [index for index, c in enumerate(word) if change(c, chance) != c]
        if not able:
            return word
        chosen = {chance.choice(able), *(index for index in able if chance.random() < share)}
        return "".join(change(c, chance) if i in chosen else c for i, c in enumerate(word))

    return lambda text, chance: _WORD.sub(lambda match: change_word(match[0], chance), text)


def _exchange_shapes(text: str, chance: random.Random) -> str:
    """Similar characters in key words, and foreign letters within Latin words."""

    def letters(match: re.Match[str]) -> str:
        return "".join(
            chance.choice(_LATIN[c]) if c in _LATIN and chance.random() < 0.5 else c
            for c in match[0]
        )

    return _LATIN_WORD.sub(letters, _some(_shape, 0.4)(text, chance))


def _alternate(text: str, chance: random.Random) -> str:
    """Another style for each character of a key word, and fillers between them."""
    styles = (_sound, _latin, _shape, _parts, lambda character, _: character)

    def word(match: re.Match[str]) -> str:
        first = chance.randrange(len(styles))
        written = []
        for index, character in enumerate(match[0]):
            written.append(styles[(first + index) % len(styles)](character, chance))
            if index + 1 < len(match[0]) and chance.random() < 0.4:
                written.append(chance.choice(_FILLERS))
        return "".join(written)

    return _WORD.sub(word, text)


ATTACKS = (
    Attack("rare_invisibles", "A", _insert_invisible),
    Attack("uneven_separators", "A", _separate_unevenly),
    Attack("escapes_in_turn", "A", _escape_in_turn),
    Attack("mixed_forms", "A", _mix_forms),
    Attack("cells", "A", _wrap_in_cells),
    Attack("same_sounds", "B", _some(_sound, 0.5)),
    Attack("partial_pinyin", "B", _some(_latin, 0.4)),
    Attack("exchanged_shapes", "B", _exchange_shapes),
    Attack("parts", "B", _some(_parts, 0.5)),
    Attack("alternating_styles", "B", _alternate),
)
