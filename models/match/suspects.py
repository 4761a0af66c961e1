"""Entries behind a code that only a program reads, or written from right to left.

A reader does not see them, so they are suspicions: a person should look.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator

from models.match.alignment import Alignment
from models.match.model import Match, Tier
from models.text.view import View
from wordlists.model import Entry

SHORTEST_TURNED = 4
"""Ideographs that an entry must have to be read from right to left."""

_CODED = re.compile(r"(?:[A-Za-z0-9+/_-]{2}[ :]?){6}")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,4000}={0,2}(?![A-Za-z0-9+/_-])")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[ :]?){6,2000}")
_DATA = re.compile(r"(?:data:[\w./+-]*;base64,|://\S*)$")
_CHINESE = re.compile(r"[\u3400-\u9fff]")

FEWEST = 3
"""Ideographs, and half of the characters, that make a decoded text one to be judged."""

Find = Callable[[str], Iterable[Match]]
Search = Callable[[str], Iterable[tuple[str, tuple[Entry, ...], int, int]]]


def has_codes(text: str) -> bool:
    """Whether a run of letters and digits is long enough to be a code of Chinese text."""
    return _CODED.search(text) is not None


def decoded(text: str, find: Find) -> Iterator[Match]:
    """The entries that `find` finds in what the codes of a text say, each at its code's span."""
    for name, pattern, decode in (("base64", _BASE64, _from_base64), ("hex", _HEX, _from_hex)):
        for code in pattern.finditer(text):
            if _DATA.search(text[max(0, code.start() - 200) : code.start()]):
                continue
            reads = decode(code[0])
            if reads is None:
                continue
            for match in find(reads):
                disguise = (name, *match.disguise)
                start, end = code.span()
                yield Match(match.entry, start, end, match.canonical, disguise, Tier.SUSPECTED)


def turned(view: View, search: Search, alignment: Alignment) -> Iterator[tuple[int, int, Match]]:
    """Entries written from right to left, where no word of the dictionary is cut or made of them.

    Each with its span of the folded view.
    """
    compact = view.compact
    for form, entries, start, end in search(compact[::-1]):
        if sum("\u3400" <= char <= "\u9fff" for char in form) < SHORTEST_TURNED:
            continue
        if form == form[::-1]:
            continue
        low, high = len(compact) - end, len(compact) - start
        first, last = alignment.within_folded(low, high)
        inner = sum(first < edge < last for edge in alignment.borders)
        if first not in alignment.borders or last not in alignment.borders:
            continue
        if 2 * inner < high - low:  # mostly words of more than one character: it means something
            continue
        begin, stop = view.original(first, last)
        for entry in entries:
            yield first, last, Match(entry, begin, stop, form, ("reversed",), Tier.SUSPECTED)


def _from_base64(code: str) -> str | None:
    body = code.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    try:
        return _chinese(base64.b64decode(body + "=" * (-len(body) % 4), validate=True))
    except binascii.Error:
        return None


def _from_hex(code: str) -> str | None:
    return _chinese(bytes.fromhex(code.replace(":", " ")))


def _chinese(data: bytes) -> str | None:
    """The text of these bytes where it is mostly Chinese."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        count = len(_CHINESE.findall(text))
        if (
            count >= FEWEST
            and 2 * count >= len(text)
            and all(char.isprintable() or char.isspace() for char in text)
        ):
            return text
    return None
