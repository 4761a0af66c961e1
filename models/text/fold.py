"""Undoes the disguises that normalising undoes: width, case, script, invisible characters.

Both text and list entries pass through the tables here, so that what is equal to a reader is
equal to the matcher. Each table maps one character to what it reads as (a string of any length,
empty for what is invisible), which is why a map of offsets back to the original is always exact.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import compress
from string import ascii_lowercase

import numpy as np
import opencc

_REMEMBERED = 200_000
"""Most characters a table remembers; above that, it works them out anew each time."""

_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that Unicode calls letters or symbols and that every font draws as nothing."""


_STYLED = {
    ord(styled): plain
    for row, plain_row in (
        ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz"),
        ("".join(map(chr, range(0x1F150, 0x1F16A))), ascii_lowercase),  # white on black circles
        ("".join(map(chr, range(0x1F170, 0x1F18A))), ascii_lowercase),  # and squares
        ("⓿❶❷❸❹❺❻❼❽❾➀➁➂➃➄➅➆➇➈➊➋➌➍➎➏➐➑➒", "0123456789123456789123456789"),
    )
    for styled, plain in zip(row, plain_row, strict=True)
}
"""Styled letters and digits for which Unicode names no plain form."""


@cache
def _converters() -> tuple[Callable[[str], str], Callable[[str], str]]:
    return opencc.OpenCC("t2s").convert, opencc.OpenCC("jp2t").convert


def _is_common_simplified(char: str) -> bool:
    """Whether mainland texts use the character as it stands (it is in GB 2312)."""
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _simplify(char: str) -> str:
    """Traditional and Japanese forms to Simplified; 乾 stays, for 乾隆 is written so."""
    if not "\u3400" <= char <= "\ufaff" or _is_common_simplified(char):
        return char
    to_simplified, from_japanese = _converters()
    simplified = to_simplified(char)
    if simplified == char:
        simplified = to_simplified(from_japanese(char))
    # 戱 becomes 戯, which is itself a Japanese form: go on until nothing changes.
    return simplified if simplified == char else _simplify(simplified)


def is_invisible(char: str) -> bool:
    """Whether a reader sees nothing where this character stands, white space apart."""
    category = unicodedata.category(char)
    if category in ("Cf", "Mn", "Me", "Cs", "Cn", "Co"):
        return True
    return (category == "Cc" and not char.isspace()) or char in _BLANK_LETTERS


def _strip_marks(char: str) -> str:
    """An accented Latin, Greek or Cyrillic letter without its accents."""
    if not ("\u00c0" <= char <= "\u052f" or "\u1e00" <= char <= "\u1fff"):
        return char
    return "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))


def fold_char(char: str) -> str:
    """What one character reads as.

    Compatibility forms, case, accents and script are undone; white space becomes one space, a
    line break "\\n"; invisible characters become nothing.
    """
    if char in "\n\r\u2028\u2029\x0b\x0c\x85":
        return "\n"
    if is_invisible(char):
        return ""
    folded = unicodedata.normalize("NFKC", char).casefold().translate(_STYLED)
    out = []
    for part in folded:
        if is_invisible(part):
            continue
        out.append(" " if part.isspace() else _simplify(_strip_marks(part)))
    return "".join(out)


def compact_char(char: str) -> str:
    """What remains of a character when all that is no letter, ideograph or digit is taken out."""
    return "".join(c for c in fold_char(char) if unicodedata.category(c)[0] in "LN")


class Table(dict[int, str]):
    """A table for `str.translate` that fills itself, character by character, as texts need it."""

    def __init__(self, char_to_text: Callable[[str], str]) -> None:
        super().__init__()
        self._char_to_text = char_to_text
        self.uneven: set[str] = set()
        """Of the characters met, those that do not become one."""

    def __missing__(self, code: int) -> str:
        text = self._char_to_text(chr(code))
        if len(text) != 1:
            self.uneven.add(chr(code))
        if len(self) < _REMEMBERED:
            self[code] = text
        return text


FOLD = Table(fold_char)
COMPACT = Table(compact_char)


def fold(text: str) -> str:
    """The text as it reads: its folded view."""
    return text.translate(FOLD)


def compact(text: str) -> str:
    """The folded view without anything but letters, ideographs and digits."""
    return text.translate(COMPACT)


def origins(text: str, table: Table) -> Sequence[int]:
    """For each character of the view, the index in `text` that it comes from: a range where each
    character became one. `text` has been translated by `table` before."""
    if table.uneven.isdisjoint(text):
        return range(len(text))
    counts = list(_lengths(text, table))
    if max(counts, default=0) <= 1:
        if all(counts):
            return range(len(text))
        return list(compress(range(len(text)), counts))
    found: list[int] = np.repeat(np.arange(len(text)), counts).tolist()
    return found


def _lengths(text: str, table: Table) -> Iterator[int]:
    """How many characters of the view each character of `text` becomes."""
    return map(len, map(table.__getitem__, map(ord, text)))
