"""`ole`: office files of before 2007, and Outlook's: their strings, not their structure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from service.uploads.extraction import Extractor, Piece, Unreadable
from service.uploads.extractors._strings import runs
from service.uploads.parts import Found, Part, ScanLimits, Unscanned


def _stream(name: str) -> bytes:
    return name.encode("utf-16-le")


_ENCRYPTED: Final = (_stream("EncryptedPackage"), _stream("EncryptedSummary"))
_MACROS: Final = (_stream("_VBA_PROJECT"), _stream("Macros"), _stream("_VBA_PROJECT_CUR"))


def read(data: bytes, _limits: ScanLimits) -> Iterator[Piece]:
    """The text that can be made out; and that the file was not read as what it is.

    Word keeps text in UTF-16 or one byte a letter, Excel and PowerPoint too: its runs are mostly
    whole sentences. Pictures and the order of cells are not read, so a person has to look.
    """
    if any(mark in data for mark in _ENCRYPTED):
        raise Unreadable("encrypted")
    if any(mark in data for mark in _MACROS):
        yield Found("", "macro", "office macro")
        yield Unscanned("macros", "macro")
    yield Part("strings", "text", "\n".join(runs(data)))
    raise Unreadable("unsupported")


EXTRACTOR = Extractor("ole", ("application/x-ole-storage",), read)
