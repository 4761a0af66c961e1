"""Decodes base64 and hexadecimal codes of Chinese text, which no reader sees through."""

from __future__ import annotations

import base64
import binascii
import re

from models.text.spelling import Spelling

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,4000}={0,2}(?![A-Za-z0-9+/_-])")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[ :]?){6,2000}")
_DATA = re.compile(r"(?:data:[\w./+-]*;base64,|://\S*)$")
_CHINESE = re.compile(r"[\u3400-\u9fff]")

FEWEST = 3
"""Ideographs, and half of the characters, that make a decoded text one to be judged."""


def reveal_codes(spelling: Spelling) -> Spelling:
    """The text with what its codes say appended, each on a line of its own."""
    text = spelling.text
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for pattern, decode in ((_BASE64, _from_base64), (_HEX, _from_hex)):
        for code in pattern.finditer(text):
            if _DATA.search(text[max(0, code.start() - 200) : code.start()]):
                continue
            reads = decode(code[0])
            if reads is None:
                continue
            first, last = code.start(), code.start() + len(code[0].rstrip())
            pieces.append("\n" + reads)
            starts.extend([min(spelling.starts[first:last])] * (len(reads) + 1))
            ends.extend([max(spelling.ends[first:last])] * (len(reads) + 1))
    if not pieces:
        return spelling
    return spelling.join(Spelling("".join(pieces), starts, ends))


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
