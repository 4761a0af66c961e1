"""`json`: JSON and JSON lines, with their escapes undone; also when they are not well formed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from service.uploads.extraction import Extractor, Piece, Unreadable
from service.uploads.extractors._encodings import decode
from service.uploads.parts import Part, ScanLimits

_ESCAPE: Final = re.compile(r'\\(u[0-9a-fA-F]{4}|[bfnrt"\\/])')
_SHORT: Final = {"b": " ", "f": " ", "n": "\n", "r": "\r", "t": "\t"}


def _undo(match: re.Match[str]) -> str:
    escape = match[1]
    return chr(int(escape[1:], 16)) if len(escape) == 5 else _SHORT.get(escape, escape)


def read(data: bytes, _limits: ScanLimits) -> Iterator[Piece]:
    """The source, keys and all, as one part."""
    text = decode(data)
    if text is None:
        raise Unreadable("unsupported")
    text = _ESCAPE.sub(_undo, text)
    # Characters beyond U+FFFF are written as two escapes.
    yield Part("", "text", text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))


EXTRACTOR = Extractor("json", ("application/json", "application/x-ndjson"), read)
