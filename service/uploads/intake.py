"""Reads the two parts of an upload while they arrive: `meta` is kept, `file` is passed on.

The file is never held as a whole: its bytes go on as they come, counted and digested. Limits hold
whatever the headers say.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from service.kernel.problems import REQUEST_TIMEOUT, UNSUPPORTED_MEDIA_TYPE, Problem, invalid
from service.kernel.thin import Headers, receive_in_time, too_large
from service.uploads.arrivals import LONGEST
from service.uploads.model import MOST_META, MOST_NAME

MULTIPART: Final = b"multipart/form-data"
OVERHEAD: Final = MOST_META + 16 * 1024
"""Bytes of a body besides those of the file."""

_MOST_TYPE: Final = 128
_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


def read_boundary(headers: Headers) -> bytes:
    """What parts the body; raises 415 unless it is declared as a form with files, uncompressed."""
    kind, parameters = parse_options_header(headers.get(b"content-type", b"").decode("latin-1"))
    boundary = parameters.get(b"boundary", b"")
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if kind != MULTIPART or not boundary or len(boundary) > 70 or encoding != b"identity":
        raise Problem(
            UNSUPPORTED_MEDIA_TYPE,
            "Content-Type: send multipart/form-data with a boundary, uncompressed",
        )
    return boundary


class Incoming:
    """One upload on its way in. `file` is read to its end first; the rest is known then.

    `name` is the file's, `declared_type` the media type that it was sent with, `meta` the bytes of
    that part, None when there was none. `size` counts the file's bytes.
    """

    def __init__(
        self,
        receive: Receive,
        boundary: bytes,
        *,
        most_bytes: int,
        check_meta: Callable[[bytes], object],
        ticks: Callable[[], float],
    ) -> None:
        """`check_meta` is called as soon as `meta` is there, and raises for what is refused."""
        self.name = ""
        self.declared_type: str | None = None
        self.meta: bytes | None = None
        self.size = 0
        self.has_file = False
        self._receive = receive
        self._most_bytes = most_bytes
        self._check_meta = check_meta
        self._ticks = ticks
        self._digest = sha256()
        self._waiting: deque[bytes] = deque()
        self._headers: dict[bytes, bytes] = {}
        self._field = b""
        self._value = b""
        self._part = ""
        self._collected: list[bytes] = []
        self._collected_bytes = 0
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_part_data": self._take_data,
                    "on_part_end": self._end_part,
                    "on_header_field": self._take_field,
                    "on_header_value": self._take_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_end": self._end,
                },
            )
        except FormParserError:
            raise Problem(UNSUPPORTED_MEDIA_TYPE, "Content-Type: no such boundary") from None

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file's bytes, as hexadecimal digits."""
        return self._digest.hexdigest()

    async def file(self) -> AsyncIterator[bytes]:
        """The bytes of the part `file`, until the whole body was read.

        Raises `Problem`: 413, 408 when the body does not go on, 422 for parts that are none of
        ours, and `ClientDisconnect`.
        """
        whole, more = 0, True
        ends = self._ticks() + LONGEST.total_seconds()
        while more:
            if self._ticks() > ends:
                raise Problem(REQUEST_TIMEOUT, "body: came too slowly; send it again")
            message = await receive_in_time(self._receive)
            if message["type"] != "http.request":
                raise ClientDisconnect
            chunk: bytes = message.get("body", b"")
            more = bool(message.get("more_body"))
            whole += len(chunk)
            if whole > self._most_bytes + OVERHEAD:
                raise too_large(self._most_bytes)
            if self._ended:  # what follows the last boundary counts for nothing
                continue
            try:
                self._parser.write(chunk)
            except FormParserError:
                raise invalid("", "malformed_form", "body: not multipart/form-data") from None
            while self._waiting:
                yield self._waiting.popleft()
        if not self._ended:
            raise invalid("", "malformed_form", "body: ends before its last boundary")
        if not self.has_file:
            raise invalid("/file", "missing", "file: send the file as a part of this name")

    # --- what the parser calls -------------------------------------------------------------------

    def _begin_part(self) -> None:
        self._headers = {}
        self._part = ""
        self._collected, self._collected_bytes = [], 0

    def _take_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _take_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field = self._value = b""

    def _end_headers(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"").decode("latin-1")
        kind, options = parse_options_header(disposition)
        part = options.get(b"name", b"") if kind == b"form-data" else b""
        if part == b"file" and not self.has_file:
            self.has_file = True
            self._part = "file"
            self.name = read_name(options.get(b"filename", b""))
            self.declared_type = _read_type(self._headers.get(b"content-type", b""))
        elif part == b"meta" and self.meta is None:
            self._part = "meta"
        elif part in (b"file", b"meta"):
            raise invalid(f"/{part.decode()}", "repeated", f"{part.decode()}: send it once")
        else:
            raise invalid("", "unknown_field", "body: a part that is neither `file` nor `meta`")

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        if self._part == "file":
            self.size += len(piece)
            if self.size > self._most_bytes:
                raise too_large(self._most_bytes)
            self._digest.update(piece)
            self._waiting.append(piece)
            return
        self._collected_bytes += len(piece)
        if self._collected_bytes > MOST_META:
            raise invalid("/meta", "too_long", f"meta: at most {MOST_META} bytes")
        self._collected.append(piece)

    def _end_part(self) -> None:
        if self._part == "meta":
            self.meta = b"".join(self._collected)
            self._check_meta(self.meta)

    def _end(self) -> None:
        self._ended = True


def read_name(raw: bytes) -> str:
    """What somebody called a file: UTF-8, at most `MOST_NAME` code points, without NUL.

    Nothing else is taken out: paths, line breaks, percent codes and directions of writing are
    text, which is judged and never used as a name of ours.
    """
    return raw.decode("utf-8", "replace").replace("\0", "\ufffd")[:MOST_NAME]


def _read_type(raw: bytes) -> str | None:
    declared = raw.partition(b";")[0].strip().decode("latin-1").lower()
    if len(declared) > _MOST_TYPE or not _TYPE.fullmatch(declared):
        return None
    return declared
