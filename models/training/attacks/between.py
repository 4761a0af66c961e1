"""Attacks of tier A that put something visible between characters, or write them several times."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from models.training.attacks.model import AimedAttack
from models.training.attacks.places import (
    RewriteStretch,
    between_letters,
    each_letter,
    each_place,
    is_ideograph,
    throughout,
)

_SPACES = (" ", "  ", "\u3000", "\u00a0", "\u2003")
_SYMBOLS = ("*", "·", "-", "_", "~", "^", "#", "★", "◆", "、", ".", "/", "|", "+", "=", "※", "…")
_EMOJI = ("🔥", "💰", "✨", "👉", "🎉", "❤️", "🌟", "😀", "👩‍💻", "🇨🇳", "👍🏽", "🍀")
_TAGS = ("<b></b>", "<i></i>", "<span></span>", "<!-- -->", "[b][/b]", "<wbr>")
_SEPARATORS = (
    "、",
    "，",
    ",",
    "。",
    ".",
    "；",
    ";",
    "：",
    ":",
    "！",
    "/",
    "\\",
    "|",
    "-",
    "——",
    "…",
    "·",
)
_UNLIKE = (*_SEPARATORS, *_SYMBOLS, " ", "\u3000", "\n")
_CELLS = (" | ", "|", "\t", " │ ")


def _always_one_of(things: Sequence[str]) -> RewriteStretch:
    """The same one of the things after every letter of a stretch."""

    def apply(stretch: str, chance: random.Random) -> str:
        chosen = chance.choice(things)
        return between_letters(lambda _: chosen)(stretch, chance)

    return apply


def spaced(stretch: str, chance: random.Random) -> str:
    """The letters of a stretch with the same white space after each."""
    return _always_one_of(_SPACES)(stretch, chance)


def _any_of(things: Sequence[str], most: int = 1) -> RewriteStretch:
    """Another one or more of the things after each letter of a stretch."""
    return between_letters(_some(things, most))


def _some(things: Sequence[str], most: int) -> Callable[[random.Random], str]:
    def put(chance: random.Random) -> str:
        return "".join(chance.choices(things, k=chance.randint(1, most)))

    return put


def _repeat(char: str, chance: random.Random) -> str:
    return char * chance.randint(2, 4) if is_ideograph(char) else char


def _double(text: str, _: random.Random) -> str:
    return "".join(char * 2 if is_ideograph(char) else char for char in text)


ATTACKS = (
    AimedAttack("spaces", "A", each_place(spaced)),
    AimedAttack("spaces_throughout", "A", throughout(_always_one_of(_SPACES[:1]))),
    AimedAttack("one_symbol", "A", each_place(_always_one_of(_SYMBOLS))),
    AimedAttack("one_symbol_throughout", "A", throughout(_always_one_of(_SYMBOLS))),
    AimedAttack("mixed_symbols", "A", each_place(_any_of(_SYMBOLS, most=2))),
    AimedAttack("unlike_separators", "A", each_place(_any_of(_UNLIKE, most=3))),
    AimedAttack("unlike_separators_throughout", "A", throughout(_any_of(_UNLIKE, most=3))),
    AimedAttack("commas_throughout", "A", throughout(_any_of(_SEPARATORS, most=2))),
    AimedAttack("emoji_between", "A", each_place(_any_of(_EMOJI))),
    AimedAttack("markup_between", "A", each_place(_any_of(_TAGS))),
    AimedAttack("line_breaks", "A", each_place(_always_one_of(("\n", "\r\n")))),
    AimedAttack("line_breaks_throughout", "A", throughout(_always_one_of(("\n",)))),
    AimedAttack("table_cells", "A", each_place(_always_one_of(_CELLS))),
    AimedAttack("repeated", "A", each_letter(_repeat)),
    AimedAttack("doubled_throughout", "A", throughout(_double)),
)
