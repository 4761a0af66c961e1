"""`xml`: any XML that has no reader of its own: its texts, attributes and comments."""

from __future__ import annotations

from collections.abc import Iterator

from service.uploads.extraction import Extractor, Piece, Unreadable
from service.uploads.extractors._encodings import declared_encoding, decode
from service.uploads.extractors._markup import events
from service.uploads.parts import Part, ScanLimits


def read(data: bytes, _limits: ScanLimits) -> Iterator[Piece]:
    """The texts as one part; attributes and comments, which no reader shows, as another.

    What is no well-formed XML, or declares entities, is read as plain text as well.
    """
    texts: list[str] = []
    aside: list[str] = []
    trouble = None
    try:
        for event in events(data):
            match event.kind:
                case "text":
                    texts.append(event.name)
                case "comment":
                    aside.append(event.name)
                case "start":
                    aside.extend(event.attributes.values())
                    texts.append(" ")
                case "end":
                    texts.append(" ")
    except Unreadable as error:
        trouble = error
    if trouble is not None:
        text = decode(data, declared=declared_encoding(data))
        if text is not None:
            yield Part("", "text", text)
        raise trouble
    yield Part("", "text", "".join(texts))
    yield Part("attributes", "metadata", "\n".join(aside))


EXTRACTOR = Extractor("xml", ("application/xml", "text/xml"), read)
