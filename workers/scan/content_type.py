"""The media type of a piece by its bytes: signatures first, then what the container says inside."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

from service.uploads.extractors._encodings import decode

UNKNOWN: Final = "application/octet-stream"
TEXT: Final = "text/plain"
ZIP: Final = "application/zip"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."

_SIGNATURES: Final = (
    (0, b"PK\x03\x04", ZIP),
    (0, b"PK\x05\x06", ZIP),
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"BM", "image/bmp"),
    (4, b"ftypavif", "image/avif"),
    (0, b"\x00\x00\x01\x00", "image/x-icon"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (257, b"ustar", "application/x-tar"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"\x00\x01\x00\x00\x00", "font/sfnt"),
    (0, b"OTTO", "font/sfnt"),
    (0, b"ttcf", "font/sfnt"),
    (0, b"wOFF", "font/woff"),
    (0, b"wOF2", "font/woff2"),
    (4, b"ftyp", "video/mp4"),
    (0, b"ID3", "audio/mpeg"),
)
_TEXT_BY_NAME: Final = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".json": "application/json",
    ".jsonl": "application/json",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
    ".eml": "message/rfc822",
}
_HINTS: Final = frozenset({*_TEXT_BY_NAME.values(), "application/xhtml+xml", "text/xml"})
_START: Final = 4_096
_HTML: Final = re.compile(r"<!doctype\s+html|<(html|head|body|script|iframe)[\s>]", re.I)
_SVG: Final = re.compile(r"<(\w{1,20}:)?svg[\s/>]", re.I)
_HEADER: Final = re.compile(
    r"(from|to|cc|date|subject|received|return-path|mime-version|message-id|content-type|"
    r"delivered-to|reply-to|x-[a-z-]+):[ \t]?\S",
    re.I,
)


def suffix_of(name: str) -> str:
    """The ending of a name in small letters, with its point; empty without one."""
    base = re.split(r"[/\\]", name)[-1].strip().rstrip(".").lower()
    stem, point, ending = base.rpartition(".")
    return point + ending if stem and len(ending) <= 10 else ""


def type_of(data: bytes, *, name: str = "", hint: str | None = None) -> str:
    """The media type that the bytes are, `application/octet-stream` when nobody knows.

    `name` and `hint` only decide which kind of text a text is.
    """
    for offset, signature, type_ in _SIGNATURES:
        if data.startswith(signature, offset):
            if type_ == ZIP:
                return _type_of_zip(data)
            if type_ != "image/bmp" or _is_bmp(data):
                return type_
    text = decode(data[: 64 * 1024] if len(data) > 64 * 1024 else data)
    if text is None and decode(data) is None:
        return UNKNOWN
    return _type_of_text(text or "", name, hint)


def _is_bmp(data: bytes) -> bool:
    return len(data) > 26 and int.from_bytes(data[14:18], "little") in (12, 40, 52, 56, 108, 124)


def _type_of_text(text: str, name: str, hint: str | None) -> str:
    start = text[:_START].lstrip("\ufeff \t\r\n")
    if _SVG.search(start) and start.startswith("<"):
        return "image/svg+xml"
    if _HTML.search(start) and start.startswith("<"):
        return "text/html"
    if start.startswith("<?xml"):
        return "text/html" if "<html" in start else "application/xml"
    by_name = _TEXT_BY_NAME.get(suffix_of(name))
    if by_name is not None:
        return by_name
    if hint in _HINTS:
        return hint
    lines = start.split("\n", 3)[:3]
    if sum(bool(_HEADER.match(line)) for line in lines) >= 2:
        return "message/rfc822"
    return "application/json" if start[:2] in ('{"', "[{", '["') or start == "{}" else TEXT


def _type_of_zip(data: bytes) -> str:
    """Which of the formats that are zip archives; plain ones and broken ones are `zip`."""
    if data.startswith(b"mimetype", 30):  # stored first and plain, for readers like this one
        size = int.from_bytes(data[22:26], "little")
        kind = data[38 + int.from_bytes(data[28:30], "little") :][: min(size, 100)].decode(
            "latin-1"
        )
        if kind == "application/epub+zip" or kind.startswith("application/vnd.oasis.opendocument."):
            return kind.removesuffix("-template")
    end = data.rfind(b"PK\x05\x06")
    if end < 0 or int.from_bytes(data[end + 12 : end + 16], "little") > 2 * 1024**2:
        return ZIP  # its reader says what is wrong
    try:
        names = {name.lower() for name in zipfile.ZipFile(io.BytesIO(data)).namelist()}
    except Exception:  # broken in one of many ways
        return ZIP
    if "[content_types].xml" in names:
        for folder, kind in (
            ("word/", "wordprocessingml.document"),
            ("xl/", "spreadsheetml.sheet"),
            ("ppt/", "presentationml.presentation"),
        ):
            if any(name.startswith(folder) for name in names):
                return _OFFICE + kind
    return ZIP
