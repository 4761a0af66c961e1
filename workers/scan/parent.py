"""The worker's side of a scan: starts the child, hears what it finds, and ends it in time."""

from __future__ import annotations

import logging
import os
import selectors
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from service.kernel.clock import ticks
from service.kernel.topics import Interrupted
from service.uploads.parts import Engine, Found, Part, Picture, Scan, ScanLimits, Unscanned
from workers.scan.clamd import ClamdError, ask_clamd
from workers.scan.nurseries import NURSERIES, Child, Nurseries
from workers.scan.wire import Line, Request, encode_text

log = logging.getLogger("moderation.scan")

_GRACE: Final = 5.0
"""Seconds beyond the scan's own, for the child's start and its last words."""
_STOPPING_GRACE: Final = 4.0
"""Seconds for a scan under way when its process is asked to end; a supervisor waits longer."""
_POLL: Final = 0.5
_CHUNK: Final = 256 * 1024
_UNKNOWN: Final = "application/octet-stream"
_TOLD_BYTES: Final = 16
"""A child that says more than this many bytes a code point of text has lost its way."""


class Hearing:
    """Puts together what a child says; what it leaves open is listed as unscanned."""

    def __init__(self, limits: ScanLimits) -> None:
        self._decoder = msgspec.json.Decoder(Line)
        self._rest = b""
        self._heard = 0
        self._most = limits.text * _TOLD_BYTES + limits.pieces * 4096
        self.begun = ""
        self.type = _UNKNOWN
        self.parts: list[Part] = []
        self.unscanned: list[Unscanned] = []
        self.found: list[Found] = []
        self.pictures: list[Picture] = []
        self.engine: Engine = "degraded"  # until the child says that all rules were asked
        self.done = False

    def hear(self, data: bytes) -> bool:
        """Take in some output; whether to go on listening."""
        self._heard += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        try:
            for line in lines:
                self.take(self._decoder.decode(line))
        except msgspec.DecodeError:
            return False
        return self._heard <= self._most

    def take(self, line: Line) -> None:
        """Take in one finding."""
        self.type = line.type or self.type
        self.begun = line.begun or self.begun
        self.engine = line.engine or self.engine
        self.done = self.done or line.done
        for value, values in (
            (line.part, self.parts),
            (line.unscanned, self.unscanned),
            (line.found, self.found),
            (line.picture, self.pictures),
        ):
            if value is not None:
                values.append(value)  # type: ignore[arg-type]

    def cut_short(self, why: str) -> None:
        """The child did not come to its end: what it was reading is not read."""
        self.unscanned.append(Unscanned(self.begun, why))

    def finish(self) -> Scan:
        """The scan, with each gap once."""
        gaps = tuple(dict.fromkeys(self.unscanned))
        return Scan(
            type=self.type,
            status="unscannable" if gaps else "scanned",
            parts=tuple(self.parts),
            unscanned=gaps,
            found=tuple(dict.fromkeys(self.found)),
            pictures=tuple(dict.fromkeys(self.pictures)),
            malware_engine=self.engine,
        )


def run_scan(
    path: Path,
    *,
    name: str,
    declared_type: str | None,
    limits: ScanLimits | None = None,
    rules_folder: Path | None = None,
    clamd: str | None = None,
    stopping: Callable[[], bool] = lambda: False,
    nurseries: Nurseries = NURSERIES,
) -> Scan:
    """Scan one file in a child of its own. Blocks for `limits.seconds` and a little at most.

    Never raises for what a file does: a child that dies, hangs, grows or says nonsense leaves
    `unscanned` behind, and with it the status `unscannable`. Raises OSError when the file cannot
    be read or no child started, which is no fault of the file: try again later.

    `rules_folder` holds yara-x rules beside the shipped ones; `clamd` is the address of a clamd to
    ask as well. Where one of them cannot be asked the rest goes on, and the engine is `degraded`.

    Once `stopping()` is true a scan has a few seconds left, then raises `Interrupted`.
    """
    limits = limits or ScanLimits()
    hearing = Hearing(limits)
    if path.stat().st_size > limits.piece_bytes:
        hearing.parts.append(Part("name", "name", encode_text(name)))
        hearing.begun = "file"
        hearing.cut_short("too_large")
        if clamd is not None:
            _ask_clamd(clamd, path, hearing)
        return hearing.finish()
    request = Request(name=encode_text(name), declared_type=declared_type, limits=limits)
    said = msgspec.json.encode(request) + b"\n" + path.read_bytes()
    ends = ticks() + limits.seconds + _GRACE
    with nurseries.child(rules_folder) as child:
        try:
            late = not _talk(child, said, hearing, ends, stopping)
        finally:
            code = child.end()
    if not hearing.begun:
        raise OSError(f"the scanning child ended with {code} before it read the file")
    if not hearing.done:
        hearing.cut_short("timeout" if late or code == -signal.SIGXCPU else "corrupt")
    if clamd is not None:
        _ask_clamd(clamd, path, hearing)
    return hearing.finish()


def _ask_clamd(address: str, path: Path, hearing: Hearing) -> None:
    try:
        name = ask_clamd(address, path)
    except ClamdError as error:
        log.warning("clamd gave no verdict", extra={"error": str(error)})
        hearing.engine = "degraded"
        return
    if name is not None:
        hearing.found.append(Found("file", "malware_rule", f"clamd: {name}"))
    if hearing.engine == "rules":
        hearing.engine = "rules+clamd"


def _talk(
    child: Child, data: bytes, hearing: Hearing, ends: float, stopping: Callable[[], bool]
) -> bool:
    """Give the child its file and hear it out; False when its time was up."""
    asked: float | None = None
    left = memoryview(data)
    os.set_blocking(child.stdin, False)
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        selector.register(child.stdin, selectors.EVENT_WRITE)
        while (seconds := ends - ticks()) > 0:
            if stopping():
                asked = asked or ticks()
                if ticks() - asked > _STOPPING_GRACE:
                    raise Interrupted
            for key, _ in selector.select(min(seconds, _POLL)):
                if key.fd == child.stdout:
                    heard = os.read(child.stdout, _CHUNK)
                    if not heard or not hearing.hear(heard):
                        return True
                    continue
                try:
                    left = left[os.write(child.stdin, left[:_CHUNK]) :]
                except BrokenPipeError:
                    left = left[:0]
                if not left:
                    selector.unregister(child.stdin)
                    child.close_input()
    return False
