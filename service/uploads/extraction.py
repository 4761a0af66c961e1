"""What an extractor is: a reader of one family of types, and what it may say about a file.

An extractor is a generator over the bytes of one piece. It is lazy on purpose: whoever drives it
stops asking when a limit of the scan is reached, so nothing is unpacked that nobody will read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from service.uploads.parts import Found, Part, Picture, ScanLimits, Unscanned


class Unreadable(Exception):
    """The piece cannot be read, or not to its end; `why` is one of `parts.WHY`."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Inner:
    """A file inside the file: an entry, an attachment, an embedded object.

    Its type is told by its content as if it had come alone. `name` is as the file gives it and
    may be anything at all; it is judged as text too. `hint` is the type that the file gives it:
    it only chooses among readers of text, where the bytes leave it open.
    """

    name: str
    data: bytes
    hint: str | None = None


Piece = Part | Unscanned | Found | Picture | Inner
"""What an extractor yields. Names are relative to its own file; an empty one is the file itself."""


@dataclass(frozen=True, slots=True)
class Extractor:
    """Reads pieces of the given media `types`.

    `read(data, limits)` yields what it finds in order. It raises `Unreadable` where it knows why
    it cannot go on; any other error of it means `corrupt`. It needs no network, no file and no
    clock, and imports heavy libraries only when it is called.
    """

    id: str
    types: tuple[str, ...]
    read: Callable[[bytes, ScanLimits], Iterator[Piece]]
