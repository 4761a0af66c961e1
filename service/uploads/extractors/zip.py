"""`zip`: archives in the zip format, entry by entry; nothing is ever written to a disk."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, unpacked as far as it goes; `why` tells what kept the rest back."""

    name: str
    content: bytes
    why: str = ""


def open_zip(data: bytes, limits: ScanLimits) -> zipfile.ZipFile:
    """The archive; raises Unreadable for a broken one, or one with too many entries.

    Entries that lie over each other make a small archive large: such a one is `corrupt`.
    """
    end = data.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(data):
        raise Unreadable("truncated")
    size = int.from_bytes(data[end + 12 : end + 16], "little")
    if size > _DIRECTORY_BYTES:
        raise Unreadable("too_many" if size <= len(data) else "corrupt")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Unreadable("corrupt") from error
    if len(archive.infolist()) > limits.pieces:
        raise Unreadable("too_many")
    if any(start < before for before, start, _ in _spans(data, archive)):
        raise Unreadable("corrupt")
    return archive


def entries(archive: zipfile.ZipFile, limits: ScanLimits, *, only: str = "") -> Iterator[Entry]:
    """Every entry but folders (or those of one name, in any case), unpacked one at a time.

    Raises Unreadable when all together are more than a scan may unpack.
    """
    total = 0
    for info in archive.infolist():
        if (info.is_dir() and not info.file_size) or (only and info.filename.lower() != only):
            continue
        entry = _unpack(archive, info, limits)
        total += len(entry.content)
        if total > limits.total_bytes:
            raise Unreadable("too_large")
        yield entry


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: ScanLimits) -> Entry:
    """The entry's bytes. zipfile never unpacks more than the size that the entry states."""
    name = name_of(info)
    if info.external_attr >> 16 & 0xF000 == _LINK:
        return Entry(name, b"", "unsafe")
    if info.flag_bits & _ENCRYPTED:
        return Entry(name, b"", "encrypted")
    if info.file_size > limits.piece_bytes:
        return Entry(name, b"", "too_large")
    whole = bytearray()
    why = ""
    try:
        with archive.open(info) as stream:
            # zipfile keeps back what fails its checksum; people's programs show it.
            stream._expected_crc = None  # type: ignore[attr-defined]
            while chunk := stream.read(_CHUNK):
                whole += chunk
        why = "" if zlib.crc32(whole) == info.CRC else "corrupt"
    except NotImplementedError:
        why = "unsupported"
    except MemoryError:
        return Entry(name, b"", "too_large")
    except Exception:  # of zlib, lzma, bz2, struct, zipfile: whatever the bytes provoke
        why = "corrupt"
    return Entry(name, bytes(whole), why)


def _spans(data: bytes, archive: zipfile.ZipFile) -> Iterator[tuple[int, int, int]]:
    """For each entry in the order of the file: where the one before ends, its start, its number."""
    position = 0
    ordered = sorted(archive.infolist(), key=lambda info: info.header_offset)
    for number, info in enumerate(ordered):
        start = info.header_offset
        yield position, start, number
        lengths = data[start + 26 : start + 30].ljust(4, b"\0")
        position = start + 30 + info.compress_size + sum(struct.unpack("<HH", lengths))
    yield position, archive.start_dir, len(ordered)


def strays(data: bytes, archive: zipfile.ZipFile) -> Iterator[Piece]:
    """Bytes that belong to no entry: between or behind them, where something may hide.

    What stands before the first one makes the file one of another type, which is read as that.
    """
    for position, start, number in _spans(data, archive):
        if start - position > _DESCRIPTOR and (position or data.startswith(b"PK")):
            yield Inner(f"gap {number}", data[position:start])
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
    """Every entry; links are named, not followed; of a broken one what could be unpacked."""
    archive = open_zip(data, limits)
    for info in archive.infolist():
        if info.is_dir():
            yield Part(name_of(info), "name", name_of(info))
    for entry in entries(archive, limits):
        if entry.why:
            yield Unscanned(entry.name, entry.why)
        if entry.content or not entry.why:
            yield Inner(entry.name, entry.content)
        else:
            yield Part(f"{entry.name}/name", "name", entry.name)
    yield from strays(data, archive)


EXTRACTOR = Extractor("zip", ("application/zip",), read)
