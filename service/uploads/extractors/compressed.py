"""`compressed`: one file in gzip, bzip2 or xz; what comes out is told by its content again."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import Final, Protocol

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.parts import Part, ScanLimits, Unscanned

_STEP: Final = 1024 * 1024
_DICTIONARY_BYTES: Final = 64 * 1024**2


class _Reader(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


def _reader(data: bytes) -> _Reader:
    if data.startswith(b"BZh"):
        return bz2.BZ2Decompressor()
    if data.startswith(b"\xfd7zXZ"):
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=2 * _DICTIONARY_BYTES)
    return zlib.decompressobj(wbits=31)


def _step(reader: _Reader, data: bytes, room: int) -> tuple[bytes, bytes]:
    """Some of what is inside, and what the reader has not taken yet."""
    if isinstance(reader, bz2.BZ2Decompressor | lzma.LZMADecompressor):
        return reader.decompress(data, room), b""
    out = reader.decompress(data, room)  # type: ignore[attr-defined]
    return out, reader.unconsumed_tail  # type: ignore[attr-defined]


def _stored_name(data: bytes) -> str:
    """The name that gzip keeps of the file before it was packed."""
    if data[:2] != b"\x1f\x8b" or len(data) < 11 or not data[3] & 8 or data[3] & 4:
        return ""
    return data[10 : data.find(b"\0", 10)][:1000].decode("utf-8", "replace")


def read(data: bytes, limits: ScanLimits) -> Iterator[Piece]:
    """The file inside, or all of them one after the other; too large a one is read to the limit."""
    name = _stored_name(data)
    if name:
        yield Part("stored", "name", name)
    whole = bytearray()
    trouble = None
    try:
        while data and trouble is None:
            reader = _reader(data)
            while not reader.eof:
                out, data = _step(reader, data, _STEP)
                whole += out
                if len(whole) > limits.piece_bytes:
                    trouble = "too_large"
                    break
                if not out and not data and not reader.eof:
                    trouble = "truncated"
                    break
            else:
                data = reader.unused_data.lstrip(b"\0")
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        if not whole:
            raise Unreadable("corrupt") from error
        trouble = "corrupt"
    if trouble:
        yield Unscanned("content", trouble)
    if whole and trouble != "too_large":
        yield Inner("content", bytes(whole))


EXTRACTOR = Extractor(
    "compressed", ("application/gzip", "application/x-bzip2", "application/x-xz"), read
)
