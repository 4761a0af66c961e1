"""`zip`: archives in the zip format, entry by entry; nothing is ever written to a disk."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from typing import Final

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.extractors._encodings import decode
from service.uploads.parts import Part, ScanLimits, Unscanned

_DIRECTORY_BYTES: Final = 2 * 1024**2
"""A larger table of contents (tens of thousands of entries) is not even parsed."""
_CHUNK: Final = 1024 * 1024
_ENCRYPTED: Final = 0x1
_UTF8: Final = 0x800
_LINK: Final = 0xA000
_DESCRIPTOR: Final = 24
"""Bytes that may follow an entry: its sizes and checksum, written afterwards."""


def open_zip(data: bytes, limits: ScanLimits) -> zipfile.ZipFile:
    """The archive; raises Unreadable for a broken one, or one with too many entries."""
    end = data.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(data):
        raise Unreadable("truncated")
    if int.from_bytes(data[end + 12 : end + 16], "little") > _DIRECTORY_BYTES:
        size = int.from_bytes(data[end + 12 : end + 16], "little")
        raise Unreadable("too_many" if size <= len(data) else "corrupt")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Unreadable("corrupt") from error
    if len(archive.infolist()) > limits.pieces:
        raise Unreadable("too_many")
    return archive


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: ScanLimits) -> bytes | str:
    """The entry's bytes, or why they cannot be had. Sizes are counted, not believed."""
    if entry.flag_bits & _ENCRYPTED:
        return "encrypted"
    if entry.file_size > limits.piece_bytes:
        return "too_large"
    whole = bytearray()
    try:
        with archive.open(entry) as stream:
            while chunk := stream.read(_CHUNK):
                whole += chunk
                if len(whole) > limits.piece_bytes:
                    return "too_large"
    except NotImplementedError:
        return "unsupported"
    except MemoryError:
        return "too_large"
    except Exception:  # of zlib, lzma, bz2, struct, zipfile: whatever the bytes provoke
        return "corrupt"
    return bytes(whole)


def strays(data: bytes, archive: zipfile.ZipFile) -> Iterator[Piece]:
    """Bytes that belong to no entry: between or behind them, where something may hide.

    What stands before the first one makes the file one of another type, which is read as that.
    Entries that lie over each other make a small archive large: `corrupt`.
    """
    position = 0
    for number, entry in enumerate(sorted(archive.infolist(), key=lambda it: it.header_offset)):
        start = entry.header_offset
        if start < position:
            yield Unscanned(f"overlap {number}", "corrupt")
        elif start - position > _DESCRIPTOR and (position or data.startswith(b"PK")):
            yield Inner(f"gap {number}", data[position:start])
        lengths = data[start + 26 : start + 30]
        position = start + 30 + entry.compress_size + sum(struct.unpack("<HH", lengths))
    directory = archive.start_dir
    if directory - position > _DESCRIPTOR:
        yield Inner("gap before the end", data[position:directory])
    end = data.rfind(b"PK\x05\x06")
    rest = data[end + 22 + len(archive.comment) :]
    if rest.strip(b"\0"):
        yield Inner("rest", rest)
    if archive.comment:
        yield Part("comment", "metadata", decode(archive.comment) or "")
    comments = [decode(entry.comment) or "" for entry in archive.infolist() if entry.comment]
    yield Part("comments", "metadata", "\n".join(comments))


def name_of(entry: zipfile.ZipInfo) -> str:
    """The entry's name; old Chinese archives hold GBK that zipfile takes for cp437."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    try:
        return decode(entry.filename.encode("cp437")) or entry.filename
    except UnicodeEncodeError:
        return entry.filename


def read(data: bytes, limits: ScanLimits) -> Iterator[Piece]:
    """Every entry, folders left out; links are named, not followed."""
    archive = open_zip(data, limits)
    for entry in archive.infolist():
        name = name_of(entry)
        if entry.is_dir() and not entry.file_size:
            yield Part(name, "name", name)
            continue
        if entry.external_attr >> 16 & 0xF000 == _LINK:
            yield Unscanned(name, "unsafe")
            continue
        content = read_entry(archive, entry, limits)
        yield Unscanned(name, content) if isinstance(content, str) else Inner(name, content)
    yield from strays(data, archive)


EXTRACTOR = Extractor("zip", ("application/zip",), read)
