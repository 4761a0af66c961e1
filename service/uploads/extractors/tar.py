"""`tar`: tape archives, read in memory; links and devices are named, never made."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.parts import Part, ScanLimits, Unscanned


def read(data: bytes, limits: ScanLimits) -> Iterator[Piece]:
    """Every file in it; what is cut off at the end is listed as truncated."""
    try:
        archive = tarfile.open(fileobj=io.BytesIO(data), mode="r:", errorlevel=0)  # noqa: SIM115
        seen = end = 0
        while (entry := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # kept by tarfile without an end
            seen += 1
            if seen > limits.pieces:
                raise Unreadable("too_many")
            if entry.isdir():
                yield Part(entry.name, "name", entry.name)
            elif not entry.isreg() or entry.issparse():
                yield Unscanned(entry.name, "unsafe")
            elif entry.size > limits.piece_bytes:
                yield Unscanned(entry.name, "too_large")
            else:
                stream = archive.extractfile(entry)
                content = stream.read() if stream else b""
                if len(content) < entry.size:
                    yield Unscanned(entry.name, "truncated")
                yield Inner(entry.name, content)
            end = archive.offset
    except tarfile.TarError as error:
        cut = "unexpected end" in str(error)
        raise Unreadable("truncated" if cut else "corrupt") from error
    rest = data[end:].strip(b"\0")
    if rest:
        yield Inner("rest", rest)


EXTRACTOR = Extractor("tar", ("application/x-tar",), read)
