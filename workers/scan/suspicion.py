"""What does not fit together about a file: its name, what it was declared as, and its bytes."""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

from service.uploads.parts import Found
from workers.scan.content_type import TEXT, UNKNOWN, suffix_of

_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_OPEN: Final = "application/vnd.oasis.opendocument."
_DOCUMENT = _OFFICE + "wordprocessingml.document"
_WORKBOOK = _OFFICE + "spreadsheetml.sheet"
_SLIDES = _OFFICE + "presentationml.presentation"
_OLE: Final = "application/x-ole-storage"
_PROGRAM: Final = "application/vnd.microsoft.portable-executable"

_FITTING: Final = {
    ".pdf": {"application/pdf"},
    ".png": {"image/png"},
    ".jpg": {"image/jpeg"},
    ".jpeg": {"image/jpeg"},
    ".gif": {"image/gif"},
    ".webp": {"image/webp"},
    ".bmp": {"image/bmp"},
    ".tif": {"image/tiff"},
    ".tiff": {"image/tiff"},
    ".avif": {"image/avif"},
    ".ico": {"image/x-icon", "image/png"},
    ".docx": {_DOCUMENT, _OLE},  # an encrypted one is an OLE file
    ".docm": {_DOCUMENT, _OLE},
    ".dotx": {_DOCUMENT},
    ".xlsx": {_WORKBOOK, _OLE},
    ".xlsm": {_WORKBOOK, _OLE},
    ".xlsb": {_WORKBOOK, _OLE},
    ".pptx": {_SLIDES, _OLE},
    ".pptm": {_SLIDES, _OLE},
    ".doc": {_OLE, "application/rtf", "text/html", "application/xml", _DOCUMENT},
    ".xls": {_OLE, "text/html", "application/xml", TEXT, _WORKBOOK},
    ".ppt": {_OLE, _SLIDES},
    ".msg": {_OLE},
    ".odt": {_OPEN + "text"},
    ".ods": {_OPEN + "spreadsheet"},
    ".odp": {_OPEN + "presentation"},
    ".epub": {"application/epub+zip"},
    ".rtf": {"application/rtf"},
    ".zip": {"application/zip", _DOCUMENT, _WORKBOOK, _SLIDES, "application/epub+zip"},
    ".7z": {"application/x-7z-compressed"},
    ".rar": {"application/vnd.rar"},
    ".tar": {"application/x-tar"},
    ".gz": {"application/gzip"},
    ".tgz": {"application/gzip"},
    ".bz2": {"application/x-bzip2"},
    ".xz": {"application/x-xz"},
    ".mp4": {"video/mp4"},
    ".exe": {_PROGRAM},
    ".dll": {_PROGRAM},
}
_TEXTS: Final = frozenset(
    {".txt", ".csv", ".tsv", ".md", ".markdown", ".log", ".json", ".xml", ".html", ".htm"}
    | {".svg", ".eml"}
)
_TEXT_TYPES: Final = frozenset(
    {
        TEXT,
        "text/html",
        "text/markdown",
        "application/json",
        "application/xml",
        "image/svg+xml",
        "message/rfc822",
        "application/rtf",
    }
)
_STARTS_PROGRAMS: Final = frozenset(
    {".exe", ".scr", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse", ".wsf"}
    | {".hta", ".lnk", ".msi", ".jar", ".pif", ".cpl", ".reg"}
)
_TURNING: Final = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200e\u200f")
_SAME: Final = {
    "text/rtf": "application/rtf",
    "application/x-gzip": "application/gzip",
    "application/x-zip-compressed": "application/zip",
    "application/x-rar": "application/vnd.rar",
    "application/x-dosexec": _PROGRAM,
    "application/x-executable-elf": "application/x-elf",
    "image/jpg": "image/jpeg",
    "image/vnd.microsoft.icon": "image/x-icon",
    "application/vnd.ms-excel": _OLE,
    "application/msword": _OLE,
    "application/vnd.ms-powerpoint": _OLE,
    "application/vnd.ms-outlook": _OLE,
}
_KNOWN: Final = frozenset({_PROGRAM, "application/x-elf"}.union(*_FITTING.values())) - _TEXT_TYPES
_SURE: Final = 0.95
_ARCHIVES: Final = ((b"Rar!\x1a\x07", "application/vnd.rar"), (b"7z\xbc\xaf\x27\x1c", "7z"))


def look_at_name(name: str) -> Iterator[Found]:
    """Names that are made to be misread."""
    if _TURNING & set(name):
        yield Found("name", "type_disagrees", "name turned round")
    base = re.split(r"[/\\]", name)[-1]
    stem = base[: len(base) - len(suffix_of(base))]
    inner = suffix_of(unicodedata.normalize("NFKC", stem).strip())
    if suffix_of(base) in _STARTS_PROGRAMS and (inner in _FITTING or inner in _TEXTS):
        yield Found("name", "type_disagrees", f"double extension {inner}{suffix_of(base)}")


def look_at_type(data: bytes, type_: str, *, name: str, declared: str | None) -> Iterator[Found]:
    """The name's ending and the declared type against the type by content."""
    ending = suffix_of(name)
    fitting = _TEXT_TYPES if ending in _TEXTS else _FITTING.get(ending)
    if data and fitting is not None and type_ not in fitting:
        yield Found("", "type_disagrees", f"{ending} is {type_}")
    said = (declared or "").partition(";")[0].strip().lower()
    said = _SAME.get(said, said)
    if not data or type_ == said:
        return
    both_text = (said.startswith("text/") or said in _TEXT_TYPES) and type_ in _TEXT_TYPES
    ole = said == _OLE and type_ in _FITTING[".xls"] | _FITTING[".doc"] | {_SLIDES}
    ole = ole or (type_ == _OLE and said.startswith(_OFFICE))
    zips = "zip" in said and type_ in _FITTING[".zip"] | {_OPEN + "text", _OPEN + "spreadsheet"}
    if (said in _KNOWN or said in _TEXT_TYPES) and not (both_text or ole or zips):
        yield Found("", "type_disagrees", f"declared {said} is {type_}")


class Opinions:
    """Two more readers of types: puremagic by signatures, magika by what files look like."""

    def __init__(self) -> None:
        self._magika: Any = None
        self._was_loaded = False

    def load(self) -> None:
        """Load magika, which takes a quarter second."""
        if self._magika is None:
            os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
            from magika import Magika

            self._magika = Magika()
            self._was_loaded = True

    def is_loaded(self) -> bool:
        """Whether magika was needed."""
        return self._was_loaded

    def learned(self, data: bytes) -> str:
        """Magika's type when it is sure, else unknown."""
        self.load()
        result = self._magika.identify_bytes(data)
        type_ = str(result.output.mime_type) if result.score >= _SURE else UNKNOWN
        return _SAME.get(type_, type_)

    def signed(self, data: bytes) -> str:
        """Puremagic's first answer, else unknown."""
        import puremagic

        try:
            found = puremagic.magic_string(data[:8_192])
        except (puremagic.PureError, ValueError):
            return UNKNOWN
        best = found[0].mime_type if found and found[0].confidence >= 0.5 else ""
        return _SAME.get(best, best) or UNKNOWN

    def _both(self, data: bytes) -> set[str]:
        opinions = {self.learned(data), self.signed(data)}
        self._magika = None  # 30 MB that a picture inside may need
        return opinions

    def of_unknown(self, data: bytes) -> str:
        """The best guess for a type that our own table does not have."""
        learned = self.learned(data)
        return learned if learned != UNKNOWN else self.signed(data)

    def disagree(self, data: bytes, type_: str) -> Iterator[Found]:
        """Who is sure that a file of a well-known type is one of another well-known type."""
        if type_ not in _KNOWN:
            return
        # A picture is judged by whether it can be decoded; and memory is for reading its text.
        opinions = {self.signed(data)} if type_.startswith("image/") else self._both(data)
        for other in sorted(opinions):
            if other in _KNOWN and other != type_ and not _alike(type_, other):
                yield Found("", "type_disagrees", f"{type_} or {other}")


def _alike(one: str, other: str) -> bool:
    """Formats that are one another's containers: nobody errs who names the outer one."""
    zips = ("application/zip", _OFFICE, _OPEN, "application/epub+zip")
    return one.startswith(zips) and other.startswith(zips)


def other_types(data: bytes, type_: str) -> list[str]:
    """The types that the same bytes can be opened as, besides the one they begin with."""
    found = []
    zipped = type_.startswith(("application/zip", _OFFICE, _OPEN, "application/epub+zip"))
    if not zipped and b"PK\x05\x06" in data[-66_000:] and zipfile.is_zipfile(BytesIO(data)):
        found.append("application/zip")
    start = data.find(b"%PDF-", 1, 1_024)
    if type_ != "application/pdf" and start > 0 and b"startxref" in data and b" obj" in data:
        found.append("application/pdf")
    if type_.startswith("image/") and type_ != "image/svg+xml":
        edges = (data[:4_096] + data[-4_096:]).lower()
        if b"<script" in edges or b"<html" in edges:
            found.append("text/html")
        found += [kind for mark, kind in _ARCHIVES if data.find(mark, 8) > 0]
    return found
