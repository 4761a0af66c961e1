"""`sevenzip`: archives in the 7z format, unpacked in memory, entry by entry."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.parts import Part, ScanLimits, Unscanned


def read(data: bytes, limits: ScanLimits) -> Iterator[Piece]:
    """Every entry. The sizes that the archive states are checked first, then counted."""
    import py7zr
    from py7zr.exceptions import AbsolutePathError, ArchiveError
    from py7zr.io import Py7zIO, WriterFactory

    class Memory(Py7zIO):
        """One entry, no larger than a piece may be."""

        def __init__(self) -> None:
            self.whole = bytearray()

        def write(self, s: bytes | bytearray) -> int:
            if len(self.whole) + len(s) > limits.piece_bytes:
                raise Unreadable("too_large")
            self.whole += s
            return len(s)

        def read(self, size: int | None = None) -> bytes:
            return bytes(self.whole[:size])

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

        def flush(self) -> None: ...

        def size(self) -> int:
            return len(self.whole)

    class Factory(WriterFactory):
        """Keeps the entries in the order in which they are unpacked."""

        def __init__(self) -> None:
            self.entries: list[tuple[str, Memory]] = []

        def create(self, filename: str) -> Py7zIO:
            memory = Memory()
            self.entries.append((filename, memory))
            return memory

    try:
        archive: Any = py7zr.SevenZipFile(io.BytesIO(data))
        if archive.needs_password():
            raise Unreadable("encrypted")
        entries = archive.list()
        if len(entries) > limits.pieces:
            raise Unreadable("too_many")
        if sum(entry.uncompressed or 0 for entry in entries) > limits.piece_bytes:
            raise Unreadable("too_large")
        factory = Factory()
        archive.extractall(factory=factory)
    except py7zr.PasswordRequired as error:
        raise Unreadable("encrypted") from error
    except py7zr.UnsupportedCompressionMethodError as error:
        raise Unreadable("unsupported") from error
    except AbsolutePathError as error:
        raise Unreadable("unsafe") from error
    except (ArchiveError, OSError, EOFError, ValueError) as error:
        raise Unreadable("corrupt") from error
    for entry in entries:
        if entry.is_directory:
            yield Part(entry.filename, "name", entry.filename)
        elif getattr(entry, "is_symlink", False):
            yield Unscanned(entry.filename, "unsafe")
    for name, memory in factory.entries:
        yield Inner(name, bytes(memory.whole))


EXTRACTOR = Extractor("sevenzip", ("application/x-7z-compressed",), read)
