"""Decodes text hidden in characters that show nothing: tag characters and variation selectors."""

from __future__ import annotations

import re

from models.text.spelling import Parts, Spelling

SHORTEST = 4
"""Fewer such characters together hide nothing that could be read."""

_TAGS = re.compile(rf"[\U000e0020-\U000e007e]{{{SHORTEST},}}")
_SELECTORS = re.compile(rf"[\ufe00-\ufe0f\U000e0100-\U000e01ef]{{{SHORTEST},}}")
_FLAG = "\U0001f3f4"
"""The black flag: tags after it name a region, as in the flag of Scotland."""


def reveal(spelling: Spelling) -> Spelling:
    """The text with what it hides appended, each find on a line of its own."""
    found: list[tuple[int, Parts]] = [
        (match.start(), [(chr(ord(char) - 0xE0000), 1) for char in match[0]])
        for match in _TAGS.finditer(spelling.text)
        if spelling.text[max(0, match.start() - 1) : match.start()] != _FLAG
    ]
    for match in _SELECTORS.finditer(spelling.text):
        parts = _from_selectors(match[0])
        if parts is not None:
            found.append((match.start(), parts))
    if not found:
        return spelling
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for place, parts in found:
        pieces.append("\n")
        starts.append(spelling.starts[place])
        ends.append(spelling.ends[place])
        for piece, used in parts:
            pieces.append(piece)
            starts.append(spelling.starts[place])
            place += used
            ends.append(spelling.ends[place - 1])
    return spelling.join(Spelling("".join(pieces), starts, ends))


def _from_selectors(run: str) -> Parts | None:
    """Variation selectors 1 to 256 as the bytes of UTF-8; None where they are none."""
    data = bytes(code - (0xFE00 if code < 0xE0100 else 0xE0100 - 16) for code in map(ord, run))
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    if not all(char.isprintable() or char.isspace() for char in text):
        return None
    return [(char, len(char.encode())) for char in text]
