"""Goes through a file and the files inside it, within the limits, and says all that it finds."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.parts import Found, Part, Picture, ScanLimits, Unscanned
from workers.scan.content_type import UNKNOWN, type_of
from workers.scan.suspicion import Opinions, look_at_name, look_at_type, other_types
from workers.scan.wire import Line, encode_text

WHOLE: Final = "file"
"""The name of the part that is the uploaded file as a whole."""
_LONGEST_NAME: Final = 120
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean_name(name: str) -> str:
    """A name as it may stand in a list: one line, nothing invisible, at most 120 characters."""
    shown = "".join("\ufffd" if unicodedata.category(c) in _UNSEEN else c for c in name[:1000])
    return shown if len(shown) <= _LONGEST_NAME else shown[: _LONGEST_NAME - 1] + "…"


class Walk:
    """One scan's way through a file: counts what it takes, and stops at each limit with a word."""

    def __init__(
        self,
        *,
        limits: ScanLimits,
        tell: Callable[[Line], None],
        extractors: Mapping[str, Extractor],
        match: Callable[[bytes], Sequence[str]],
        opinions: Opinions,
        ticks: Callable[[], float],
    ) -> None:
        self._limits = limits
        self._tell = tell
        self._extractors = extractors
        self._match = match
        self._opinions = opinions
        self._ticks = ticks
        self._ends = ticks() + limits.seconds
        self._pieces = 0
        self._bytes = 0
        self._text = 0

    def scan(self, data: bytes, *, name: str, declared: str | None) -> None:
        """The whole upload, and its name."""
        self._say_text(Part("name", "name", name))
        for found in look_at_name(name):
            self._tell(Line(found=found))
        type_ = self._begin(data, way="", name=name, hint=declared)
        self._tell(Line(type=type_))
        if not data:
            self._skip("", "empty")
            return
        for found in self._opinions.disagree(data, type_):
            self._say_found("", found)
        self._find(data, type_, way="", name=name, declared=declared)
        self._read(data, type_, way="", depth=0)

    def _begin(self, data: bytes, *, way: str, name: str, hint: str | None) -> str:
        """Say which piece comes; its type."""
        self._tell(Line(begun=way or WHOLE))
        type_ = type_of(data, name=name, hint=hint)
        if type_ != UNKNOWN or not data:
            return type_
        # The slow opinion is worth its time for the upload itself, not for a thousand entries.
        return self._opinions.signed(data) if way else self._opinions.of_unknown(data)

    def _find(
        self, data: bytes, type_: str, *, way: str, name: str, declared: str | None = None
    ) -> None:
        """The evidence that the bytes as a whole are."""
        for rule in self._match(data):
            self._say_found(way, Found("", "malware_rule", rule))
        for found in look_at_type(data, type_, name=name, declared=declared):
            self._say_found(way, found)

    def _read(self, data: bytes, type_: str, *, way: str, depth: int) -> None:
        """Everything that the extractor finds, and those of the other types that the bytes are."""
        self._extract(data, type_, way=way, depth=depth)
        for other in other_types(data, type_):
            self._say_found(way, Found("", "polyglot", f"{type_} and {other}"))
            self._extract(data, other, way=self._join(way, f"as {other}"), depth=depth)

    def _extract(self, data: bytes, type_: str, *, way: str, depth: int) -> None:
        extractor = self._extractors.get(type_)
        if extractor is None:
            self._skip(way, "unsupported")
            return
        try:
            self._take(extractor.read(data, self._limits), way=way, depth=depth)
        except Unreadable as error:
            self._skip(way, error.why)
        except MemoryError:
            self._skip(way, "too_large")
        except Exception:  # of a dozen libraries over hostile bytes: nothing but this is sure
            self._skip(way, "corrupt")

    def _take(self, pieces: Iterator[Piece], *, way: str, depth: int) -> None:
        for piece in pieces:
            if self._ticks() > self._ends:
                self._skip(way, "timeout")
                return
            if self._text >= self._limits.text:
                self._skip(way, "truncated")
                return
            match piece:
                case Part():
                    self._say_text(Part(self._join(way, piece.name), piece.kind, piece.text))
                case Unscanned():
                    self._skip(self._join(way, piece.part), piece.why)
                case Found():
                    self._say_found(way, piece)
                case Picture():
                    part = self._join(way, piece.part)
                    self._tell(Line(picture=Picture(part, piece.sha256, piece.phash)))
                case Inner() if not self._enter(piece, way=way, depth=depth):
                    return

    def _enter(self, piece: Inner, *, way: str, depth: int) -> bool:
        """A file inside the file; whether the scan may go on with the next one."""
        inside = self._join(way, piece.name)
        self._pieces += 1
        self._bytes += len(piece.data)
        if self._pieces > self._limits.pieces:
            self._skip(way, "too_many")
            return False
        if self._bytes > self._limits.total_bytes:
            self._skip(way, "too_large")
            return False
        self._say_text(Part(f"{inside}/name", "name", piece.name))
        for found in look_at_name(piece.name):
            self._tell(Line(found=Found(inside, found.kind, found.name)))
        type_ = self._begin(piece.data, way=inside, name=piece.name, hint=piece.hint)
        self._find(piece.data, type_, way=inside, name=piece.name)
        if depth >= self._limits.depth:
            self._skip(inside, "too_deep")
        elif piece.data:  # of an empty one the name is all there is
            self._read(piece.data, type_, way=inside, depth=depth + 1)
        return True

    def _say_text(self, part: Part) -> None:
        room = self._limits.text - self._text
        text = encode_text(part.text)
        if text.strip("\0 \t\r\n\f\v"):
            if room > 0:
                self._tell(Line(part=Part(part.name, part.kind, text[:room])))
            self._text += min(len(text), room)
            if len(text) > room:
                self._skip(part.name, "truncated")

    def _say_found(self, way: str, found: Found) -> None:
        part = self._join(way, found.part)
        self._tell(Line(found=Found(part, found.kind, found.name, found.label)))

    def _skip(self, part: str, why: str) -> None:
        self._tell(Line(unscanned=Unscanned(part or WHOLE, why)))

    def _join(self, way: str, name: str) -> str:
        name = clean_name(name)
        return f"{way}/{name}" if way and name else way or name or WHOLE
