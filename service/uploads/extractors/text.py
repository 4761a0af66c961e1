"""`text`: plain text, and every format whose source is read as it stands (CSV, JSON, Markdown)."""

from __future__ import annotations

from collections.abc import Iterator

from service.uploads.extraction import Extractor, Piece, Unreadable
from service.uploads.extractors._encodings import decode
from service.uploads.parts import Part, ScanLimits


def read(data: bytes, _limits: ScanLimits) -> Iterator[Piece]:
    """The whole text as one part."""
    text = decode(data)
    if text is None:
        raise Unreadable("unsupported")
    yield Part("", "text", text)


EXTRACTOR = Extractor("text", ("text/plain",), read)
