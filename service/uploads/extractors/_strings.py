"""The runs of text inside binary data, for formats whose structure is not read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from service.uploads.extractors._encodings import commonness

_SHORTEST: Final = 4
_LEAST_COMMON: Final = 0.3
"""Random bytes decode to rare characters; what people write is made of common ones."""
_MOST: Final = 200_000

# A run of one encoding: printable ASCII, or the lead and trail bytes of Chinese.
_WIDE: Final = re.compile(
    rb"(?:[\x20-\x7e]\x00|[\x00-\xff][\x4e-\x9f]|[\x00-\x3f]\x30|[\x00-\xef]\xff){4,}"
)
_NARROW: Final = re.compile(rb"(?:[\x20-\x7e]|[\xe2-\xef][\x80-\xbf]{2}){4,}")
_GBK: Final = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe]|[\x20-\x7e]){4,}")
_WORD: Final = re.compile(r"[A-Za-z]{3,}")


def _worth(text: str) -> bool:
    if not text.isascii():
        return commonness(text) >= _LEAST_COMMON
    letters = sum(map(str.isalpha, text))
    return len(text) >= _SHORTEST * 2 and letters * 2 >= len(text) and bool(_WORD.search(text))


def runs(data: bytes) -> Iterator[str]:
    """Each run of likely text, in UTF-16 (either alignment), UTF-8 and GBK; some of them twice."""
    kept = 0
    for pattern, encoding in ((_WIDE, "utf-16-le"), (_NARROW, "utf-8"), (_GBK, "gb18030")):
        for match in pattern.finditer(data):
            text = match[0].decode(encoding, "ignore").strip()
            if _worth(text) and not (encoding == "gb18030" and text.isascii()):
                kept += len(text)
                if kept > _MOST:
                    return
                yield text
