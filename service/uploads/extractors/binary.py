"""`binary`: fonts and other parts that show nothing by themselves: only their strings are read."""

from __future__ import annotations

from collections.abc import Iterator

from service.uploads.extraction import Extractor, Piece
from service.uploads.extractors._strings import runs
from service.uploads.parts import Part, ScanLimits


def read(data: bytes, _limits: ScanLimits) -> Iterator[Piece]:
    """The runs of text in it, such as names and licences."""
    yield Part("strings", "metadata", "\n".join(runs(data)))


EXTRACTOR = Extractor("binary", ("font/sfnt", "font/woff", "font/woff2"), read)
