"""`rtf`: Rich Text Format: the text of every group, hidden ones too, and what is embedded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.extractors._strings import runs
from service.uploads.parts import Part, ScanLimits, Unscanned

_TOKEN: Final = re.compile(
    rb"\\(?:'(?P<hex>[0-9a-fA-F]{2})|(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?"
    rb"|(?P<symbol>[^a-zA-Z']))|(?P<brace>[{}])|(?P<text>[^\\{}]+)",
    re.S,
)
_ASIDE: Final = frozenset({b"fonttbl", b"colortbl", b"stylesheet", b"generator", b"info"})
_DATA: Final = frozenset({b"pict", b"objdata", b"datastore", b"themedata", b"blipuid"})
_BREAKS: Final = {b"par", b"line", b"row", b"sect", b"page"}
_MARKS: Final = {
    b"tab": "\t",
    b"cell": "\t",
    b"emdash": "—",
    b"endash": "–",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"bullet": "•",
}
_SYMBOLS: Final = {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n"}
_CHARSETS: Final = {0: "cp1252", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5"}
_DEEPEST: Final = 200


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds inside one pair of braces."""

    stream: str = "shown"
    skip: int = 1  # characters after \u that stand in for it
    hidden: bool = False
    deleted: bool = False
    encoding: str = ""


@dataclass(slots=True)
class _Reading:
    """The way through one document."""

    codepage: str = "cp1252"
    group: _Group = _Group()
    stack: list[_Group] = field(default_factory=list)
    streams: dict[str, list[str]] = field(default_factory=dict)
    pending: bytearray = field(default_factory=bytearray)
    skipping: int = 0
    wide: str = ""
    data: list[bytearray] = field(default_factory=list)
    fonts: dict[int, str] = field(default_factory=dict)
    font: int = 0

    def put(self, text: str) -> None:
        self.flush()
        group = self.group
        stream = "deleted" if group.deleted else "hidden" if group.hidden else group.stream
        self.streams.setdefault(stream, []).append(text)

    def flush(self) -> None:
        if self.pending:
            text = self.pending.decode(self.group.encoding or self.codepage, "replace")
            self.pending = bytearray()
            self.put(text)

    def byte(self, data: bytes) -> None:
        if self.skipping:
            self.skipping -= 1
        else:
            self.pending += data

    def plain(self, data: bytes) -> None:
        data = data.replace(b"\r", b"").replace(b"\n", b"")
        if self.group.stream == "data":
            if self.data:
                self.data[-1] += data
            return
        cut = min(self.skipping, len(data))
        self.skipping -= cut
        self.pending += data[cut:]

    def word(self, word: bytes, number: int | None) -> None:
        group = self.group
        if word == b"u" and number is not None:
            self.flush()
            self.wide += chr(number & 0xFFFF)
            if not "\ud800" <= self.wide[-1] <= "\udbff":
                self.put(
                    self.wide.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
                )
                self.wide = ""
            self.skipping = group.skip
            return
        self.flush()
        if word == b"uc":
            self.group = replace(group, skip=max(0, min(number or 0, 16)))
        elif word == b"ansicpg" and number:
            self.codepage = "gb18030" if number == 936 else f"cp{number}"
            _ = b"".decode(self.codepage)
        elif word == b"f":
            self.font = number or 0
            self.group = replace(group, encoding=self.fonts.get(self.font, ""))
        elif word == b"fcharset" and number in _CHARSETS:
            self.fonts[self.font] = _CHARSETS[number]
            self.group = replace(group, encoding=_CHARSETS[number])
        elif word == b"v":
            self.group = replace(group, hidden=number != 0)
        elif word == b"deleted":
            self.group = replace(group, deleted=number != 0)
        elif word == b"plain":
            self.group = replace(group, hidden=False, encoding="")
        elif word in _ASIDE:
            self.group = replace(group, stream="properties")
        elif word in _DATA:
            self.group = replace(group, stream="data")
            self.data.append(bytearray())
        elif word == b"bin":
            raise Unreadable("unsupported")
        elif word in _BREAKS:
            self.put("\n")
        elif word in _MARKS:
            self.put(_MARKS[word])

    def brace(self, opens: bool) -> None:
        self.flush()
        self.skipping = 0
        if opens:
            if len(self.stack) >= _DEEPEST:
                raise Unreadable("too_deep")
            self.stack.append(self.group)
        elif self.stack:
            inner, self.group = self.group, self.stack.pop()
            if inner.stream != self.group.stream and inner.stream != "data":
                self.streams.setdefault(inner.stream, []).append("\n")


def read(data: bytes, _limits: ScanLimits) -> Iterator[Piece]:
    """Shown text, then hidden and deleted runs, properties, and embedded objects by content."""
    reading = _Reading()
    trouble = None
    try:
        for token in _TOKEN.finditer(data):
            if token["hex"]:
                reading.byte(bytes.fromhex(token["hex"].decode("ascii")))
            elif token["word"]:
                reading.word(token["word"], int(token["number"]) if token["number"] else None)
            elif token["brace"]:
                reading.brace(token["brace"] == b"{")
            elif token["symbol"]:
                reading.put(_SYMBOLS.get(token["symbol"], ""))
            else:
                reading.plain(token["text"])
    except (Unreadable, LookupError) as error:
        trouble = error.why if isinstance(error, Unreadable) else "unsupported"
    reading.flush()
    for stream, texts in reading.streams.items():
        yield Part("" if stream == "shown" else stream, "text", "".join(texts))
    for number, digits in enumerate(reading.data, start=1):
        content = bytes.fromhex(
            re.sub(rb"[^0-9a-fA-F]", b"", digits).decode("ascii")[: len(digits) // 2 * 2]
        )
        if content:
            yield from _object(f"object {number}", content)
    if trouble:
        yield Part("rest", "text", "\n".join(runs(data)))
        yield Unscanned("", trouble)
    elif reading.stack:
        yield Unscanned("end", "truncated")


def _object(name: str, content: bytes) -> Iterator[Piece]:
    """A picture as it is; of an OLE object what follows its header, when that is a known file."""
    for mark in (b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"%PDF-"):
        start = content.find(mark, 0, 512)
        if start >= 0:
            content = content[start:]
            break
    yield Inner(name, content)


EXTRACTOR = Extractor("rtf", ("application/rtf", "text/rtf"), read)
