"""The media type of a piece by its bytes: signatures first, then what the container says inside."""

from __future__ import annotations

from typing import Final

from service.uploads.extractors._encodings import decode

UNKNOWN: Final = "application/octet-stream"
TEXT: Final = "text/plain"

_SIGNATURES: Final = (
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
)


def type_of(data: bytes) -> str:
    """The media type that the bytes are, `application/octet-stream` when nobody knows."""
    for signature, type_ in _SIGNATURES:
        if data.startswith(signature):
            return type_
    return TEXT if decode(data) is not None else UNKNOWN
